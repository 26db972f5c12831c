import type { Instance } from './instance.js';
import { Slots } from './slots.js';

/** The rows of `Load`, one for each place: `width` fields a resource, of which the first is its use. */
interface Rows {
  readonly rows: Float64Array;
  readonly rowLength: number;
  readonly width: number;
}

/** What each machine needs, a row each; the row after the last machine is nobody's: zeros. */
interface Needs {
  readonly needs: Float64Array;
  readonly needLength: number;
}

/** Costs of a place that only some instances have: quadratic ones, of hosts that are used at all, and of slots that are lost. */
export class Extras {
  /** host × resource: weight · scale of all quadratic objectives; null when there are none. */
  private readonly square: Float64Array | null;
  private readonly opened: Float64Array | null;
  private readonly slots: Slots | null;
  private readonly occupants: Int32Array;

  private constructor(
    private readonly instance: Instance,
    private readonly table: Rows,
    private readonly wants: Needs,
  ) {
    const { objectives, hosts, places, resources } = instance;
    this.opened = objectives.opened;
    this.occupants = new Int32Array(places);
    this.square = objectives.quadratic.length === 0 ? null : new Float64Array(hosts * resources);
    for (const { resource, scale, weight } of objectives.quadratic) {
      for (let host = 0; host < hosts; host++) {
        const at = host * resources + resource;
        if (this.square !== null) this.square[at] = (this.square[at] ?? 0) + weight * (scale[host] ?? 0);
      }
    }
    this.slots = objectives.slots.length === 0 ? null : new Slots(instance);
  }

  /** null where the instance has no such costs: then nothing is to be asked for each change. */
  static of(instance: Instance, table: Rows, wants: Needs): Extras | null {
    const { quadratic, opened, slots } = instance.objectives;
    return quadratic.length === 0 && opened === null && slots.length === 0 ? null : new Extras(instance, table, wants);
  }

  reset(): void {
    this.occupants.fill(0);
  }

  /** Notes that so many machines more are in the place. */
  add(place: number, times: number): void {
    this.occupants[place] = (this.occupants[place] ?? 0) + times;
  }

  /** Change of cost when one machine comes to a place and another leaves it; nobody is the number after the last machine. */
  change(place: number, comes: number, leaves: number): number {
    const { machines, hosts, resources } = this.instance;
    const { rows, rowLength, width } = this.table;
    const { needs, needLength } = this.wants;
    const row = place * rowLength;
    const more = comes * needLength;
    const less = leaves * needLength;
    let delta = 0;
    if (place < hosts) {
      for (let r = 0; r < resources && this.square !== null; r++) {
        const amount = (needs[more + r] ?? 0) - (needs[less + r] ?? 0);
        delta += (this.square[place * resources + r] ?? 0) * amount * ((rows[row + width * r] ?? 0) + 0.5 * amount);
      }
      if (this.opened !== null) {
        const now = this.occupants[place] ?? 0;
        const then = now + (comes === machines ? 0 : 1) - (leaves === machines ? 0 : 1);
        delta += (this.opened[place] ?? 0) * ((then > 0 ? 1 : 0) - (now > 0 ? 1 : 0));
      }
    }
    if (this.slots !== null) {
      delta += this.slots.costWith(place, rows, row, width, needs, more, less);
      delta -= this.slots.costWith(place, rows, row, width, needs, 0, 0);
    }
    return delta;
  }

  /** What a place costs as it is. */
  cost(place: number): number {
    const { hosts, resources } = this.instance;
    const { rows, rowLength, width } = this.table;
    const row = place * rowLength;
    let cost = 0;
    if (place < hosts) {
      for (let r = 0; r < resources && this.square !== null; r++) {
        cost += 0.5 * (this.square[place * resources + r] ?? 0) * (rows[row + width * r] ?? 0) ** 2;
      }
      if (this.opened !== null && (this.occupants[place] ?? 0) > 0) cost += this.opened[place] ?? 0;
    }
    if (this.slots !== null) cost += this.slots.costWith(place, rows, row, width, this.wants.needs, 0, 0);
    return cost;
  }
}
