import type { Bdf } from '../../model/index.js';
import { groupOf } from '../placement.js';
import { poolOf } from '../place/pools.js';
import type { View } from '../view.js';
import type { Frame } from './frame.js';

interface Shelf {
  /** Two machines when they own members of one IOMMU group. */
  readonly owners: Map<Bdf, readonly string[]>;
  /** The key of the book that may write into it; others copy it first. */
  readonly key: object;
}

interface Free {
  /** place → IOMMU groups of the class with nothing taken; of the whole host, and of each cell. */
  readonly groups: Int32Array;
  /** host → counted since the host's devices changed last. */
  readonly fresh: Uint8Array;
}

/** Who has which device of which host, and how many are left of a class. */
export class DeviceBook {
  /** host → virtual functions of its ports that somebody has. */
  readonly functionsInUse: Int32Array;
  readonly #shelves: (Shelf | undefined)[];
  readonly #free = new Map<string, Free>();
  #key = {};

  constructor(
    private readonly view: View,
    private readonly frame: Frame,
    like: DeviceBook | null = null,
  ) {
    this.functionsInUse = like === null ? new Int32Array(frame.hosts.length) : like.functionsInUse.slice();
    this.#shelves = like === null ? [] : like.#shelves.slice();
    for (const [name, { groups, fresh }] of like === null ? [] : like.#free) {
      this.#free.set(name, { groups: groups.slice(), fresh: fresh.slice() });
    }
  }

  /** A book that starts as this one is; hosts are copied when one of the two changes them. */
  copy(): DeviceBook {
    this.#key = {};
    return new DeviceBook(this.view, this.frame, this);
  }

  /** Name of who has the device; null when it is free. */
  owner(host: number, device: Bdf): string | null {
    return this.#shelves[host]?.owners.get(device)?.[0] ?? null;
  }

  own(host: number, devices: readonly Bdf[], owner: string): void {
    if (devices.length === 0) return;
    const owners = this.#writable(host);
    for (const device of devices) {
      const before = owners.get(device) ?? [];
      if (before.length === 0) this.#countFunction(host, device, 1);
      if (!before.includes(owner)) owners.set(device, [...before, owner]);
    }
  }

  disown(host: number, devices: readonly Bdf[], owner: string): void {
    if (devices.length === 0) return;
    const owners = this.#writable(host);
    for (const device of devices) {
      const before = owners.get(device) ?? [];
      const left = before.filter((other) => other !== owner);
      if (left.length > 0) owners.set(device, left);
      else if (owners.delete(device)) this.#countFunction(host, device, -1);
    }
  }

  /**
   * IOMMU groups that hold a device of the class and nothing that is taken: of a host, or of one cell of it. Where the classes of a
   * machine overlap, or a group spans cells, fewer claims may be served than this says.
   */
  freeGroups(name: string, host: number, place: number): number {
    const { hosts, places } = this.frame;
    const free = this.#free.get(name) ?? { groups: new Int32Array(places), fresh: new Uint8Array(hosts.length) };
    this.#free.set(name, free);
    if (free.fresh[host] !== 1) this.#recount(name, host, free);
    return free.groups[place] ?? 0;
  }

  #recount(name: string, index: number, free: Free): void {
    free.fresh[index] = 1;
    const cells = this.frame.cells[index] ?? new Map<number, number>();
    free.groups[index] = 0;
    for (const place of cells.values()) free.groups[place] = 0;
    const host = this.frame.views[index];
    if (host === undefined) return;
    const seen = new Set<number>();
    for (const device of poolOf(this.view, host, name).wholeGroup) {
      if (groupOf(device.bdf, host).some((member) => this.owner(index, member) !== null)) continue;
      for (const place of [index, cells.get(device.numaNode)]) {
        if (place === undefined) continue;
        const key = place + this.frame.places * device.iommuGroup;
        if (!seen.has(key)) free.groups[place] = (free.groups[place] ?? 0) + 1;
        seen.add(key);
      }
    }
  }

  #writable(host: number): Map<Bdf, readonly string[]> {
    for (const { fresh } of this.#free.values()) fresh[host] = 0;
    const shelf = this.#shelves[host];
    if (shelf?.key === this.#key) return shelf.owners;
    const owners = new Map(shelf?.owners);
    this.#shelves[host] = { owners, key: this.#key };
    return owners;
  }

  #countFunction(host: number, device: Bdf, change: 1 | -1): void {
    if (this.frame.views[host]?.devices.get(device)?.function.kind !== 'vf') return;
    this.functionsInUse[host] = (this.functionsInUse[host] ?? 0) + change;
  }
}
