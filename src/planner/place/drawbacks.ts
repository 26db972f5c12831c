import type { Candidate } from '../constraints/index.js';
import type { Occupancy } from '../occupancy.js';
import type { Placement } from '../placement.js';
import { demandOf } from '../placement.js';
import { amountsOf, shortage } from '../resources.js';
import type { HostView, View } from '../view.js';

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

/** What is the same for every host that is asked. */
export interface Surroundings {
  /** The cluster with everything that is there now and all that comes: what does not fit there has to wait for something to leave. */
  readonly present: Occupancy;
  /** Share of the CPUs given out, the mean over each access group. */
  readonly groupLoads: ReadonlyMap<string, number>;
}

/** Share of the CPUs given out, the mean over the hosts of each access group. */
export function groupLoadsOf(view: View, occupancy: Occupancy): ReadonlyMap<string, number> {
  const sums = new Map<string, { readonly total: number; readonly hosts: number }>();
  for (const host of view.hosts.values()) {
    const { total, hosts } = sums.get(host.desired.accessGroup) ?? { total: 0, hosts: 0 };
    sums.set(host.desired.accessGroup, { total: total + givenOut(occupancy, host, ['cpus'], 0), hosts: hosts + 1 });
  }
  return new Map([...sums].map(([group, { total, hosts }]) => [group, total / hosts]));
}

/** What speaks against a place that could be taken. */
export function drawbacksOf(
  candidate: Candidate,
  placement: Placement,
  strategyRank: number,
  { present, groupLoads }: Surroundings,
): Drawbacks {
  const { view, occupancy, machine, host } = candidate;
  const source = view.hosts.get(machine.running?.host ?? '');
  const crossing = source !== undefined && source.desired.accessGroup !== host.desired.accessGroup;
  return {
    load: loadAfter(candidate),
    memory: givenOut(occupancy, host, ['memory', ...hugepageNames(host)], demandOf(machine).memoryMiB),
    groupLoad: groupLoads.get(host.desired.accessGroup) ?? 0,
    groupCrossing: crossing ? 1 : 0,
    strategy: strategyRank,
    waiting: fitsNow(candidate, placement, present) ? 0 : 1,
    waste: waste(candidate),
    functions: functionsInUse(occupancy, host),
  };
}

function loadAfter({ view, occupancy, machine, host }: Candidate): number {
  const ratios = view.loads.metrics.flatMap((metric) => {
    const now = occupancy.load(host.name, metric);
    return now === null
      ? []
      : [now + (view.loads.share(machine.name, metric) ?? 0) / view.loads.full(host.name, metric)];
  });
  return ratios.length > 0 ? Math.max(...ratios) : givenOut(occupancy, host, ['cpus'], demandOf(machine).vcpus);
}

function givenOut(occupancy: Occupancy, host: HostView, names: readonly string[], more: number): number {
  const total = (amounts: ReadonlyMap<string, number>) =>
    names.reduce((sum, name) => sum + (amounts.get(name) ?? 0), 0);
  return (total(occupancy.used(host.name)) + more) / Math.max(1, total(host.capacity));
}

function hugepageNames(host: HostView): readonly string[] {
  return [...host.capacity.keys()].filter((name) => name.startsWith('hugepages'));
}

function fitsNow({ host, machine }: Candidate, placement: Placement, present: Occupancy): boolean {
  const wanted = amountsOf(demandOf(machine), placement.cell);
  if (shortage(host.capacity, present.used(host.name), wanted) !== null) return false;
  const functions = placement.devices.flatMap(({ group }) => group);
  return functions.every((device) => present.owner(host.name, device) === null);
}

function waste({ machine, host }: Candidate): number {
  const { desired } = machine;
  const rare = [
    host.observed?.ptp === true && !desired.ptp,
    (host.capacity.get('isolated-cpus') ?? 0) > 0 && !desired.isolatedCpus,
    hugepageNames(host).some((name) => (host.capacity.get(name) ?? 0) > 0) && desired.hugepageSizeKiB === 0,
    desired.claims.length === 0 && [...host.devices.values()].some(({ category }) => category !== 'network'),
  ];
  return rare.filter(Boolean).length / rare.length;
}

function functionsInUse(occupancy: Occupancy, host: HostView): number {
  const used = host.functions.filter((device) => occupancy.owner(host.name, device.bdf) !== null);
  return used.length / Math.max(1, host.functions.length);
}
