import type { Bdf, Mac, VfAttributes } from './device.js';
import type { Strategy } from './machine.js';

/**
 * One effect on the outside, as data. A step of a plan is a few of them, and so is its undo. Each is idempotent:
 * performing it again when its effect is already there answers `done`.
 */
export type Action = LedgerAction | HypervisorAction | FabricAction;

/** The device that a machine's claim gets or gives up. */
export interface DeviceOf {
  readonly machine: string;
  readonly claim: string;
  readonly host: string;
  readonly device: Bdf;
}

/** Transitions of the reservation ledger; see {@link ReservationPhase}. */
export type LedgerAction = DeviceOf & {
  readonly port: 'ledger';
  /** `reserve` free → Pending · `hold` → Held by the dummy · `hand-over` → HandingOver to the machine · `hand-back` the reverse · `bind` → Bound · `release` → Released. */
  readonly kind: 'reserve' | 'hold' | 'hand-over' | 'hand-back' | 'bind' | 'release';
  readonly move: string;
};

/** A device with what the guest sees of it. */
export interface AttachedDevice {
  readonly claim: string;
  readonly device: Bdf;
  readonly guestAddress: string;
  readonly mac: Mac | null;
  /** Tag that the port gives the frames of the VF; null: none. Hypervisors set it, like the address, when a machine gets the VF. */
  readonly vlan: number | null;
}

/** What a driver needs in order to define and start a machine. */
export interface MachineDefinition {
  readonly name: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly hugepageSizeKiB: number;
  readonly numaNode: number | null;
  readonly isolatedCpus: boolean;
  readonly diskGiB: number;
  readonly sharedDisks: boolean;
  readonly devices: readonly AttachedDevice[];
}

export type HypervisorAction =
  | {
      readonly port: 'hypervisor';
      readonly kind: 'commission';
      readonly host: string;
      /** Name of the dummy VM. */
      readonly dummy: string;
      readonly devices: readonly Bdf[];
      /** Temporary; never the machine's. */
      readonly mac: Mac;
      /** Id of the reservation: `host/bdf`. */
      readonly reservation: string;
      readonly machine: string;
      /** How long the dummy may stand before it counts as left behind. */
      readonly ttlSeconds: number;
    }
  | { readonly port: 'hypervisor'; readonly kind: 'decommission'; readonly host: string; readonly dummy: string }
  | {
      readonly port: 'hypervisor';
      readonly kind: 'reconfigure';
      readonly machine: string;
      readonly host: string;
      /** All replacements that the machine shall know of; an empty list clears them. */
      readonly replacements: readonly { readonly claim: string; readonly host: string; readonly device: Bdf }[];
    }
  | ({
      readonly port: 'hypervisor';
      readonly kind: 'detach';
      readonly machine: string;
      readonly host: string;
    } & AttachedDevice)
  | ({
      readonly port: 'hypervisor';
      readonly kind: 'attach';
      readonly machine: string;
      readonly host: string;
    } & AttachedDevice)
  | {
      readonly port: 'hypervisor';
      readonly kind: 'migrate';
      readonly machine: string;
      readonly from: string;
      readonly to: string;
      readonly strategy: Exclude<Strategy, 'cold'>;
      /** Devices after the move, those that the strategy carries itself; empty for `hotplug`. */
      readonly devices: readonly AttachedDevice[];
      /** Cell on the target that the machine is pinned to; null when it floats. */
      readonly numaNode: number | null;
      /** 0: as fast as the network carries. */
      readonly bandwidthMibps: number;
      readonly maxDowntimeMs: number;
      readonly autoConverge: boolean;
      /** Connections over which memory is copied in parallel, from 1. */
      readonly connections: number;
    }
  /** Ends a running migration; the machine stays on the source. */
  | { readonly port: 'hypervisor'; readonly kind: 'abort'; readonly machine: string; readonly host: string }
  | {
      readonly port: 'hypervisor';
      readonly kind: 'start';
      readonly host: string;
      readonly machine: string;
      readonly definition: MachineDefinition;
    }
  | { readonly port: 'hypervisor'; readonly kind: 'stop'; readonly machine: string; readonly host: string }
  /** Forgets a stopped machine on a host. Refused while it runs. */
  | { readonly port: 'hypervisor'; readonly kind: 'undefine'; readonly machine: string; readonly host: string };

export type FabricAction =
  | (DeviceOf & {
      readonly port: 'fabric';
      readonly kind: 'apply-port-profile' | 'remove-port-profile';
      readonly profile: PortProfileSettings;
    })
  | (DeviceOf & {
      readonly port: 'fabric';
      /** `reset-vf` takes the attributes of an idle VF; both carry the epoch of the reservation by which they may act. */
      readonly kind: 'set-vf' | 'reset-vf';
      readonly attributes: VfAttributes;
    })
  | {
      readonly port: 'fabric';
      readonly kind: 'announce';
      readonly machine: string;
      readonly host: string;
      readonly device: Bdf;
      readonly mac: Mac;
      readonly vlan: number | null;
    }
  | {
      readonly port: 'fabric';
      readonly kind: 'forward';
      readonly machine: string;
      readonly mac: Mac;
      readonly from: string;
      readonly to: string;
      readonly seconds: number;
    }
  | {
      readonly port: 'fabric';
      readonly kind: 'unforward';
      readonly machine: string;
      readonly mac: Mac;
      readonly from: string;
      readonly to: string;
    };

/** A port profile as the switch gets it. */
export interface PortProfileSettings {
  readonly name: string;
  readonly vlan: number | null;
  readonly trunk: readonly number[];
  readonly acl: readonly string[];
  /** 0 means no limit. */
  readonly rateMbps: number;
}
