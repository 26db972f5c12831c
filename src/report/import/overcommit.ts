import type { FoundHost } from './inventory.js';

/** What can be written at most. */
const HIGHEST_RATIO = 64;

/** How a host hands out more than it has to the machines that run there. */
export interface Overcommit {
  /** Virtual CPUs for each CPU that is not isolated; 1 where they suffice. */
  readonly cpuAllocationRatio: number;
  /** False: the machines that run there have more CPUs than the highest ratio gives. */
  readonly isEnough: boolean;
  /** What a person should know of it. */
  readonly remarks: readonly string[];
}

/** By the machines that run on a host, written or not; those that are stopped take nothing. */
export function overcommitOf({ name, host, machines }: FoundHost): Overcommit {
  const running = machines.map(({ machine }) => machine).filter(({ state }) => state !== 'stopped');
  const cpus = sum(host.numaNodes.map((cell) => cell.cpus));
  const isolated = sum(host.numaNodes.map((cell) => cell.isolatedCpus));
  const vcpus = sum(running.map((machine) => machine.vcpus));
  const needed = cpus === 0 || vcpus <= cpus ? 1 : inQuarters((vcpus - isolated) / (cpus - isolated));
  const cpuAllocationRatio = Math.min(needed, HIGHEST_RATIO);
  const isEnough = cpuAllocationRatio === needed;
  const written = `it is written with cpuAllocationRatio ${cpuAllocationRatio}`;
  const limit = isEnough ? '' : ', which is the highest, and without its number of CPUs';
  const pools = host.numaNodes.flatMap((cell) => cell.hugepages);
  const poolsMiB = sum(pools.map((pool) => (pool.total * pool.sizeKiB) / 1024));
  const memoryMiB = sum(host.numaNodes.map((cell) => cell.memoryMiB)) - poolsMiB;
  const usedMiB = sum(running.map((machine) => (machine.hugepageSizeKiB === 0 ? machine.memoryMiB : 0)));
  const none = 'Berth hands memory out once, and brings no machine there until some have left or are smaller';
  return {
    cpuAllocationRatio,
    isEnough,
    remarks: [
      ...(needed === 1
        ? []
        : [`${name} has ${cpus} CPUs for ${vcpus} of the machines that run there: ${written}${limit}`]),
      ...(cpus === 0 || usedMiB <= memoryMiB
        ? []
        : [`${name} has ${memoryMiB} MiB of memory for ${usedMiB} of the machines that run there: ${none}`]),
    ],
  };
}

/** Quarters are exact numbers for a computer, so that CPUs times the ratio are no hair less than what is needed. */
function inQuarters(ratio: number): number {
  return Math.ceil(ratio * 4) / 4;
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}
