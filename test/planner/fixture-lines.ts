import type {
  Approval,
  DesiredHost,
  DesiredMachine,
  DeviceClass,
  Host,
  LoadPolicy,
  Machine,
  MigrationPolicy,
  Topology,
  World,
} from '../../src/model/index.js';

/** The time of every fixture: a Monday, 12:00 UTC. */
export const NOW = Date.UTC(2026, 0, 5, 12);
export const PLACE = { file: 'fixture.yaml', line: 1, column: 1, pointer: '', excerpt: '' };

/** One host a line; what is left out is an ordinary host of 32 CPUs and 64 GiB with 4 VFs in access group `a`. */
export interface HostLine {
  readonly group?: string;
  readonly zone?: string;
  /** `unobserved`: written, and nobody has asked it. */
  readonly state?: Host['state'] | 'unobserved';
  readonly maintenance?: DesiredHost['maintenance'];
  readonly cells?: number;
  readonly cpus?: number;
  readonly isolatedCpus?: number;
  readonly memoryMiB?: number;
  /** 1 GiB pages of the whole host. */
  readonly hugepages?: number;
  readonly vfs?: number;
  readonly gpus?: number;
  readonly live?: boolean;
  readonly ptp?: boolean;
  /** Load in each window, oldest first; a number stands for as many windows as the policy holds. */
  readonly cpu?: number | readonly number[];
  readonly memory?: number;
  /** Round trip to sites. */
  readonly latency?: Readonly<Record<string, number>>;
  readonly desired?: Partial<DesiredHost>;
  readonly observed?: Partial<Host>;
}

/** One machine a line; what is left out is a machine of 2 CPUs and 4 GiB without devices. */
export interface MachineLine {
  /** Where it runs; nowhere when absent. */
  readonly on?: string;
  /** `spec.host`. */
  readonly host?: string;
  readonly vcpus?: number;
  readonly memoryMiB?: number;
  /** Claim → class (`vf` or `gpu`). */
  readonly claims?: Readonly<Record<string, 'vf' | 'gpu'>>;
  /** CPUs in use in each window, oldest first; a number stands for as many windows as the policy holds. */
  readonly cpu?: number | readonly number[];
  readonly standby?: boolean;
  readonly dirtyMibps?: number;
  readonly movedSecondsAgo?: number;
  readonly movedFrom?: string;
  /** Not in Git when false. */
  readonly managed?: boolean;
  readonly desired?: Partial<DesiredMachine>;
  readonly observed?: Partial<Machine>;
}

export type RuleLine = { readonly machines: readonly string[] } & (
  | { readonly kind: 'affinity' | 'anti-affinity'; readonly topology: Topology }
  | { readonly kind: 'spread'; readonly topology: Topology; readonly maxSkew: number }
  | { readonly kind: 'pin' | 'ban'; readonly hosts: readonly string[] }
  | { readonly kind: 'latency'; readonly site: string; readonly maxMs: number }
);

export interface FixtureLines {
  readonly hosts: Readonly<Record<string, HostLine>>;
  readonly machines?: Readonly<Record<string, MachineLine>>;
  readonly rules?: readonly RuleLine[];
  readonly budgets?: readonly { readonly machines: readonly string[]; readonly maxMoving: number }[];
  /** Of every access group; 0: not limited. */
  readonly uplinkMbps?: number;
  readonly load?: Partial<LoadPolicy>;
  readonly migration?: Partial<MigrationPolicy>;
  readonly classes?: readonly Partial<DeviceClass>[];
  readonly approvals?: readonly Partial<Approval>[];
  readonly world?: Partial<World>;
}
