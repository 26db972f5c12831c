import type { Candidate } from '../constraints/index.js';
import type { Occupancy } from '../occupancy.js';
import type { Placement } from '../placement.js';
import { demandOf } from '../placement.js';
import { amountsOf, shortage } from '../resources.js';
import type { MachineView, View } from '../view.js';
import type { HostTraits } from './traits.js';
import { hostTraits } from './traits.js';

/** What speaks against a host that could take a machine, each from 0 (nothing) to about 1; the host with the lowest sum is taken. */
export interface Drawbacks {
  /** Projected load of the host, its highest metric; the share of CPUs given out where no load is known. */
  readonly load: number;
  /** Share of the host's memory given out. */
  readonly memory: number;
  /** Mean load of the hosts behind the same access switch. */
  readonly groupLoad: number;
  /** 1 when the machine leaves its access group. */
  readonly groupCrossing: number;
  /** Place of the strategy in the machine's list, 0 for its first choice. */
  readonly strategy: number;
  /** 1 when something has to leave the host first. */
  readonly waiting: number;
  /** Share of what is rare and not needed by the machine: PTP clock, isolated CPUs, huge pages, whole devices. */
  readonly waste: number;
  /** Share of the VFs that are in use. */
  readonly functions: number;
}

/** What speaks against a host whatever place on it is taken, and however the machine comes there. */
export type Appraisal = Omit<Drawbacks, 'strategy' | 'waiting'>;

/** By number of the host. */
export type Appraiser = (host: number) => Appraisal;

/** Appraises hosts for a machine, in a cluster without the machine's own place. */
export function appraiserOf(view: View, occupancy: Occupancy, machine: MachineView): Appraiser {
  const { frame, devices } = occupancy;
  const traits = hostTraits(frame);
  const groupLoads = groupLoadsOf(occupancy, traits);
  const shares = view.loads.metrics.map((metric) => view.loads.share(machine.name, metric) ?? 0);
  const { vcpus, memoryMiB } = demandOf(machine);
  const { of } = frame.units.accessGroup;
  const home = view.hosts.has(machine.running?.host ?? '') ? frame.hostAt.get(machine.running?.host ?? '') : undefined;
  return (host) => {
    const unit = of[host] ?? -1;
    return {
      load: loadAfter(occupancy, host, shares) ?? (cpusOf(occupancy, host) + vcpus) / (traits.cpus[host] ?? 1),
      memory: (memoryOf(occupancy, traits, host) + memoryMiB) / (traits.memory[host] ?? 1),
      groupLoad: groupLoads[unit] ?? 0,
      groupCrossing: home !== undefined && of[home] !== unit ? 1 : 0,
      waste: wasteOf(machine, traits, host),
      functions: (devices.functionsInUse[host] ?? 0) / (traits.functions[host] ?? 1),
    };
  };
}

/** True when the place is free now, beside all that is there and all that comes. */
export function fitsNow({ host, machine, present }: Candidate, placement: Placement): boolean {
  if (present === undefined) return true;
  const wanted = amountsOf(demandOf(machine), placement.cell);
  if (shortage(host.capacity, present.used(host.name), wanted) !== null) return false;
  const functions = placement.devices.flatMap(({ group }) => group);
  return functions.every((device) => present.owner(host.name, device) === null);
}

/** The highest metric once the machine is there, null where no load is known. */
function loadAfter({ frame, loads }: Occupancy, host: number, shares: readonly number[]): number | null {
  let most = -Infinity;
  for (let metric = 0; metric < shares.length; metric++) {
    const at = host * shares.length + metric;
    const now = loads[at] ?? NaN;
    if (!Number.isNaN(now)) most = Math.max(most, (now + (shares[metric] ?? 0)) / (frame.full[at] ?? 1));
  }
  return most === -Infinity ? null : most;
}

function cpusOf({ frame, use }: Occupancy, host: number): number {
  return use[host * frame.resources.length] ?? 0;
}

function memoryOf({ frame, use }: Occupancy, { memoryResources }: HostTraits, host: number): number {
  let sum = 0;
  for (const resource of memoryResources) sum += use[host * frame.resources.length + resource] ?? 0;
  return sum;
}

/** What is rare, and whether the machine needs it: PTP clock, isolated CPUs, huge pages, devices. */
export function needsOfRare({ desired }: MachineView): readonly boolean[] {
  return [desired.ptp, desired.isolatedCpus, desired.hugepageSizeKiB > 0, desired.claims.length > 0];
}

/** Share of what is rare that the host has and the machine does not need. */
export function wasteOf(machine: MachineView, { ptp, isolated, pages, whole }: HostTraits, host: number): number {
  const needs = needsOfRare(machine);
  const has = [ptp, isolated, pages, whole];
  return has.reduce((sum, each, index) => sum + (each[host] === 1 && needs[index] !== true ? 1 : 0), 0) / 4;
}

/** Share of the CPUs given out, the mean over the hosts of each access group. */
function groupLoadsOf(occupancy: Occupancy, { cpus }: HostTraits): Float64Array {
  const { of, names } = occupancy.frame.units.accessGroup;
  const sums = new Float64Array(names.length);
  const hosts = new Int32Array(names.length);
  for (let host = 0; host < occupancy.frame.written; host++) {
    const unit = of[host] ?? 0;
    sums[unit] = (sums[unit] ?? 0) + cpusOf(occupancy, host) / (cpus[host] ?? 1);
    hosts[unit] = (hosts[unit] ?? 0) + 1;
  }
  return sums.map((sum, unit) => sum / Math.max(1, hosts[unit] ?? 0));
}
