import { deviceKey, isActive, problem } from '../../model/index.js';
import type {
  Desired,
  DesiredHost,
  DesiredMachine,
  Host,
  Machine,
  MigrationPolicy,
  Move,
  PciDevice,
  Plan,
  Problem,
  Step,
  World,
} from '../../model/index.js';
import { orderOf } from './order.js';
import type { Order } from './order.js';
import type { StepGraph } from './graph.js';

/** A move with its steps. All numbers are those of the graph. */
export interface Act {
  readonly move: Move;
  readonly steps: readonly number[];
  /** Steps that wait for no other of the move: what the move takes, it takes from here on. */
  readonly begin: readonly number[];
  /** Steps that no other of the move waits for: what the move gives up is free when all of them are done. */
  readonly end: readonly number[];
}

/** A machine on a host, from the beginning of the act that brings it to the end of the act that takes it away. */
export interface Stay {
  readonly machine: string;
  readonly host: string;
  /** Null: it is there from the start. */
  readonly arrival: Act | null;
  /** Null: it is there at the end. */
  readonly departure: Act | null;
}

/** All that the checks look at: the plan retold as acts and stays, and look-ups by name. */
export interface Story {
  readonly plan: Plan;
  readonly desired: Desired;
  readonly world: World;
  readonly graph: StepGraph;
  readonly order: Order;
  readonly acts: readonly Act[];
  readonly stays: readonly Stay[];
  readonly hosts: ReadonlyMap<string, Host>;
  readonly desiredHosts: ReadonlyMap<string, DesiredHost>;
  readonly desiredMachines: ReadonlyMap<string, DesiredMachine>;
  /** Active and incoming copies by machine. */
  readonly copies: ReadonlyMap<string, readonly Machine[]>;
  readonly devices: ReadonlyMap<string, PciDevice>;
}

export function tell(plan: Plan, desired: Desired, world: World, graph: StepGraph): Story {
  const acts = actsOf(plan, graph);
  const marks = acts.flatMap((act) => [...act.begin, ...act.end, ...deviceSteps(act, graph)]);
  const copies = world.machines.filter(present);
  return {
    plan,
    desired,
    world,
    graph,
    order: orderOf(graph, marks),
    acts,
    stays: staysOf(acts, copies),
    hosts: new Map(world.hosts.map((host) => [host.name, host])),
    desiredHosts: new Map(desired.hosts.map((host) => [host.name, host])),
    desiredMachines: new Map(desired.machines.map((machine) => [machine.name, machine])),
    copies: groupBy(copies, (machine) => machine.name),
    devices: new Map(
      world.hosts.flatMap((host) =>
        host.devices.map((device) => [deviceKey({ host: host.name, device: device.bdf }), device]),
      ),
    ),
  };
}

/** True when all of `earlier` is done before anything of `later` may begin. */
export function actBefore(story: Story, earlier: Act, later: Act): boolean {
  return later.begin.every((step) => earlier.end.every((last) => story.order.before(last, step)));
}

/** True when `later` cannot begin unless `earlier` has begun. */
function beginsBefore(story: Story, earlier: Act, later: Act): boolean {
  return later.begin.every((step) => earlier.begin.some((first) => story.order.before(first, step)));
}

/** The stays that may share the moment at which `act` begins, its own arrival included; where two may meet, they count. */
export function staysAt(story: Story, act: Act, candidates: readonly Stay[]): readonly Stay[] {
  return candidates.filter((stay) => {
    if (stay.arrival === act) return true;
    if (stay.departure !== null && stay.departure !== act && actBefore(story, stay.departure, act)) return false;
    return stay.arrival === null || !beginsBefore(story, act, stay.arrival);
  });
}

export function stepOf(story: Story, number: number): Step {
  const step = story.graph.steps[number];
  if (step === undefined) throw new RangeError(`step ${number} of ${story.graph.steps.length}`);
  return step;
}

/** The migration policy of the act's machine; undefined when machine or policy is not written. */
export function policyOf(story: Story, { move }: Act): MigrationPolicy | undefined {
  const name = story.desiredMachines.get(move.machine)?.migrationPolicy;
  return story.desired.migrationPolicies.find((policy) => policy.name === name);
}

/** The entries by key, in their order. */
export function groupBy<T>(entries: readonly T[], keyOf: (entry: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const entry of entries) {
    const group = groups.get(keyOf(entry));
    if (group === undefined) groups.set(keyOf(entry), [entry]);
    else group.push(entry);
  }
  return groups;
}

/** A violation found in one move. */
export function violation(code: string, move: Move, message: string): Problem {
  return problem({ code, message: `move ${move.id}: ${message}` });
}

function present(machine: Machine): boolean {
  return isActive(machine) || machine.state === 'incoming';
}

function actsOf(plan: Plan, graph: StepGraph): readonly Act[] {
  const byMove = new Map<string, number[]>(plan.moves.map((move) => [move.id, []]));
  for (const [number, step] of graph.steps.entries()) byMove.get(step.move)?.push(number);
  return plan.moves.map((move) => {
    const steps = byMove.get(move.id) ?? [];
    const own = new Set(steps);
    const awaited = new Set(steps.flatMap((number) => graph.waitsFor[number] ?? []));
    return {
      move,
      steps,
      begin: steps.filter((number) => !(graph.waitsFor[number] ?? []).some((earlier) => own.has(earlier))),
      end: steps.filter((number) => !awaited.has(number)),
    };
  });
}

function deviceSteps(act: Act, graph: StepGraph): readonly number[] {
  return act.steps.filter((number) => ['reserve', 'release'].includes(graph.steps[number]?.kind ?? ''));
}

/** The moves of one machine follow each other by their numbers; `sequence.ts` checks that they really do. */
function staysOf(acts: readonly Act[], machines: readonly Machine[]): readonly Stay[] {
  const journeys = groupBy(acts, (act) => act.move.machine);
  const stays: Stay[] = [];
  for (const machine of machines) {
    const departure = journeys.get(machine.name)?.find((act) => act.move.from === machine.host) ?? null;
    stays.push({ machine: machine.name, host: machine.host, arrival: null, departure });
  }
  for (const journey of journeys.values()) {
    for (const [index, act] of journey.entries()) {
      stays.push({ machine: act.move.machine, host: act.move.to, arrival: act, departure: journey[index + 1] ?? null });
    }
  }
  return stays;
}

/** Names of the port profiles that the switch showed for a claim on the port that it leaves. */
export function shownProfiles(story: Story, move: Move, claim: string): readonly string[] {
  const device = move.assignments.find((assignment) => assignment.claim === claim)?.from ?? '';
  const vf = story.devices.get(`${move.from ?? ''}/${device}`)?.function;
  if (vf?.kind !== 'vf') return [];
  const parent = story.devices.get(`${move.from ?? ''}/${vf.parent}`)?.function;
  return story.world.switchPorts.flatMap(({ host, netdev, profiles }) => {
    if (host !== move.from || parent?.kind !== 'pf' || netdev !== parent.netdev) return [];
    return profiles.flatMap((one) => (one.machine === move.machine && one.claim === claim ? [one.profile] : []));
  });
}
