import type { Assignment, Host, Latency, SwitchPort } from '../../model/index.js';
import type { MachineLoad } from './load.js';
import type { SimulatedMachine } from './state.js';

/** What a simulated cluster is at its start, everything filled in. Plain data: it is kept beside the state. */
export interface Scenario {
  /** Epoch milliseconds. */
  readonly startsAt: number;
  /** Load samples exist from this long before the start. */
  readonly historySeconds: number;
  readonly hosts: readonly Host[];
  readonly machines: readonly SimulatedMachine[];
  readonly ports: readonly SwitchPort[];
  readonly latencies: readonly Latency[];
  /** By machine name; also of machines that do not run yet. */
  readonly loads: Readonly<Record<string, MachineLoad>>;
  /** How long each kind of call takes. */
  readonly durationsMs: Readonly<Record<string, number>>;
}

/** A scenario as people write it, in YAML or in code: short, with defaults for whatever is left out. */
export interface ScenarioInput {
  /** RFC 3339. */
  readonly startsAt?: string;
  readonly historySeconds?: number;
  readonly templates?: Readonly<Record<string, HostTemplate>>;
  readonly hosts: readonly HostInput[];
  readonly machines?: readonly MachineInput[];
  /** Loads of machines that are deployed later. */
  readonly loads?: Readonly<Record<string, LoadInput>>;
  readonly durationsMs?: Readonly<Record<string, number>>;
}

interface HostTemplate {
  readonly cpuModel?: string;
  readonly cpuFeatures?: readonly string[];
  readonly machineTypes?: readonly string[];
  readonly ptp?: boolean;
  readonly migrationMibps?: number;
  readonly cells?: readonly CellInput[];
  readonly nics?: readonly NicInput[];
  readonly devices?: readonly DeviceInput[];
  readonly latencyMs?: Readonly<Record<string, number>>;
  /** Access switch of all its NICs that name none. */
  readonly switch?: string;
}

export interface HostInput extends HostTemplate {
  readonly name: string;
  readonly template?: string;
}

interface CellInput {
  readonly cpus: number;
  readonly isolatedCpus?: number;
  readonly memoryMiB: number;
  /** Page size in KiB → number of pages. */
  readonly hugepages?: Readonly<Record<string, number>>;
}

export interface NicInput {
  readonly netdev: string;
  readonly bdf: string;
  readonly speedMbps?: number;
  readonly vfs?: number;
  readonly totalVfs?: number;
  readonly vendor?: string;
  readonly device?: string;
  readonly vfDevice?: string;
  readonly driver?: string;
  readonly vfDriver?: string;
  readonly numaNode?: number;
  readonly mode?: 'legacy' | 'switchdev';
  readonly linkState?: 'up' | 'down';
  readonly liveMigratable?: boolean;
  /** More than one where the slot does not isolate functions from each other (no ACS). */
  readonly vfsPerGroup?: number;
  readonly switch?: string;
  readonly switchPort?: string;
}

interface DeviceInput {
  readonly bdf: string;
  readonly vendor: string;
  readonly device: string;
  readonly category?: 'gpu' | 'nvme' | 'fpga' | 'accelerator' | 'network' | 'other';
  readonly driver?: string;
  readonly numaNode?: number;
  readonly liveMigratable?: boolean;
  /** Devices of a host that name the same group share it; without a name a device is alone. */
  readonly group?: string;
}

export interface MachineInput {
  readonly name: string;
  readonly host: string;
  readonly vcpus?: number;
  readonly memoryMiB?: number;
  readonly hugepageSizeKiB?: number;
  readonly numaNode?: number;
  readonly isolatedCpus?: boolean;
  readonly dirtyMibps?: number;
  readonly diskGiB?: number;
  readonly sharedDisks?: boolean;
  readonly standby?: boolean;
  readonly answersUnplug?: boolean;
  /** By claim. */
  readonly devices?: Readonly<Record<string, AssignmentInput>>;
  readonly load?: LoadInput;
}

type AssignmentInput = Omit<Partial<Assignment>, 'device' | 'claim'> & {
  readonly bdf: string;
  /** Port profile that the switch has for it at the start. */
  readonly profile?: string;
  readonly vlan?: number;
  readonly trust?: boolean;
};

/** A number is a constant CPU percentage. */
export type LoadInput =
  | number
  | {
      readonly cpuPercent?: number;
      readonly generator?: {
        readonly meanPercent: number;
        readonly amplitudePercent?: number;
        readonly periodSeconds?: number;
        readonly noisePercent?: number;
        readonly seed?: number;
      };
      readonly inline?: readonly number[];
      /** A CSV file beside the scenario; each row is a name and CPU percentages. */
      readonly trace?: string;
      /** Name of the row, or its number from 1; without it the row that is named as the machine is. */
      readonly row?: string | number;
      readonly periodSeconds?: number;
      readonly memoryPercent?: number;
      readonly networkMbps?: number;
    };
