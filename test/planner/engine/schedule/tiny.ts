import { Random } from '../../../../src/planner/engine/random.js';
import type { Problem } from '../../../../src/planner/engine/schedule/index.js';
import { moves } from './moves.js';

/** Everybody may yield. */
export function yielding(problem: Problem): Problem {
  return { ...problem, yielding: new Uint8Array(problem.instance.machines).fill(1) };
}

/** Few full hosts, and a target that is as full; some machines of one rule that keeps them apart at both ends. */
export function tiny(seed: number): Problem {
  const random = new Random(seed);
  const hosts = 2 + random.below(3);
  const room = 4 + random.below(3);
  const draw = () => {
    const free = new Array<number>(hosts).fill(room);
    return (size: number) => {
      const first = random.below(hosts);
      const host = [...free.keys()].map((n) => (n + first) % hosts).find((n) => (free[n] ?? 0) >= size);
      if (host !== undefined) free[host] = (free[host] ?? 0) - size;
      return host;
    };
  };
  const [from, to] = [draw(), draw()];
  const machines: [number, number, number][] = [];
  for (let n = 0; n < 6; n++) {
    const size = 1 + random.below(4);
    const [start, end] = [from(size), to(size)];
    if (start === undefined || end === undefined) break;
    machines.push([start, end, size]);
  }
  return yielding(moves(new Array<number>(hosts).fill(room), machines));
}

/** A cluster with one unit of room, in which some machines stay apart, and where a long walk of single moves has led; everybody may yield. */
export function walked(seed: number): Problem {
  const random = new Random(seed);
  const [hosts, room] = [9, 6];
  const count = hosts * room - 1;
  const origin = Int32Array.from({ length: count }, (_, machine) => machine % hosts);
  const tagOf = (machine: number) =>
    machine < 4 * (hosts - 4) && machine % hosts < 4 ? Math.floor(machine / hosts) : -1;
  const target = origin.slice();
  let open = count % hosts;
  for (let step = 0; step < 400; step++) {
    const machine = random.below(count);
    const tag = tagOf(machine);
    const meets = [...target.keys()].some((other) => tag >= 0 && tagOf(other) === tag && target[other] === open);
    if (meets || target[machine] === open) continue;
    [target[machine], open] = [open, target[machine] ?? 0];
  }
  const sizes = Array.from({ length: count }, (_, n): [number, number, number] => [origin[n] ?? 0, target[n] ?? 0, 1]);
  const problem = yielding(moves(new Array<number>(hosts).fill(room), sizes));
  const tags = [...new Set([...origin.keys()].map(tagOf))].filter((tag) => tag >= 0);
  const rules = tags.map((tag) => ({
    kind: 'apart' as const,
    members: Int32Array.from([...origin.keys()].filter((machine) => tagOf(machine) === tag)),
    domain: 0,
    most: 1,
  }));
  return { ...problem, instance: { ...problem.instance, rules } };
}

/** Whether single moves one after the other lead to the target: every assignment that can be reached is looked at. */
export function canBeReached({ instance, target }: Problem): boolean {
  const { hosts, capacity, demand } = instance;
  const seen = new Set([instance.origin.join()]);
  const queue = [instance.origin];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    if (at.join() === target.join()) return true;
    for (let machine = 0; machine < at.length; machine++) {
      for (let host = 0; host < hosts; host++) {
        const used = at.reduce((sum, there, other) => sum + (there === host ? (demand[other] ?? 0) : 0), 0);
        if (at[machine] === host || used + (demand[machine] ?? 0) > (capacity[host] ?? 0)) continue;
        const next = at.slice();
        next[machine] = host;
        if (!seen.has(next.join())) queue.push(next);
        seen.add(next.join());
      }
    }
  }
  return false;
}
