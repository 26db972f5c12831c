import type { Domain } from '../../../src/planner/engine/instance.js';

/** Units that rules count in, each kept once. */
export class Domains {
  readonly list: Domain[] = [];
  readonly #known = new Map<string, number>();

  constructor(private readonly hostCount: number) {}

  /** Each host is a unit. */
  hosts(): number {
    return this.#once('hosts', () => ({
      of: Int32Array.from({ length: this.hostCount }, (_, host) => host),
      count: this.hostCount,
    }));
  }

  /** Each part is a unit; hosts in no part are in none. */
  parts(parts: readonly (readonly number[])[], hostOf: ReadonlyMap<number, number>): number {
    return this.#once(parts.map((nodes) => nodes.join(' ')).join('|'), () => {
      const of = new Int32Array(this.hostCount).fill(-1);
      parts.forEach((nodes, unit) => {
        for (const node of nodes) {
          const host = hostOf.get(node);
          if (host !== undefined) of[host] = unit;
        }
      });
      return { of, count: parts.length };
    });
  }

  #once(key: string, make: () => Domain): number {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, this.list.length);
    this.list.push(make());
    return this.list.length - 1;
  }
}
