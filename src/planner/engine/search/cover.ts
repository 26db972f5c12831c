import type { Instance } from '../instance.js';

/** Up to so many candidates all pairs are tried. */
const PAIRS = 256;

/**
 * The cheapest machines found whose demands together cover a shortage of resources; null when all of them do not. One machine and, among
 * few candidates, two are chosen exactly; more are taken greedily by what they cover for their price, and those that turn out to be
 * needless are left out. Of equal prices the smaller demand wins: it finds a place more easily.
 */
export function cover(
  { demand, resources }: Pick<Instance, 'demand' | 'resources'>,
  candidates: readonly number[],
  shortage: Float64Array,
  price: (machine: number) => number,
): readonly number[] | null {
  const short = Array.from(shortage.keys()).filter((r) => (shortage[r] ?? 0) > 0);
  if (short.length === 0) return [];
  const part = (machine: number, r: number) => (demand[machine * resources + r] ?? 0) / (shortage[r] ?? 1);
  const covers = (sum: (r: number) => number) => short.every((r) => sum(r) >= 1 - 1e-9);
  const size = (machine: number) => short.reduce((sum, r) => sum + part(machine, r), 0);
  let best: { readonly chosen: readonly number[]; readonly price: number; readonly size: number } | null = null;
  const offer = (chosen: readonly number[]) => {
    const offered = {
      chosen,
      price: chosen.reduce((sum, machine) => sum + price(machine), 0),
      size: chosen.reduce((sum, machine) => sum + size(machine), 0),
    };
    if (offered.price === Infinity) return;
    if (best === null || offered.price < best.price || (offered.price === best.price && offered.size < best.size)) {
      best = offered;
    }
  };
  for (const machine of candidates) if (covers((r) => part(machine, r))) offer([machine]);
  if (candidates.length <= PAIRS) {
    candidates.forEach((a, index) => {
      for (let next = index + 1; next < candidates.length; next++) {
        const b = candidates[next] ?? a;
        if (covers((r) => part(a, r) + part(b, r))) offer([a, b]);
      }
    });
  }
  const greedy = coverGreedily(candidates, short, part, price);
  if (greedy !== null) offer(greedy);
  return (best as { readonly chosen: readonly number[] } | null)?.chosen ?? null;
}

function coverGreedily(
  candidates: readonly number[],
  short: readonly number[],
  part: (machine: number, r: number) => number,
  price: (machine: number) => number,
): readonly number[] | null {
  const left = new Map(short.map((r) => [r, 1]));
  const waiting = new Set(candidates.filter((machine) => price(machine) < Infinity));
  const chosen: number[] = [];
  while ([...left.values()].some((rest) => rest > 1e-9)) {
    let best = -1;
    let most = 0;
    for (const machine of waiting) {
      let gain = 0;
      for (const [r, rest] of left) if (rest > 0) gain += Math.min(rest, part(machine, r)) / rest;
      gain /= price(machine) + 1e-6;
      if (gain > most) [best, most] = [machine, gain];
    }
    if (best < 0) return null;
    waiting.delete(best);
    chosen.push(best);
    for (const [r, rest] of left) left.set(r, rest - part(best, r));
  }
  // The dearest first: is it still needed, now that the others are there?
  for (const machine of [...chosen].sort((a, b) => price(b) - price(a))) {
    if (![...left].every(([r, rest]) => rest + part(machine, r) <= 1e-9)) continue;
    chosen.splice(chosen.indexOf(machine), 1);
    for (const [r, rest] of left) left.set(r, rest + part(machine, r));
  }
  return chosen;
}
