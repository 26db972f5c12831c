import type { Instance } from './instance.js';

interface Kind {
  readonly weight: number;
  readonly counted: Uint8Array;
  /** Resources that a slot takes, and how much of each. */
  readonly taken: readonly { readonly resource: number; readonly each: number }[];
  /** place: slots when nothing of the instance is there. */
  readonly empty: Float64Array;
}

/** The slots that are lost in each place, by the objectives about fragmentation. */
export class Slots {
  private readonly kinds: readonly Kind[];
  private readonly resources: number;
  private readonly capacity: Float64Array;

  constructor({ resources, places, capacity, base, objectives }: Instance) {
    this.resources = resources;
    this.capacity = capacity;
    this.kinds = objectives.slots.map(({ size, weight, places: counted }) => {
      const taken = Array.from(size, (each, resource) => ({ resource, each })).filter(({ each }) => each > 0);
      const empty = new Float64Array(places);
      for (let place = 0; place < places; place++) {
        let fit = Infinity;
        for (const { resource, each } of taken) {
          const at = place * resources + resource;
          fit = Math.min(fit, fitting((capacity[at] ?? 0) - (base[at] ?? 0), each));
        }
        empty[place] = fit === Infinity ? 0 : Math.max(0, fit);
      }
      return { weight, counted, taken, empty };
    });
  }

  /** Cost of a place whose use is in `rows` (from `row` on, every `width`), with one row of needs more and one less. */
  costWith(
    place: number,
    rows: Float64Array,
    row: number,
    width: number,
    needs: Float64Array,
    more: number,
    less: number,
  ): number {
    let cost = 0;
    for (const { weight, counted, taken, empty } of this.kinds) {
      if (counted[place] !== 1) continue;
      let fit = Infinity;
      for (const { resource, each } of taken) {
        const use =
          (rows[row + width * resource] ?? 0) + ((needs[more + resource] ?? 0) - (needs[less + resource] ?? 0));
        fit = Math.min(fit, fitting((this.capacity[place * this.resources + resource] ?? 0) - use, each));
      }
      cost += weight * ((empty[place] ?? 0) - (fit === Infinity ? 0 : Math.max(0, fit)));
    }
    return cost;
  }
}

function fitting(free: number, each: number): number {
  return Math.floor(free / each + 1e-9);
}
