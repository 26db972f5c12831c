import { NO_OBJECTIVES } from '../../../../src/planner/engine/instance.js';
import type { Instance, Rule } from '../../../../src/planner/engine/instance.js';
import { violationsOf } from '../../../../src/planner/engine/evaluate.js';
import { Random } from '../../../../src/planner/engine/random.js';
import type { Problem } from '../../../../src/planner/engine/schedule/index.js';

/** Few hosts, some with two cells, quite full; rules that hold at both ends of the schedule; limits of all kinds. */
export function randomProblem(seed: number): Problem {
  const random = new Random(seed);
  const hosts = 2 + random.below(4);
  const cells = random.below(2) * 2;
  const places = hosts * (1 + cells);
  const resources = 1 + random.below(2);
  const machines = 1 + random.below(14);
  const hostOf = Int32Array.from({ length: places }, (_, place) =>
    place < hosts ? place : Math.floor((place - hosts) / 2),
  );
  const unitOf = Int32Array.from(hostOf, (host) => host % 2);
  const demand = Float64Array.from({ length: machines * resources }, () => 2 ** random.below(4));
  const room = Math.ceil(
    (demand.reduce((a, b) => a + b, 0) / resources / hosts) * (1 + random.fraction() * 0.8) + 4 * random.fraction(),
  );
  const members = () => Int32Array.from([...Array(machines).keys()].filter(() => random.below(3) === 0));
  const rules: Rule[] = [];
  if (random.below(2) === 0) rules.push({ kind: 'apart', members: members(), domain: 0, most: 1 + random.below(2) });
  if (random.below(3) === 0) rules.push({ kind: 'skew', members: members(), domain: 1, most: 1 });
  const bare: Instance = {
    hosts,
    places,
    machines,
    resources,
    hostOf,
    origin: new Int32Array(machines).fill(-1),
    fixed: new Uint8Array(machines),
    demand,
    capacity: Float64Array.from({ length: places * resources }, (_, index) =>
      index < hosts * resources ? room : Math.ceil(room / 2),
    ),
    base: new Float64Array(places * resources),
    transient: new Uint8Array(resources).fill(1),
    unary: null,
    rules,
    domains: [
      { of: hostOf, count: hosts },
      { of: unitOf, count: 2 },
    ],
    objectives: NO_OBJECTIVES,
  };
  const origin = filled(bare, random, bare.origin);
  const target = filled(bare, random, origin);
  const link = (moves: number, mibps: number) => ({
    of: Int32Array.from({ length: hosts }, (_, host) => (host === 3 ? -1 : host % 2)),
    moves: new Float64Array(2).fill(moves),
    mibps: new Float64Array(2).fill(mibps),
    rate: Float64Array.from({ length: machines }, () => 100 * (1 + random.below(3))),
  });
  const some = (most: number) => (random.below(2) === 0 ? Infinity : 1 + random.below(most));
  const perHost = (most: number) => new Float64Array(hosts).fill(most);
  return {
    instance: { ...bare, origin },
    target,
    seconds: Float64Array.from({ length: machines }, () => 1 + random.below(9)),
    limits: {
      into: perHost(some(2)),
      outOf: perHost(some(2)),
      touching: perHost(some(3)),
      cluster: some(4),
      links: random.below(2) === 0 ? [] : [link(some(3), random.below(2) === 0 ? Infinity : 250)],
    },
    budgets: random.below(2) === 0 ? [] : [{ members: members(), most: 1 + random.below(2) }],
    yielding: null,
  };
}

/** Machines put somewhere by chance where nothing is broken by it; those that find no place run nowhere (or stay where `from` has them). */
function filled(bare: Instance, random: Random, from: Int32Array): Int32Array {
  const assignment = new Int32Array(bare.machines).fill(-1);
  for (let machine = 0; machine < bare.machines; machine++) {
    for (let attempt = 0; attempt < 8; attempt++) {
      assignment[machine] = random.below(bare.places);
      if (violationsOf({ ...bare, origin: assignment }, assignment).length === 0) break;
      assignment[machine] = -1;
    }
  }
  const complete = assignment.every((place, machine) => place >= 0 || (from[machine] ?? -1) < 0);
  if (complete && violationsOf({ ...bare, origin: assignment }, assignment).length === 0) return assignment;
  return from.every((place) => place < 0) ? new Int32Array(bare.machines).fill(-1) : from.slice();
}
