/**
 * The greatest sum of weights of entries none of which comes before another: by Dilworth's theorem all weights less the
 * greatest flow along ordered pairs, each entry passing on and taking in no more than its weight. `before` must be transitive.
 */
export function heaviestAntichain(weights: readonly number[], before: (a: number, b: number) => boolean): number {
  const size = weights.length;
  const entries = [...weights.keys()];
  const followers = entries.map((a) => entries.filter((b) => before(a, b)));
  const giving = Float64Array.from(weights);
  const taking = Float64Array.from(weights);
  const flow = new Float64Array(size * size);
  let total = weights.reduce((sum, weight) => sum + weight, 0);
  for (;;) {
    const path = findPath(followers, giving, taking, flow);
    const [first, last] = [path[0], path.at(-1)];
    if (first === undefined || last === undefined) return total;
    const limits = path.slice(1).map(({ giver }, index) => flow[giver * size + (path[index]?.taker ?? 0)] ?? 0);
    const amount = Math.min(giving[first.giver] ?? 0, taking[last.taker] ?? 0, ...limits);
    for (const [index, { giver, taker }] of path.entries()) {
      flow[giver * size + taker] = (flow[giver * size + taker] ?? 0) + amount;
      const undone = path[index + 1];
      if (undone === undefined) continue;
      flow[undone.giver * size + taker] = (flow[undone.giver * size + taker] ?? 0) - amount;
    }
    giving[first.giver] = (giving[first.giver] ?? 0) - amount;
    taking[last.taker] = (taking[last.taker] ?? 0) - amount;
    total -= amount;
  }
}

interface Edge {
  readonly giver: number;
  readonly taker: number;
}

/** The shortest way on which more can flow; between two edges, flow into the first one's taker is taken back from the next one's giver. */
function findPath(
  followers: readonly (readonly number[])[],
  giving: Float64Array,
  taking: Float64Array,
  flow: Float64Array,
): readonly Edge[] {
  const size = followers.length;
  /** How each taker was reached, and from which edge each giver was. */
  const reached = new Map<number, Edge>();
  const cameBy = new Map<number, Edge | null>();
  const queue = [...followers.keys()].filter((entry) => (giving[entry] ?? 0) > 0);
  for (const giver of queue) cameBy.set(giver, null);
  for (const giver of queue) {
    for (const taker of followers[giver] ?? []) {
      if (reached.has(taker)) continue;
      const edge = { giver, taker };
      reached.set(taker, edge);
      if ((taking[taker] ?? 0) > 0) return traced(edge, cameBy);
      for (let other = 0; other < size; other += 1) {
        if (cameBy.has(other) || (flow[other * size + taker] ?? 0) <= 0) continue;
        cameBy.set(other, edge);
        queue.push(other);
      }
    }
  }
  return [];
}

function traced(last: Edge, cameBy: ReadonlyMap<number, Edge | null>): readonly Edge[] {
  const path: Edge[] = [];
  for (let edge: Edge | null = last; edge !== null; edge = cameBy.get(edge.giver) ?? null) path.unshift(edge);
  return path;
}
