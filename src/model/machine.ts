import type { Bdf, Mac } from './device.js';

/** How a machine's device crosses to another host; see `planner/strategy`. */
export type Strategy = 'vfio-live' | 'failover' | 'hotplug' | 'cold';

/** A device that a machine owns now. */
export interface Assignment {
  /** Name of the machine's claim that the device fills. */
  readonly claim: string;
  readonly device: Bdf;
  /** PCI address inside the guest; kept over a migration so that the NIC keeps its name. */
  readonly guestAddress: string;
  /** Null for devices that are no NIC function. */
  readonly mac: Mac | null;
}

/** One copy of a machine on one host. A machine that (wrongly) runs twice has two entries in the world. */
export interface Machine {
  readonly name: string;
  readonly host: string;
  /** `incoming`: the paused receiving end of a migration. */
  readonly state: 'running' | 'paused' | 'stopped' | 'incoming';
  readonly vcpus: number;
  readonly memoryMiB: number;
  /** 0 when the machine does not use hugepages. */
  readonly hugepageSizeKiB: number;
  /** The cell that all its CPUs and memory are pinned to; null when it floats. */
  readonly numaNode: number | null;
  readonly assignments: readonly Assignment[];
  /** Replacement devices it was told of before a migration (step `reconfigure`). */
  readonly staged: readonly StagedReplacement[];
  /** Every VF of it has a paravirtual NIC beside it that takes over while the VF is away, as `failover` needs. */
  readonly standby: boolean;
  /** Rate at which it dirties memory; 0: nobody has measured any. */
  readonly dirtyMibps: number;
  readonly diskGiB: number;
  /** True when every disk lies on storage that all hosts reach. */
  readonly sharedDisks: boolean;
  /** The migration that runs now, null when none does. */
  readonly job: MigrationJob | null;
}

/** The replacement for one claim, known to the machine while it still runs on the source. */
export interface StagedReplacement {
  readonly claim: string;
  readonly host: string;
  readonly device: Bdf;
}

/** A running migration as the source host reports it. */
export interface MigrationJob {
  readonly to: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly startedAt: number;
}

/** A dummy VM: paused, diskless, and only there to hold a device for a machine that comes. */
export interface Dummy {
  readonly name: string;
  readonly host: string;
  readonly devices: readonly Bdf[];
  /** A local temporary address; never the machine's own. */
  readonly mac: Mac;
  /** Id of the ledger's reservation that it stands for. */
  readonly reservation: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** True for states in which the guest's code can act on the network or on disks. */
export function isActive(machine: Machine): boolean {
  return machine.state === 'running' || machine.state === 'paused';
}
