import type { Act } from './story.js';
import type { StepGraph } from './graph.js';

/** True when, inside one act, `earlier` is done before `later` may begin. Waiting by way of other moves does not count. */
export type ActOrder = (earlier: number, later: number) => boolean;

export function actOrder(graph: StepGraph, act: Act): ActOrder {
  const own = new Set(act.steps);
  const after = new Map<number, ReadonlySet<number>>();
  const sequence = [...act.steps].sort((a, b) => (graph.position[a] ?? 0) - (graph.position[b] ?? 0));
  for (const number of sequence) {
    const earlier = new Set<number>();
    for (const other of graph.waitsFor[number] ?? []) {
      if (!own.has(other)) continue;
      earlier.add(other);
      for (const known of after.get(other) ?? []) earlier.add(known);
    }
    after.set(number, earlier);
  }
  return (earlier, later) => after.get(later)?.has(earlier) ?? false;
}
