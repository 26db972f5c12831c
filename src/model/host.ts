import type { PciDevice } from './device.js';

/** Memory pages of one size on one NUMA node; page counts. */
export interface HugepagePool {
  readonly sizeKiB: number;
  readonly total: number;
}

/** One NUMA cell of a host. */
export interface NumaNode {
  readonly id: number;
  /** CPUs (threads) of the cell, the isolated ones included. */
  readonly cpus: number;
  /** CPUs kept from the host's scheduler, for real-time machines. */
  readonly isolatedCpus: number;
  /** All memory of the cell, hugepages included. */
  readonly memoryMiB: number;
  readonly hugepages: readonly HugepagePool[];
}

/** A hypervisor host as observed. */
export interface Host {
  readonly name: string;
  /** `unknown`: it does not answer; whatever runs there may still run. */
  readonly state: 'up' | 'down' | 'unknown';
  readonly cpuModel: string;
  readonly cpuFeatures: readonly string[];
  readonly machineTypes: readonly string[];
  /** A PTP hardware clock is present and synchronised. */
  readonly ptp: boolean;
  readonly numaNodes: readonly NumaNode[];
  readonly devices: readonly PciDevice[];
  /** Rate that the migration network of the host can carry, each way. */
  readonly migrationMibps: number;
}
