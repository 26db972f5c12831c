import type { Limits, Move, Step } from '../../model/index.js';
import type { View } from '../view.js';

/** Step ids by earliest start: after all that a step waits for, and in a wave in which the limits leave room for its transfer. */
export function wavesOf(
  view: View,
  steps: readonly Step[],
  moves: readonly Move[],
  limits: Limits,
): readonly (readonly string[])[] {
  const waves: string[][] = [];
  const levels = new Map<string, number>();
  const byId = new Map(moves.map((move) => [move.id, move]));
  const running: Map<string, number>[] = [];
  for (const step of steps) {
    let level = Math.max(-1, ...step.dependsOn.map((id) => levels.get(id) ?? -1)) + 1;
    const move = byId.get(step.move);
    if (move !== undefined && isTransfer(step)) {
      const shares = sharesOf(view, move, limits);
      const isFull = (at: number) => shares.some(({ key, limit }) => (running[at]?.get(key) ?? 0) >= limit);
      while (isFull(level)) level += 1;
      for (let at = running.length; at <= level; at++) running.push(new Map());
      const inWave = running[level];
      for (const { key } of shares) inWave?.set(key, (inWave.get(key) ?? 0) + 1);
    }
    levels.set(step.id, level);
    for (let at = waves.length; at <= level; at++) waves.push([]);
    waves[level]?.push(step.id);
  }
  return waves.filter((wave) => wave.length > 0);
}

/** The steps that the limits count. */
export function isTransfer(step: Step): boolean {
  return step.kind === 'migrate' || step.kind === 'start';
}

/** What a transfer counts against. */
export function sharesOf(
  view: View,
  move: Move,
  limits: Limits,
): readonly { readonly key: string; readonly limit: number }[] {
  const hosts = [...new Set([move.from, move.to])].filter((host) => host !== null);
  const groups = new Set(hosts.flatMap((host) => view.hosts.get(host)?.desired.accessGroup ?? []));
  return [
    { key: 'cluster', limit: limits.perCluster },
    ...hosts.map((host) => ({ key: `host ${host}`, limit: limits.perHost })),
    ...[...groups].map((group) => ({ key: `group ${group}`, limit: limits.perGroup })),
  ];
}
