import type { Instance } from '../instance.js';

/** Classes of gaps in a doubling of their size, and doublings below a whole mean host. */
const FINE = 4;
const DOUBLINGS = 12;
const CLASSES = FINE * (DOUBLINGS + 3);

/**
 * Places by how much of a resource is free on them, in classes of about a fifth of their size: so that the closest gap for a machine
 * is found without a look at the places that are too full for it.
 */
export class Gaps {
  readonly #places: number;
  /** resource × class: places. */
  readonly #lists: readonly number[][];
  /** resource × place. */
  readonly #classOf: Uint8Array;
  readonly #indexOf: Int32Array;

  constructor({ places, resources }: Instance) {
    this.#places = places;
    this.#lists = Array.from({ length: resources * CLASSES }, () => []);
    this.#classOf = new Uint8Array(resources * places);
    this.#indexOf = new Int32Array(resources * places);
    for (let r = 0; r < resources; r++) {
      for (let place = 0; place < places; place++) {
        this.#indexOf[r * places + place] = (this.#lists[r * CLASSES]?.push(place) ?? 1) - 1;
      }
    }
  }

  /** Class of a gap, as a share of a mean host. */
  static classOf(share: number): number {
    if (!(share > 0)) return 0;
    const found = Math.floor((Math.log2(share) + DOUBLINGS) * FINE) + 1;
    return Math.max(0, Math.min(CLASSES - 1, found));
  }

  static get classes(): number {
    return CLASSES;
  }

  set(resource: number, place: number, share: number): void {
    const key = resource * this.#places + place;
    const now = Gaps.classOf(share);
    const before = this.#classOf[key] ?? 0;
    if (now === before) return;
    const left = this.#lists[resource * CLASSES + before] ?? [];
    const index = this.#indexOf[key] ?? 0;
    const last = left.pop() ?? place;
    if (last !== place) {
      left[index] = last;
      this.#indexOf[resource * this.#places + last] = index;
    }
    this.#classOf[key] = now;
    this.#indexOf[key] = (this.#lists[resource * CLASSES + now]?.push(place) ?? 1) - 1;
  }

  /** Places in the class. */
  in(resource: number, gapClass: number): readonly number[] {
    return this.#lists[resource * CLASSES + gapClass] ?? [];
  }
}
