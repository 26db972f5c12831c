import type { Mac, VfAttributes } from './device.js';
import type { Limits } from './plan.js';
import type { Metric } from './load.js';
import type { Objective } from './objective.js';
import type { PortProfileSettings } from './action.js';
import type { Place } from './problem.js';
import type { Strategy } from './machine.js';

/**
 * What people committed for one cluster: every default filled in, every reference resolved, selectors turned into names.
 * A `place` says where a thing is written, so that a refusal can name it.
 */
export interface Desired {
  /** Commit id, or `folder` for a working folder that is no repository. */
  readonly revision: string;
  readonly cluster: DesiredCluster;
  readonly hosts: readonly DesiredHost[];
  readonly accessGroups: readonly AccessGroup[];
  readonly portProfiles: readonly (PortProfileSettings & { readonly place: Place })[];
  readonly deviceClasses: readonly DeviceClass[];
  readonly machines: readonly DesiredMachine[];
  readonly rules: readonly PlacementRule[];
  readonly disruptionBudgets: readonly DisruptionBudget[];
  readonly loadPolicies: readonly LoadPolicy[];
  readonly migrationPolicies: readonly MigrationPolicy[];
  readonly approvals: readonly Approval[];
}

export interface DesiredCluster {
  readonly name: string;
  readonly place: Place;
  readonly suspended: boolean;
  readonly driver: 'simulator' | 'libvirt';
  /** Driver-specific. For the simulator: `scenario`, a path in the repository; for libvirt: `hosts`, with addresses that can be used. */
  readonly connection: Readonly<Record<string, unknown>>;
  readonly limits: Limits;
  /** Seconds between passes of the daemon. */
  readonly intervalSeconds: number;
  /** Value of the annotation `berth/requested-at`, empty when it is absent. */
  readonly requestedAt: string;
}

export interface DesiredHost {
  readonly name: string;
  readonly place: Place;
  readonly labels: Readonly<Record<string, string>>;
  readonly accessGroup: string;
  readonly zone: string;
  /** `cordon`: nothing new comes · `drain`: what is there leaves as well. */
  readonly maintenance: 'none' | 'cordon' | 'drain';
  /** Kept for the host itself; the planner does not hand it out. */
  readonly reserved: { readonly cpus: number; readonly memoryMiB: number };
  /** Virtual CPUs for each CPU that is neither isolated nor reserved, from 1. */
  readonly cpuAllocationRatio: number;
  readonly ports: readonly { readonly netdev: string; readonly physicalNetwork: string; readonly switchPort: string }[];
  /** Facts that the observation must agree with; a difference is drift. */
  readonly expect: Readonly<Record<string, string | number | boolean>>;
}

/** Hosts behind one access switch. */
export interface AccessGroup {
  readonly name: string;
  readonly place: Place;
  readonly switch: string;
  /** 0 means not limited. */
  readonly uplinkMbps: number;
  /** Round trip from the group to named sites, used where nothing was measured. */
  readonly latencyMs: Readonly<Record<string, number>>;
  readonly hosts: readonly string[];
}

export interface DeviceClass {
  readonly name: string;
  readonly place: Place;
  readonly type: 'vf' | 'function';
  /** Each matches when empty. */
  readonly vendors: readonly string[];
  readonly devices: readonly string[];
  readonly drivers: readonly string[];
  readonly categories: readonly string[];
  /** Null: any. */
  readonly physicalNetwork: string | null;
  /** Best first. */
  readonly strategies: readonly Strategy[];
}

export interface DeviceClaim {
  readonly name: string;
  readonly place: Place;
  readonly class: string;
  readonly portProfile: string | null;
  readonly mac: Mac | null;
  /** Empty: the driver chooses at first start and it is kept from then on. */
  readonly guestAddress: string;
  /** Attributes that the PF shall enforce; `adminMac` is filled in when the device is handed over. */
  readonly attributes: VfAttributes;
  /** The device's cell must be the machine's cell. */
  readonly numaLocal: boolean;
}

export interface DesiredMachine {
  readonly name: string;
  readonly place: Place;
  readonly labels: Readonly<Record<string, string>>;
  readonly suspended: boolean;
  /** Name of a role profile such as `DU`, empty when it has none. */
  readonly role: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
  /** 0: ordinary pages. */
  readonly hugepageSizeKiB: number;
  readonly isolatedCpus: boolean;
  readonly ptp: boolean;
  /** All its CPUs and memory must fit into one cell. */
  readonly numaPinned: boolean;
  readonly claims: readonly DeviceClaim[];
  readonly diskGiB: number;
  readonly sharedDisks: boolean;
  /** `spec.host`: pinned there; null: the planner is free. */
  readonly host: string | null;
  readonly hostPlace: Place | null;
  /** Strategies that machine, role and policy all allow, best first. */
  readonly strategies: readonly Strategy[];
  readonly maxDowntimeMs: number;
  readonly latencyBudgets: readonly { readonly site: string; readonly maxMs: number; readonly place: Place }[];
  /** How much a second of its downtime costs against others; from the role. */
  readonly migrationWeight: number;
  /** Name of its migration policy. */
  readonly migrationPolicy: string;
}

/** A rule of a `PlacementPolicy`; its selector has become a list of machine names. */
/** At most `maxMoving` of the machines switch from host to host at once. */
export interface DisruptionBudget {
  readonly policy: string;
  readonly place: Place;
  readonly machines: readonly string[];
  readonly maxMoving: number;
}

export type PlacementRule = {
  readonly policy: string;
  readonly place: Place;
  readonly machines: readonly string[];
} & (
  | { readonly kind: 'affinity' | 'anti-affinity'; readonly topology: Topology }
  | { readonly kind: 'spread'; readonly topology: Topology; readonly maxSkew: number }
  | { readonly kind: 'pin' | 'ban'; readonly hosts: readonly string[] }
  | { readonly kind: 'latency'; readonly site: string; readonly maxMs: number }
);

export type Topology = 'host' | 'accessGroup' | 'zone';

/** What the moves of a load policy are for. */
export type Goal = 'relieve' | 'balance' | 'consolidate' | 'defragment';

export interface LoadPolicy {
  readonly name: string;
  readonly place: Place;
  readonly suspended: boolean;
  readonly goal: Goal;
  readonly hosts: readonly string[];
  /** Ratios, 0 to 1; low < high. */
  readonly thresholds: readonly { readonly metric: Metric; readonly high: number; readonly low: number }[];
  readonly windowSeconds: number;
  /** Windows in a row that ask for moves before anything moves. */
  readonly holdWindows: number;
  /** After a move a machine is left alone for this long. */
  readonly cooldownSeconds: number;
  /** Least gain that is worth a move, as a ratio of a host's capacity: of excess load to relieve, of the weighted objectives else. */
  readonly minimumGain: number;
  readonly crossGroup: 'never' | 'when-needed';
  readonly maxMoves: number;
  /** To balance: the standard deviation of the load over the hosts that is let be, as a ratio. */
  readonly tolerance: number;
  /** To defragment: room that shall always be free; null: only pending machines ask for room. */
  readonly slot: Slot | null;
  readonly weights: Weights;
  readonly search: { readonly evaluations: number; readonly seed: number };
}

/** How much each objective counts, from 0. */
export type Weights = Readonly<Record<Objective, number>>;

/** The size of a machine to come, and how many such shall find room. */
export interface Slot {
  readonly count: number;
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly hugepageSizeKiB: number;
  readonly isolatedCpus: boolean;
  /** All of it in one cell, the devices included. */
  readonly numaPinned: boolean;
  readonly devices: readonly { readonly class: string; readonly count: number }[];
}

export interface MigrationPolicy {
  readonly name: string;
  readonly place: Place;
  readonly suspended: boolean;
  readonly limits: Limits;
  /** 0: as fast as the network carries. */
  readonly bandwidthMibps: number;
  /** Slow a guest down that changes memory faster than the network carries it. */
  readonly autoConverge: boolean;
  /** Connections over which the memory of one machine is copied. */
  readonly connections: number;
  /** Deadline of a migration: base + so much for each GiB of memory. */
  readonly deadline: { readonly baseSeconds: number; readonly secondsPerGiB: number };
  readonly stepDeadlineSeconds: number;
  readonly reservationTtlSeconds: number;
  readonly forwardSeconds: number;
  /** Cron expressions (UTC) with a length; empty: always open. */
  readonly windows: readonly { readonly cron: string; readonly durationMinutes: number }[];
  readonly approval: 'none' | 'required';
  readonly blastRadius: { readonly maxMoves: number; readonly maxShare: number };
  readonly planTtlSeconds: number;
}

/** Somebody's consent to one plan. */
export interface Approval {
  readonly name: string;
  readonly place: Place;
  readonly planHash: string;
  readonly approvedBy: string;
  /** Epoch milliseconds; null: no end. */
  readonly expiresAt: number | null;
}
