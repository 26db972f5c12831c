import { NO_OBJECTIVES } from '../engine/instance.js';
import type { Instance, Rule } from '../engine/instance.js';
import { schedule } from '../engine/schedule/index.js';
import type { Problem } from '../engine/schedule/index.js';
import type { Occupancy } from '../occupancy.js';
import { needsOf, placeAt } from '../pack/frame.js';
import type { Frame } from '../pack/frame.js';
import { demandOf } from '../placement.js';
import type { Placement } from '../placement.js';
import type { Wish } from '../select/wish.js';
import type { View } from '../view.js';
import { limitsOf, mibpsOf, rateOf } from './limits.js';

/** Whose move starts next. */
export interface Turn {
  readonly wish: Wish;
  /** Host on which the machine steps aside; null: it goes where it shall be. */
  readonly aside: string | null;
}

/** A plan whose machines step aside though they need not has to be this part shorter. */
const WORTH = 0.25;
/** Moves that all passes of the scheduler together put in time. */
const EFFORT = 3000;

/**
 * The order in which the moves start when their durations and all limits are counted in: the busiest host first, and machines that
 * step aside in time. Devices count by who has those that another wants. What a hop really needs is settled by who asks: this order is
 * advice.
 */
export function turnsOf(view: View, now: Occupancy, wishes: readonly Wish[]): readonly Turn[] {
  if (wishes.length < 2) return wishes.map((wish) => ({ wish, aside: null }));
  const problem = problemOf(view, now, wishes);
  const { runs } = schedule(problem, { seed: 1, effort: EFFORT, worth: WORTH });
  const inOrder = runs.toSorted((a, b) => a.start - b.start || a.machine - b.machine);
  return inOrder.flatMap(({ machine, to, bypass }): readonly Turn[] => {
    const wish = wishes[machine];
    const host = now.frame.hosts[now.frame.hostOf[to] ?? -1] ?? null;
    return wish === undefined ? [] : [{ wish, aside: bypass ? host : null }];
  });
}

function problemOf(view: View, now: Occupancy, wishes: readonly Wish[]): Problem {
  const { frame } = now;
  const { places, hostOf, capacity } = frame;
  const resources = frame.resources.length;
  const base = now.use.slice();
  const team = teamOf(now, wishes);
  const machines = wishes.length + team.resting.length;
  const demand = new Float64Array(machines * resources);
  const origin = new Int32Array(machines);
  const target = new Int32Array(machines);
  wishes.forEach(({ machine, source, target: { placement } }, index) => {
    const needs = needsOf(frame, demandOf(machine));
    needs.resources.forEach((resource, i) => (demand[index * resources + resource] = needs.amounts[i] ?? 0));
    origin[index] = source === null ? -1 : placeOf(frame, source);
    target[index] = placeOf(frame, placement);
    for (const place of levelsOf(frame, origin[index] ?? -1)) {
      for (let r = 0; r < resources; r++) {
        const at = place * resources + r;
        base[at] = (base[at] ?? 0) - (demand[index * resources + r] ?? 0);
      }
    }
  });
  team.resting.forEach((host, index) => {
    origin[wishes.length + index] = host;
    target[wishes.length + index] = host;
  });
  const topologies = ['host', 'accessGroup', 'zone'] as const;
  const instance: Instance = {
    hosts: frame.hosts.length,
    places,
    machines,
    resources,
    hostOf,
    origin,
    fixed: new Uint8Array(machines),
    demand,
    capacity,
    base,
    transient: new Uint8Array(resources).fill(1),
    unary: { classOf: new Int32Array(machines), cost: closedPlaces(frame), staying: new Float64Array(machines) },
    rules: team.rules,
    domains: topologies.map((topology) => {
      const { of, written } = frame.units[topology];
      return { of: of.map((unit) => (unit < written ? unit : -1)), count: written };
    }),
    objectives: NO_OBJECTIVES,
  };
  return {
    instance,
    target,
    seconds: Float64Array.from({ length: machines }, (_, index) =>
      Math.max(0.1, wishes[index]?.target.estimate.seconds ?? 0),
    ),
    limits: limitsIn(view, frame, wishes, machines),
    budgets: view.desired.disruptionBudgets.map(({ machines: members, maxMoving }) => ({
      members: Int32Array.from(wishes.keys()).filter((index) => isIn(wishes[index], members)),
      most: maxMoving,
    })),
    yielding: null,
  };
}

function isIn(wish: Wish | undefined, machines: readonly string[]): boolean {
  return wish !== undefined && wish.source !== null && machines.includes(wish.machine.name);
}

function placeOf(frame: Frame, { host, cell }: Pick<Placement, 'host' | 'cell'>): number {
  const found = frame.hostAt.get(host);
  return found === undefined ? -1 : placeAt(frame, found, cell);
}

function levelsOf({ hostOf }: Frame, place: number): readonly number[] {
  return place < 0 ? [] : [...new Set([place, hostOf[place] ?? place])];
}

/** Places that take in nobody, whoever it is. */
function closedPlaces({ hostOf, views }: Frame): Float64Array {
  return Float64Array.from(hostOf, (host) => {
    const found = views[host];
    return found?.observed?.state === 'up' && found.desired.maintenance === 'none' ? 0 : Infinity;
  });
}

interface Team {
  /** Members of rules that stay where they are: their hosts. */
  readonly resting: readonly number[];
  readonly rules: readonly Rule[];
}

/** The rules that moves have to keep, and pairs of moves of which one takes a device of the other. */
function teamOf(now: Occupancy, wishes: readonly Wish[]): Team {
  const { frame } = now;
  const numbers = new Map(wishes.map(({ machine }, index) => [machine.name, index]));
  const resting: number[] = [];
  const domain = { host: 0, accessGroup: 1, zone: 2 };
  const rules = [...new Set(wishes.flatMap(({ machine }) => machine.rules))].flatMap((rule): readonly Rule[] => {
    if (rule.kind !== 'anti-affinity' && rule.kind !== 'spread') return [];
    const members = rule.machines.flatMap((name) => {
      const number = numbers.get(name);
      if (number !== undefined) return [number];
      return now.hostsOf(name).map((host) => wishes.length + resting.push(frame.hostAt.get(host) ?? -1) - 1);
    });
    const shared = { members: Int32Array.from(members), domain: domain[rule.topology] };
    return [
      rule.kind === 'spread' ? { kind: 'skew', most: rule.maxSkew, ...shared } : { kind: 'apart', most: 1, ...shared },
    ];
  });
  const pairs = new Map<string, Rule>();
  wishes.forEach(({ target: { placement } }, index) => {
    for (const device of placement.devices.flatMap(({ group }) => group)) {
      const owner = numbers.get(now.owner(placement.host, device) ?? '') ?? index;
      const members = Int32Array.of(owner, index);
      if (owner !== index) pairs.set(members.join(), { kind: 'apart', most: 1, members, domain: 0 });
    }
  });
  return { resting, rules: [...rules, ...pairs.values()] };
}

function limitsIn(view: View, frame: Frame, wishes: readonly Wish[], machines: number): Problem['limits'] {
  const limits = limitsOf(
    view.desired,
    wishes.map(({ machine }) => machine.policy.limits),
  );
  const groups = [...view.groups.values()];
  const perHost = (most: number) => new Float64Array(frame.hosts.length).fill(most);
  return {
    into: perHost(Infinity),
    outOf: perHost(Infinity),
    touching: perHost(limits.perHost),
    cluster: limits.perCluster,
    links: [
      {
        of: Int32Array.from(frame.hosts, (name) =>
          groups.findIndex((group) => group.name === view.hosts.get(name)?.desired.accessGroup),
        ),
        moves: new Float64Array(groups.length).fill(limits.perGroup),
        mibps: Float64Array.from(groups, ({ uplinkMbps }) => mibpsOf(uplinkMbps)),
        rate: Float64Array.from({ length: machines }, (_, index) => {
          const { bytes, seconds } = wishes[index]?.target.estimate ?? { bytes: 0, seconds: 1 };
          return rateOf(bytes, seconds);
        }),
      },
    ],
  };
}
