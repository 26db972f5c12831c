import type { Host, NumaNode, PciDevice } from '../../../model/index.js';
import type { Capabilities, Cell } from './capabilities.js';

/** What libvirt does not tell of a host; read by commands on it where they are allowed. */
export interface HostFacts {
  /** Numbers of the CPUs that the host's scheduler leaves alone. */
  readonly isolatedCpus: readonly number[];
  readonly ptp: boolean;
  /** Null: taken from the fastest port that is up. */
  readonly migrationMibps: number | null;
}

export const NO_FACTS: HostFacts = { isolatedCpus: [], ptp: false, migrationMibps: null };

/** A host that answers, from all that is known of it. */
export function hostOf(
  name: string,
  capabilities: Capabilities,
  hostModel: { readonly cpuModel: string; readonly cpuFeatures: readonly string[] } | null,
  devices: readonly PciDevice[],
  facts: HostFacts,
): Host {
  const isolated = new Set(facts.isolatedCpus);
  return {
    name,
    state: 'up',
    cpuModel: capabilities.cpuModel,
    cpuFeatures: hostModel?.cpuFeatures ?? capabilities.cpuFeatures,
    machineTypes: capabilities.machineTypes,
    ptp: facts.ptp,
    numaNodes: capabilities.cells.map((cell) => numaNode(cell, isolated)),
    devices,
    migrationMibps: facts.migrationMibps ?? fastestMibps(devices),
  };
}

/** The same host while it does not answer; what hardware it has is still known when it answered before. */
export function silentHost(name: string, last: Host | null): Host {
  const unknown: Host = {
    name,
    state: 'unknown',
    cpuModel: '',
    cpuFeatures: [],
    machineTypes: [],
    ptp: false,
    numaNodes: [],
    devices: [],
    migrationMibps: 0,
  };
  return last === null ? unknown : { ...last, state: 'unknown' };
}

function numaNode({ id, cpuIds, memoryMiB, hugepages }: Cell, isolated: ReadonlySet<number>): NumaNode {
  const isolatedCpus = cpuIds.filter((cpu) => isolated.has(cpu)).length;
  return { id, cpus: cpuIds.length, isolatedCpus, memoryMiB, hugepages };
}

/** What 1 Gbit/s carries: assumed where no port tells its speed. */
const LEAST_MIBPS = 110;
const MIBPS_PER_MBPS = 1e6 / 8 / 2 ** 20;

/** Nine tenths of the line, for what protocols take. */
const PAYLOAD_SHARE = 0.9;

function fastestMibps(devices: readonly PciDevice[]): number {
  const speeds = devices.map(({ function: is }) => (is.kind === 'pf' && is.linkState === 'up' ? is.speedMbps : 0));
  const fastest = Math.max(0, ...speeds);
  return fastest === 0 ? LEAST_MIBPS : Math.floor(fastest * MIBPS_PER_MBPS * PAYLOAD_SHARE);
}
