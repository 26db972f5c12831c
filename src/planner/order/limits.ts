import type { Desired, Limits } from '../../model/index.js';

const BYTES_PER_MIB = 1024 * 1024;

/** The narrowest of what the cluster and the policies of the machines allow. */
export function limitsOf(desired: Desired, limits: readonly Limits[]): Limits {
  const all = [desired.cluster.limits, ...limits];
  return {
    perHost: Math.min(...all.map((entry) => entry.perHost)),
    perGroup: Math.min(...all.map((entry) => entry.perGroup)),
    perCluster: Math.min(...all.map((entry) => entry.perCluster)),
  };
}

/** MiB/s of an uplink; Infinity where it is not limited. */
export function mibpsOf(uplinkMbps: number): number {
  return uplinkMbps === 0 ? Infinity : (uplinkMbps * 1e6) / 8 / BYTES_PER_MIB;
}

/** Mean rate of a transfer in MiB/s. */
export function rateOf(bytes: number, seconds: number): number {
  return bytes / BYTES_PER_MIB / Math.max(0.1, seconds);
}
