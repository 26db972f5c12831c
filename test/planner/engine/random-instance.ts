import type { Domain, Instance, Rule } from '../../../src/planner/engine/instance.js';
import { Random } from '../../../src/planner/engine/random.js';

/** A small instance with every part and every kind of rule, each there or not; the same for the same seed. `parts` leaves some out. */
export function randomInstance(seed: number, { roomy = 0.5 } = {}): Instance {
  const random = new Random(seed);
  const chance = (share: number) => random.fraction() < share;
  const hosts = 1 + random.below(6);
  const cellsOf = Array.from({ length: hosts }, () => (seed % 3 === 0 ? random.below(3) : 0));
  const hostOf = Int32Array.from([
    ...cellsOf.keys(),
    ...cellsOf.flatMap((cells, host) => Array.from({ length: cells }, () => host)),
  ]);
  const places = hostOf.length;
  const machines = random.below(13);
  const resources = 1 + random.below(4);
  const whole = chance(0.5);
  const amount = (most: number) => (whole ? random.below(most + 1) : random.fraction() * most);
  const table = (rows: number, columns: number, make: () => number) =>
    Float64Array.from({ length: rows * columns }, make);
  const indices = (count: number, most: number) => Int32Array.from({ length: count }, () => random.below(most));
  const some = (count: number, share: number) => Uint8Array.from({ length: count }, () => (chance(share) ? 1 : 0));
  const domains = Array.from({ length: 3 }, (): Domain => {
    const count = 1 + random.below(4);
    return {
      count,
      of: Int32Array.from({ length: places }, () => random.below(count + 1) - (chance(0.2) ? 1 : 0)).map((u) =>
        Math.min(u, count - 1),
      ),
    };
  });
  // So many units that some rules are kept in bits.
  domains.push({ count: 300, of: hostOf.map((host) => 7 * host) });
  const members = () =>
    Int32Array.from(Array.from({ length: machines }, (_, machine) => machine).filter(() => chance(0.5)));
  const rule = (): Rule => {
    const domain = random.below(domains.length);
    switch (random.below(8)) {
      case 0:
        return { kind: 'apart', members: members(), domain, most: 1 + random.below(2) };
      case 1:
        return { kind: 'apart', members: members(), domain: 3, most: 1 };
      case 2:
        return { kind: 'atLeast', members: members(), domain, least: random.below(4) };
      case 3:
        return { kind: 'skew', members: members(), domain: random.below(3), most: 1 + random.below(2) };
      case 4:
        return { kind: 'together', members: members(), domain };
      case 5: {
        const own = members();
        return { kind: 'separate', members: own, labels: indices(own.length, 3), domain };
      }
      case 6: {
        const own = members();
        const most = table(domains[domain]?.count ?? 0, 1, () => amount(20));
        return { kind: 'budget', members: own, amounts: table(own.length, 1, () => amount(8)), domain, most };
      }
      default:
        return { kind: 'follow', members: members(), leaders: members(), domain };
    }
  };
  const origin = Int32Array.from({ length: machines }, () => (chance(0.15) ? -1 : random.below(places)));
  const classes = 1 + random.below(3);
  const groups = 1 + random.below(3);
  const crossing = random.below(3);
  const crossed = domains[crossing]?.count ?? 0;
  return {
    hosts,
    places,
    machines,
    resources,
    hostOf,
    origin,
    fixed: some(machines, 0.1),
    demand: table(machines, resources, () => amount(8)),
    capacity: table(places, resources, () => (chance(0.1) && chance(roomy) ? 1000 : amount(20 + 60 * roomy))),
    base: table(places, resources, () => (chance(0.3) ? amount(3) : 0)),
    transient: some(resources, 0.4),
    unary: chance(0.5)
      ? {
          classOf: indices(machines, classes),
          cost: table(classes, places, () => (chance(0.1) ? Infinity : amount(5))),
          staying: table(machines, 1, () => amount(2)),
        }
      : null,
    rules: Array.from({ length: random.below(4) }, rule),
    domains,
    objectives: {
      excess: chance(0.7)
        ? { soft: table(hosts, resources, () => amount(15)), weight: table(hosts, resources, () => amount(10)) }
        : null,
      balance: Array.from({ length: random.below(3) }, () => ({
        first: random.below(resources),
        second: random.below(resources),
        target: amount(3),
        weight: amount(5),
      })),
      deviation: Array.from({ length: random.below(3) }, () => ({
        resource: random.below(resources),
        offset: table(hosts, 1, () => amount(3)),
        scale: table(hosts, 1, () => amount(4)),
        weight: amount(5),
        hosts: some(hosts, 0.8),
      })),
      quadratic: Array.from({ length: random.below(3) }, () => ({
        resource: random.below(resources),
        scale: table(hosts, 1, () => amount(2)),
        weight: amount(2),
      })),
      company: Array.from({ length: random.below(3) }, () => ({
        members: members(),
        domain: random.below(domains.length),
        weight: amount(6),
      })),
      moved: chance(0.6) ? table(machines, 1, () => amount(4)) : null,
      movedTogether: chance(0.6)
        ? { groupOf: indices(machines, groups + 1).map((group) => group - 1), groups, weight: amount(6) }
        : null,
      crossing: chance(0.6)
        ? { domain: crossing, table: table(crossed, crossed, () => amount(4)), weight: amount(2) }
        : null,
      opened: chance(0.5) ? table(hosts, 1, () => amount(9)) : null,
      slots: Array.from({ length: random.below(3) }, () => ({
        size: table(resources, 1, () => (chance(0.6) ? amount(4) : 0)),
        weight: amount(5),
        places: some(places, 0.7),
      })),
      unplaced: chance(0.7) ? table(machines, 1, () => 50 + amount(50)) : null,
    },
  };
}
