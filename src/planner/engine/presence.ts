import { byMachine, domainAt } from './company.js';
import type { Instance } from './instance.js';

/**
 * Whether any member of a set is in a unit, one bit for each: for sets that have at most one member in a unit. Where there are more at the
 * start, the members are looked through whenever one of them leaves.
 */
export class Presence {
  private readonly bits: Uint32Array;
  private readonly starts: Int32Array;
  private readonly crowded: Uint8Array;
  private readonly first: Int32Array;
  private readonly setsOf: Int32Array;
  private place: Int32Array;

  constructor(
    private readonly instance: Instance,
    private readonly sets: readonly { readonly members: Int32Array; readonly domain: number }[],
  ) {
    let length = 0;
    this.starts = Int32Array.from(sets, ({ domain }) => {
      const start = length;
      length += (domainAt(instance, domain).count + 31) >>> 5;
      return start;
    });
    this.bits = new Uint32Array(length);
    this.crowded = new Uint8Array(sets.length);
    ({ first: this.first, items: this.setsOf } = byMachine(
      instance.machines,
      sets.map(({ members }) => members),
    ));
    this.place = new Int32Array(instance.machines).fill(-1);
  }

  has(set: number, unit: number): boolean {
    return (((this.bits[(this.starts[set] ?? 0) + (unit >>> 5)] ?? 0) >>> (unit & 31)) & 1) === 1;
  }

  reset(assignment: Int32Array): void {
    this.bits.fill(0);
    this.crowded.fill(0);
    this.place.fill(-1);
    assignment.forEach((place, machine) => {
      if (place >= 0) this.put(machine, -1, place);
    });
  }

  put(machine: number, from: number, to: number): void {
    this.place[machine] = to;
    const end = this.first[machine + 1] ?? 0;
    for (let i = this.first[machine] ?? 0; i < end; i++) {
      const set = this.setsOf[i] ?? 0;
      const of = this.instance.domains[this.sets[set]?.domain ?? 0]?.of;
      const out = from < 0 ? -1 : (of?.[from] ?? -1);
      const into = to < 0 ? -1 : (of?.[to] ?? -1);
      if (out === into) continue;
      if (out >= 0 && !(this.crowded[set] === 1 && this.holdsAnother(set, out))) this.write(set, out, false);
      if (into < 0) continue;
      if (this.has(set, into)) this.crowded[set] = 1;
      this.write(set, into, true);
    }
  }

  private holdsAnother(set: number, unit: number): boolean {
    const { members, domain } = this.sets[set] ?? { members: new Int32Array(0), domain: 0 };
    const of = this.instance.domains[domain]?.of;
    return members.some((member) => (of?.[this.place[member] ?? -1] ?? -1) === unit);
  }

  private write(set: number, unit: number, present: boolean): void {
    const at = (this.starts[set] ?? 0) + (unit >>> 5);
    const bit = 1 << (unit & 31);
    const word = this.bits[at] ?? 0;
    this.bits[at] = present ? word | bit : word & ~bit;
  }
}
