import type { StepGraph } from './graph.js';

/** What is certain about the order of steps, whatever time each of them takes. */
export interface Order {
  /** True when `earlier`, one of the marked steps, is done before `later`, another of them, may begin. */
  before(earlier: number, later: number): boolean;
}

/**
 * Reachability between the marked steps: one bit set a step, filled along the sequence. Only the sets of marked steps are
 * kept, so that the memory is marks × marks and not steps × steps.
 */
export function orderOf(graph: StepGraph, marks: readonly number[]): Order {
  const columns = new Map<number, number>();
  for (const mark of marks) if (!columns.has(mark)) columns.set(mark, columns.size);
  const width = Math.ceil(columns.size / 32);
  const readers = new Uint32Array(graph.steps.length);
  for (const earlier of graph.waitsFor) for (const number of earlier) readers[number] = (readers[number] ?? 0) + 1;

  const rows = new Map<number, Uint32Array>();
  const spare: Uint32Array[] = [];
  for (const number of graph.sequence) {
    const row = spare.pop()?.fill(0) ?? new Uint32Array(width);
    for (const earlier of graph.waitsFor[number] ?? []) {
      const known = rows.get(earlier);
      if (known !== undefined)
        for (let word = 0; word < width; word += 1) row[word] = (row[word] ?? 0) | (known[word] ?? 0);
      const column = columns.get(earlier);
      if (column !== undefined) row[column >>> 5] = (row[column >>> 5] ?? 0) | (1 << (column & 31));
      const left = (readers[earlier] ?? 0) - 1;
      readers[earlier] = left;
      if (left === 0 && column === undefined && known !== undefined) {
        rows.delete(earlier);
        spare.push(known);
      }
    }
    rows.set(number, row);
  }

  return {
    before(earlier, later) {
      const column = columns.get(earlier);
      const row = rows.get(later);
      if (column === undefined || row === undefined) return false;
      return (((row[column >>> 5] ?? 0) >>> (column & 31)) & 1) === 1;
    },
  };
}
