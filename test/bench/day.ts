import type { Desired, LoadPolicy, World } from '../../src/model/index.js';
import { plan } from '../../src/planner/plan.js';
import type { FixtureLines, HostLine, MachineLine } from '../planner/fixture-lines.js';
import { fixture } from '../planner/fixture.js';

const WINDOW_SECONDS = 300;
const HOST_CPUS = 32;
const VCPUS = 2;
/** Share of the hosts' CPUs that is given out. */
const GIVEN_OUT = 0.9;
/** Traces are of machines that idle most of the time; so much more they do here, up to all of their CPUs. */
const BUSIER = 9;

export interface Move {
  readonly machine: number;
  readonly to: number;
}

/** A replayed series of windows: where the machines are, and how busy they and their hosts were in the last windows. */
export interface Day {
  readonly hosts: number;
  /** machine → host. */
  readonly places: Int32Array;
  /** machine → CPUs in use in the newest window. */
  readonly use: Float64Array;
  /** The same of all windows so far, the newest last. */
  readonly uses: readonly Float64Array[];
  /** The newest windows last: host → load, 0 to 1. */
  readonly windows: readonly Float64Array[];
  /** machine → window of its last move, and the host that it left. */
  readonly moved: ReadonlyMap<number, { readonly window: number; readonly from: number }>;
  readonly window: number;
}

/** How a scheduler answers to a window. */
export type Scheduler = (day: Day) => readonly Move[];

export interface Outcome {
  readonly moves: number;
  /** Moves of machines that had moved within the hour before. */
  readonly again: number;
  /** Host windows above the threshold. */
  readonly above: number;
  /** Mean over windows of the standard deviation of load over the hosts. */
  readonly deviation: number;
  readonly windows: number;
}

/** Replays a trace; moves of a window are made before the next. `high`: the threshold that the outcome counts. */
export function replay(trace: readonly (readonly number[])[], high: number, scheduler: Scheduler): Outcome {
  const machines = trace.length;
  const hosts = Math.ceil((machines * VCPUS) / HOST_CPUS / GIVEN_OUT);
  const places = Int32Array.from(trace, (_, machine) => Math.floor((machine * hosts) / machines));
  const moved = new Map<number, { readonly window: number; readonly from: number }>();
  const windows: Float64Array[] = [];
  const uses: Float64Array[] = [];
  let [moves, again, above, deviation] = [0, 0, 0, 0];
  const length = trace[0]?.length ?? 0;
  for (let window = 0; window < length; window++) {
    const use = Float64Array.from(trace, (row) => VCPUS * Math.min(1, (BUSIER * (row[window] ?? 0)) / 100));
    const load = loadOf(hosts, places, use);
    windows.push(load);
    uses.push(use);
    above += load.filter((value) => value > high).length;
    deviation += deviationOf(load) / length;
    for (const { machine, to } of scheduler({ hosts, places, use, uses, windows, moved, window })) {
      const from = places[machine] ?? 0;
      const before = moved.get(machine);
      if (before !== undefined && window - before.window <= 3600 / WINDOW_SECONDS) again++;
      places[machine] = to;
      moved.set(machine, { window, from });
      moves++;
    }
  }
  return { moves, again, above, deviation, windows: length };
}

/** What Berth plans for the newest window under a policy. */
export function byPolicy(policy: Partial<LoadPolicy>, noise: ((machine: number) => number) | null = null): Scheduler {
  return (day) => {
    const { desired, world } = clusterOf(day, policy, noise);
    return plan(desired, world).moves.map(({ machine, to }) => ({ machine: indexOf(machine), to: indexOf(to) }));
  };
}

/** The biggest machine of the hottest host goes to the coolest host, one a window. */
export function oneGreedyMove(high: number): Scheduler {
  return ({ windows, places, use, hosts }) => {
    const load = windows.at(-1) ?? new Float64Array();
    const order = Array.from(load.keys()).sort((a, b) => (load[b] ?? 0) - (load[a] ?? 0));
    const hottest = order[0] ?? 0;
    if ((load[hottest] ?? 0) <= high) return [];
    const count = new Int32Array(hosts);
    for (const host of places) count[host] = (count[host] ?? 0) + 1;
    const target = order.findLast((host) => ((count[host] ?? 0) + 1) * VCPUS <= HOST_CPUS);
    const candidates = Array.from(places.keys()).filter((machine) => places[machine] === hottest);
    const biggest = candidates.sort((a, b) => (use[b] ?? 0) - (use[a] ?? 0))[0];
    return target === undefined || biggest === undefined ? [] : [{ machine: biggest, to: target }];
  };
}

function clusterOf(
  { hosts, places, uses, windows, moved, window }: Day,
  policy: Partial<LoadPolicy>,
  noise: ((machine: number) => number) | null,
): { readonly desired: Desired; readonly world: World } {
  const held = policy.holdWindows ?? 3;
  const busy = uses.slice(-held).map((use) => noisy(use, noise));
  const newest = windows.slice(-held).map((load, index) => {
    // Whoever was there in an older window: what the noise adds to the host is reckoned by who is there now.
    const [now, before] = [busy[index], uses.slice(-held)[index]].map((use) =>
      loadOf(hosts, places, use ?? new Float64Array()),
    );
    return load.map((value, host) => Math.max(0, value + (now?.[host] ?? 0) - (before?.[host] ?? 0)));
  });
  const hostLines = Array.from({ length: hosts }, (_, host): [string, HostLine] => [
    `host-${host}`,
    {
      ...{ cpus: HOST_CPUS, memoryMiB: 131_072, vfs: 0, group: `rack-${Math.floor(host / 16)}` },
      cpu: newest.map((load) => load[host] ?? 0),
    },
  ]);
  const machineLines = Array.from(places, (host, machine): [string, MachineLine] => {
    const last = moved.get(machine);
    const ago = last === undefined ? {} : { movedSecondsAgo: (window - last.window) * WINDOW_SECONDS };
    const from = last === undefined ? {} : { movedFrom: `host-${last.from}` };
    const size = { vcpus: VCPUS, memoryMiB: 4096, cpu: busy.map((use) => use[machine] ?? 0) };
    return [`vm-${machine}`, { on: `host-${host}`, ...size, ...ago, ...from }];
  });
  const lines: FixtureLines = {
    hosts: Object.fromEntries(hostLines),
    machines: Object.fromEntries(machineLines),
    load: { windowSeconds: WINDOW_SECONDS, maxMoves: 50, ...policy },
  };
  return fixture(lines);
}

function noisy(use: Float64Array, noise: ((machine: number) => number) | null): Float64Array {
  return noise === null ? use : use.map((value, machine) => Math.min(VCPUS, value * (1 + noise(machine))));
}

function loadOf(hosts: number, places: Int32Array, use: Float64Array): Float64Array {
  const load = new Float64Array(hosts);
  places.forEach((host, machine) => (load[host] = (load[host] ?? 0) + (use[machine] ?? 0) / HOST_CPUS));
  return load;
}

function deviationOf(load: Float64Array): number {
  const mean = load.reduce((sum, value) => sum + value, 0) / load.length;
  return Math.sqrt(load.reduce((sum, value) => sum + (value - mean) ** 2, 0) / load.length);
}

function indexOf(name: string): number {
  return Number(name.slice(name.indexOf('-') + 1));
}
