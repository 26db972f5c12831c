import type { Instance } from '../instance.js';
import type { Problem } from './problem.js';

/** Times that no schedule can be shorter than, in seconds. */
export interface Bounds {
  /** Busiest host in one direction: seconds of what comes to it or leaves it over its streams. */
  readonly streams: number;
  /** Room × time: what moves hold at both ends, over what is free while they do. */
  readonly room: number;
  /** The longest move. */
  readonly longest: number;
}

/**
 * What bounds every schedule of the moves from below. The bound by room: a machine that moves for t seconds holds its demand t seconds
 * at a place where it is not needed yet, and all such holds together fit into what is free. Where all demands are multiples of one
 * amount, less than that amount is never of use on a host.
 */
export function boundsOf(problem: Problem): Bounds {
  const { instance, target, seconds, limits } = problem;
  const { machines, hostOf, origin } = instance;
  const into = new Float64Array(instance.hosts);
  const outOf = new Float64Array(instance.hosts);
  let longest = 0;
  for (let machine = 0; machine < machines; machine++) {
    const from = origin[machine] ?? -1;
    const to = target[machine] ?? -1;
    if (from === to) continue;
    const lasts = seconds[machine] ?? 0;
    longest = Math.max(longest, lasts);
    const source = hostOf[from] ?? -1;
    const destination = hostOf[to] ?? -1;
    if (destination >= 0) into[destination] = (into[destination] ?? 0) + lasts;
    if (source >= 0) outOf[source] = (outOf[source] ?? 0) + lasts;
  }
  let streams = 0;
  into.forEach((work, host) => (streams = Math.max(streams, work / (limits.into[host] ?? Infinity))));
  outOf.forEach((work, host) => (streams = Math.max(streams, work / (limits.outOf[host] ?? Infinity))));
  let room = 0;
  for (let r = 0; r < instance.resources; r++) room = Math.max(room, roomBound(problem, r));
  return { streams, room, longest };
}

/** The greatest of the bounds. */
export function boundOf({ streams, room, longest }: Bounds): number {
  return Math.max(streams, room, longest);
}

function roomBound({ instance, target, seconds }: Problem, resource: number): number {
  const { machines, resources, demand, origin, hosts, capacity, hostOf } = instance;
  const amountOf = (machine: number) => demand[machine * resources + resource] ?? 0;
  let held = 0;
  for (let machine = 0; machine < machines; machine++) {
    const from = origin[machine] ?? -1;
    const to = target[machine] ?? -1;
    if (from < 0 || to < 0 || hostOf[from] === hostOf[to]) continue;
    held += amountOf(machine) * (seconds[machine] ?? 0);
  }
  if (held === 0) return 0;
  const grain = grainOf(instance, resource);
  // Machines that only leave or only come change what is free: the most that ever is, is what is free without the ones that come.
  const used = new Float64Array(hosts);
  for (let machine = 0; machine < machines; machine++) {
    const place = origin[machine] ?? -1;
    if (place >= 0 && (target[machine] ?? -1) >= 0) {
      const host = hostOf[place] ?? place;
      used[host] = (used[host] ?? 0) + amountOf(machine);
    }
  }
  let free = 0;
  let over = 0;
  for (let host = 0; host < hosts; host++) {
    const at = host * resources + resource;
    const most = (capacity[at] ?? Infinity) - (instance.base[at] ?? 0);
    const usable = grain > 0 ? Math.floor(most / grain + 1e-9) * grain : most;
    if (usable > (used[host] ?? 0)) free += usable - (used[host] ?? 0);
    else over += (used[host] ?? 0) - usable;
  }
  return free - over > 0 ? held / (free - over) : 0;
}

/** The amount of which all demands are multiples; 0 when they are not whole numbers. */
export function grainOf({ machines, resources, demand }: Instance, resource: number): number {
  let grain = 0;
  for (let machine = 0; machine < machines; machine++) {
    let a = demand[machine * resources + resource] ?? 0;
    if (!Number.isSafeInteger(a)) return 0;
    while (a > 0) [grain, a] = [a, grain % a];
  }
  return grain;
}
