import type { Limits, Move, Step } from '../../model/index.js';
import type { View } from '../view.js';
import { mibpsOf, rateOf } from './limits.js';

/** Step ids by earliest start: after all that a step waits for, and in waves in which the limits leave room for the switch of its move. */
export function wavesOf(
  view: View,
  steps: readonly Step[],
  moves: readonly Move[],
  limits: Limits,
): readonly (readonly string[])[] {
  const waves: string[][] = [];
  const levels = new Map<string, number>();
  const begins = new Map<Move, number>();
  const switching: Map<string, number>[] = [];
  /** The first wave in which each limit leaves room; waves only fill up. */
  const firstOpen = new Map<string, number>();
  const byId = new Map(moves.map((move) => [move.id, move]));
  for (const step of steps) {
    const move = byId.get(step.move);
    const after = (ids: readonly string[]) => Math.max(-1, ...ids.map((id) => levels.get(id) ?? -1)) + 1;
    if (move !== undefined && isSwitch(step) && !begins.has(move)) {
      const { awaited, length } = switchOf(steps, move, () => 1);
      const shares = sharesOf(view, move, limits);
      let level = Math.max(after(awaited), ...shares.map(({ key }) => firstOpen.get(key) ?? 0));
      const isFull = (at: number) =>
        shares.some(({ key, limit, amount }) => isOver((switching[at]?.get(key) ?? 0) + amount, limit));
      for (let at = level; at < Math.min(switching.length, level + length); at++) if (isFull(at)) level = at + 1;
      for (let at = switching.length; at < level + length; at++) switching.push(new Map());
      for (const wave of switching.slice(level, level + length)) {
        for (const { key, amount } of shares) wave.set(key, (wave.get(key) ?? 0) + amount);
      }
      for (const { key, limit } of shares) {
        let open = firstOpen.get(key) ?? 0;
        while ((switching[open]?.get(key) ?? 0) >= limit) open += 1;
        firstOpen.set(key, open);
      }
      begins.set(move, level);
    }
    const begin = move !== undefined && isSwitch(step) ? (begins.get(move) ?? 0) : 0;
    const level = Math.max(after(step.dependsOn), begin);
    levels.set(step.id, level);
    for (let at = waves.length; at <= level; at++) waves.push([]);
    waves[level]?.push(step.id);
  }
  return waves.filter((wave) => wave.length > 0);
}

/** The steps that the limits count: from the first that the guest notices, or that gives up the hold, to its arrival. */
export function isSwitch(step: Step): boolean {
  return step.phase === 'switch';
}

/** What the switch of a move waits for before any of it begins, and the length of its longest way, each step measured by `lengthOf`. */
export function switchOf(
  steps: readonly Step[],
  move: Move,
  lengthOf: (step: Step) => number,
): { readonly awaited: readonly string[]; readonly length: number } {
  const ends = new Map<string, number>();
  const own = switchSteps(steps).get(move.id) ?? [];
  for (const step of own)
    ends.set(step.id, Math.max(0, ...step.dependsOn.map((id) => ends.get(id) ?? 0)) + lengthOf(step));
  return {
    awaited: own.flatMap((step) => step.dependsOn.filter((id) => !ends.has(id))),
    length: Math.max(0, ...ends.values()),
  };
}

const switches = new WeakMap<readonly Step[], ReadonlyMap<string, readonly Step[]>>();

/** The steps that the limits count, by move; found once for a list of steps. */
function switchSteps(steps: readonly Step[]): ReadonlyMap<string, readonly Step[]> {
  const known = switches.get(steps);
  if (known !== undefined) return known;
  const found = new Map<string, Step[]>();
  for (const step of steps.filter(isSwitch)) {
    const own = found.get(step.move);
    if (own === undefined) found.set(step.move, [step]);
    else own.push(step);
  }
  switches.set(steps, found);
  return found;
}

/** More than the limit, but for the rounding of sums. */
export function isOver(amount: number, limit: number): boolean {
  return amount > limit * (1 + 1e-9);
}

/** Something that moves at once have to share. */
export interface Share {
  readonly key: string;
  readonly limit: number;
  /** What the move takes of it. */
  readonly amount: number;
}

/** What the switch of a move counts against: cluster, hosts, access groups, the uplinks that it crosses, budgets of its machine. */
export function sharesOf(view: View, move: Move, limits: Limits): readonly Share[] {
  const hosts = [...new Set([move.from, move.to])].filter((host) => host !== null);
  const groupOf = (host: string | null) => view.hosts.get(host ?? '')?.desired.accessGroup ?? null;
  const groups = [...new Set(hosts.map(groupOf))].filter((group) => group !== null);
  return [
    { key: 'cluster', limit: limits.perCluster, amount: 1 },
    ...hosts.map((host) => ({ key: `host ${host}`, limit: limits.perHost, amount: 1 })),
    ...groups.map((group) => ({ key: `group ${group}`, limit: limits.perGroup, amount: 1 })),
    ...(groupOf(move.from) === groupOf(move.to) || move.from === null
      ? []
      : [...uplinkOf(view, move, groupOf(move.from), 'out'), ...uplinkOf(view, move, groupOf(move.to), 'in')]),
    ...(move.from === null ? [] : view.desired.disruptionBudgets)
      .filter((budget) => budget.machines.includes(move.machine))
      .map((budget) => ({ key: `budget ${budget.policy}`, limit: budget.maxMoving, amount: 1 })),
  ];
}

/** A move that is faster than the uplink takes all of it. */
function uplinkOf(view: View, move: Move, group: string | null, direction: 'in' | 'out'): readonly Share[] {
  const limit = mibpsOf(view.groups.get(group ?? '')?.uplinkMbps ?? 0);
  const { bytes, seconds } = move.estimate;
  if (limit === Infinity || bytes === 0) return [];
  return [{ key: `uplink ${direction} ${group ?? ''}`, limit, amount: Math.min(limit, rateOf(bytes, seconds)) }];
}
