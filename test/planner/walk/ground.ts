import type {
  AttachedDevice,
  Bdf,
  Desired,
  Host,
  Mac,
  Machine,
  Move,
  PciDevice,
  Plan,
  VfAttributes,
  World,
} from '../../../src/model/index.js';
import { deviceKey, isClaimed } from '../../../src/model/index.js';

/** A copy of a machine on a host. `devices` by claim. */
export interface Copy {
  readonly machine: string;
  readonly host: string;
  state: 'running' | 'incoming' | 'stopped';
  size: Size;
  readonly cell: number | null;
  readonly devices: Map<string, AttachedDevice>;
  /** `claim host/device` of the replacements that it was told of. */
  staged: readonly string[];
}

export interface Size {
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly hugepageSizeKiB: number;
  readonly isolatedCpus: boolean;
}

export interface Entry {
  phase: 'Pending' | 'Held' | 'HandingOver' | 'Bound';
  readonly machine: string;
  readonly claim: string;
  readonly move: string;
}

export interface Standing {
  readonly devices: readonly Bdf[];
  readonly mac: Mac;
}

/**
 * A cluster that can be walked over step by step. It knows nothing of the planner or of replay: it is what hosts, switches and the ledger
 * would be after each action, with whatever was wrong noted in `faults`.
 */
export class Ground {
  readonly faults: string[] = [];
  copies: Copy[];
  /** What was there at the start, never changed. */
  readonly before: readonly Copy[];
  readonly ledger = new Map<string, Entry>();
  /** By `host/name`. */
  readonly dummies = new Map<string, Standing>();
  /** Attributes of each VF, by `host/bdf`. */
  readonly vfs = new Map<string, VfAttributes>();
  /** `host netdev profile machine/claim`. */
  readonly profiles = new Set<string>();
  /** `mac from to`. */
  readonly forwards = new Set<string>();
  /** `mac host`. */
  readonly announced = new Set<string>();
  /** Where each machine counts until it has arrived somewhere else. */
  readonly place = new Map<string, string>();
  readonly devices: ReadonlyMap<string, PciDevice>;
  readonly hosts: ReadonlyMap<string, Host>;
  readonly desired: Desired;
  readonly world: World;
  readonly moves: ReadonlyMap<string, Move>;

  constructor(plan: Plan, desired: Desired, world: World) {
    this.desired = desired;
    this.world = world;
    this.moves = new Map(plan.moves.map((move) => [move.id, move]));
    this.hosts = new Map(world.hosts.map((host) => [host.name, host]));
    this.devices = new Map(
      world.hosts.flatMap((host) =>
        host.devices.map((device) => [deviceKey({ host: host.name, device: device.bdf }), device] as const),
      ),
    );
    for (const [key, device] of this.devices)
      if (device.function.kind === 'vf') this.vfs.set(key, device.function.attributes);
    this.copies = world.machines.map((machine) => this.#copyOf(machine));
    this.before = world.machines.filter(({ state }) => state !== 'stopped').map((machine) => this.#copyOf(machine));
    for (const copy of this.copies) if (copy.state === 'running') this.place.set(copy.machine, copy.host);
    for (const entry of world.reservations.filter(isClaimed)) {
      const { machine, claim, move, phase } = entry;
      const known = phase === 'Released' || phase === 'Lost' ? 'Pending' : phase;
      this.ledger.set(deviceKey(entry), { phase: known, machine, claim, move });
    }
    for (const dummy of world.dummies) this.dummies.set(`${dummy.host}/${dummy.name}`, dummy);
    for (const copy of this.copies) this.carry(copy.host, [...copy.devices.values()]);
    for (const port of world.switchPorts)
      for (const { profile, machine, claim } of port.profiles)
        this.profiles.add(`${port.host} ${port.netdev} ${profile} ${machine}/${claim}`);
    for (const { mac, from, to } of world.forwards) this.forwards.add(`${mac} ${from} ${to}`);
  }

  fault(what: string): void {
    this.faults.push(what);
  }

  copy(machine: string, host: string): Copy | undefined {
    return this.copies.find((copy) => copy.machine === machine && copy.host === host);
  }

  active(machine: string): readonly Copy[] {
    return this.copies.filter((copy) => copy.machine === machine && copy.state === 'running');
  }

  drop(copy: Copy): void {
    this.copies = this.copies.filter((other) => other !== copy);
  }

  /** Devices that can only go together with this one, itself included. */
  group(host: string, device: Bdf): readonly PciDevice[] {
    const group = this.devices.get(deviceKey({ host, device }))?.iommuGroup;
    return this.hosts.get(host)?.devices.filter((other) => other.iommuGroup === group) ?? [];
  }

  /** Who uses the device or one that is bound to it, other than the machine or dummy named. */
  user(host: string, device: Bdf, except: string): string | null {
    for (const { bdf, function: what } of this.group(host, device)) {
      if (what.kind === 'pf') return `the host's port ${bdf}`;
      const copy = this.copies.find(
        (other) =>
          other.host === host && other.machine !== except && [...other.devices.values()].some((d) => d.device === bdf),
      );
      if (copy !== undefined) return copy.machine;
      for (const [key, dummy] of this.dummies)
        if (key !== `${host}/${except}` && key.startsWith(`${host}/`) && dummy.devices.includes(bdf)) return key;
    }
    return null;
  }

  /** Who speaks with the address, other than the machine or dummy named. */
  speaker(mac: Mac, except: string): string | null {
    const copy = this.copies.find(
      (other) =>
        other.machine !== except && other.state !== 'stopped' && [...other.devices.values()].some((d) => d.mac === mac),
    );
    if (copy !== undefined) return copy.machine;
    for (const [key, dummy] of this.dummies) if (!key.endsWith(`/${except}`) && dummy.mac === mac) return key;
    return null;
  }

  /** The hypervisor puts a machine's addresses and VLANs on its VFs, whatever they had before. */
  carry(host: string, devices: readonly AttachedDevice[]): void {
    for (const { device, mac, vlan } of devices) this.#set(host, device, { adminMac: mac, vlan });
  }

  /** And takes them off, those that were set in the meantime as well: also from VFs that a dummy had. */
  letGo(host: string, devices: readonly Bdf[]): void {
    for (const device of devices) this.#set(host, device, { adminMac: null, vlan: null });
  }

  #set(host: string, device: Bdf, change: Partial<VfAttributes>): void {
    const key = deviceKey({ host, device });
    const attributes = this.vfs.get(key);
    if (attributes !== undefined) this.vfs.set(key, { ...attributes, ...change });
  }

  /** Network device of the port behind a VF. */
  netdev(host: string, device: Bdf): string | null {
    const what = this.devices.get(deviceKey({ host, device }))?.function;
    if (what?.kind !== 'vf') return null;
    const parent = this.devices.get(deviceKey({ host, device: what.parent }))?.function;
    return parent?.kind === 'pf' ? parent.netdev : null;
  }

  #copyOf(machine: Machine): Copy {
    const { vcpus, memoryMiB, hugepageSizeKiB } = machine;
    const isolatedCpus = this.desired.machines.find(({ name }) => name === machine.name)?.isolatedCpus ?? false;
    return {
      machine: machine.name,
      host: machine.host,
      state: machine.state === 'paused' ? 'running' : machine.state,
      size: { vcpus, memoryMiB, hugepageSizeKiB, isolatedCpus },
      cell: machine.numaNode,
      devices: new Map(
        machine.assignments.map((assignment) => {
          const vlan = this.vfs.get(deviceKey({ host: machine.host, device: assignment.device }))?.vlan ?? null;
          return [assignment.claim, { ...assignment, vlan }];
        }),
      ),
      staged: machine.staged.map(({ claim, host, device }) => `${claim} ${host}/${device}`),
    };
  }
}
