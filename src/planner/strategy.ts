import type { Bdf, Estimate, Strategy } from '../model/index.js';
import { estimateMove, estimateStart } from './estimate.js';
import type { Transfer } from './estimate.js';
import { mibpsOf } from './order/limits.js';
import { demandOf } from './placement.js';
import type { Placement } from './placement.js';
import type { MachineView, View } from './view.js';

/** Where a move starts; null: the machine runs nowhere. */
export type Source = Placement | null;

export type StrategyChoice =
  | { readonly kind: 'chosen'; readonly strategy: Strategy; readonly reason: string; readonly estimate: Estimate }
  | { readonly kind: 'none'; readonly message: string };

interface Crossing {
  readonly view: View;
  readonly machine: MachineView;
  readonly source: NonNullable<Source>;
  readonly target: Placement;
  readonly transfer: Transfer;
}

/** The first strategy that machine, device classes, devices on both ends and the allowed pause permit, and why no better one. */
export function chooseStrategy(view: View, machine: MachineView, source: Source, target: Placement): StrategyChoice {
  if (source === null) {
    const reason = 'the machine runs nowhere yet: it is started';
    return { kind: 'chosen', strategy: 'cold', reason, estimate: estimateStart() };
  }
  const surplus = surplusDevice(machine, source);
  if (surplus !== null) return { kind: 'none', message: `${machine.name} owns ${surplus}, which no claim of it names` };
  const transfer = transferOf(view, machine, source.host, target.host);
  const crossing: Crossing = { view, machine, source, target, transfer };
  const passed: string[] = [];
  for (const strategy of machine.desired.strategies) {
    const estimate = estimateMove(strategy, transfer);
    const obstacle = obstacleTo(strategy, estimate, crossing);
    if (obstacle === null) return { kind: 'chosen', strategy, reason: reasonFor(machine, strategy, passed), estimate };
    passed.push(`not ${strategy}: ${obstacle}`);
  }
  const none = `no strategy is allowed for ${machine.name}`;
  return { kind: 'none', message: passed.length === 0 ? none : passed.join('; ') };
}

/**
 * Place in the machine's list of the first strategy that could cross from its source to the host, whatever devices it is given there; null
 * when none can. `chooseStrategy` never finds an earlier one.
 */
export function strategyFloor(view: View, machine: MachineView, source: Source, host: string): number | null {
  if (source === null) return 0;
  if (surplusDevice(machine, source) !== null) return null;
  const transfer = transferOf(view, machine, source.host, host);
  const crossing: Crossing = { view, machine, source, target: { host, cell: null, devices: [] }, transfer };
  const carries = source.devices.every(({ device }) => findDevice(view, source.host, device)?.liveMigratable === true);
  const index = machine.desired.strategies.findIndex(
    (strategy) =>
      (strategy !== 'vfio-live' || (carries && source.devices.length === machine.desired.claims.length)) &&
      obstacleTo(strategy, estimateMove(strategy, transfer), crossing) === null,
  );
  return index < 0 ? null : index;
}

/** What has to cross, and how fast it can: as the narrowest of policy, hosts and uplinks lets it. */
export function transferOf(view: View, machine: MachineView, from: string, to: string): Transfer {
  const rates = [
    machine.policy.bandwidthMibps,
    view.observedHosts.get(from)?.migrationMibps ?? 0,
    view.observedHosts.get(to)?.migrationMibps ?? 0,
    ...uplinksBetween(view, from, to),
  ].filter((rate) => rate > 0);
  return {
    memoryMiB: demandOf(machine).memoryMiB,
    dirtyMibps: machine.running?.dirtyMibps ?? 0,
    diskMiB: machine.desired.sharedDisks ? 0 : machine.desired.diskGiB * 1024,
    bandwidthMibps: rates.length === 0 ? 1 : Math.min(...rates),
    maxDowntimeMs: machine.desired.maxDowntimeMs,
  };
}

/** MiB/s of the limited uplinks that a transfer from access group to access group crosses. */
function uplinksBetween(view: View, from: string, to: string): readonly number[] {
  const [source, target] = [from, to].map((host) => view.hosts.get(host)?.desired.accessGroup ?? null);
  if (source === target) return [];
  return [source, target].map((name) => mibpsOf(view.groups.get(name ?? '')?.uplinkMbps ?? 0)).filter(Number.isFinite);
}

function reasonFor(machine: MachineView, strategy: Strategy, passed: readonly string[]): string {
  if (machine.desired.claims.length === 0 && strategy !== 'cold') return 'it owns no device: only its memory moves';
  return passed.length === 0 ? `${strategy} is the first choice and nothing stands against it` : passed.join('; ');
}

function obstacleTo(strategy: Strategy, estimate: Estimate, crossing: Crossing): string | null {
  return (
    classObstacle(strategy, crossing) ??
    meansObstacle(strategy, crossing) ??
    pauseObstacle(strategy, estimate, crossing)
  );
}

function classObstacle(strategy: Strategy, { view, machine }: Crossing): string | null {
  const against = machine.desired.claims.find((claim) => !view.classes.get(claim.class)?.strategies.includes(strategy));
  return against === undefined ? null : `device class ${against.class} does not take it`;
}

function meansObstacle(strategy: Strategy, crossing: Crossing): string | null {
  switch (strategy) {
    case 'vfio-live':
      return stateObstacle(crossing) ?? platformObstacle(crossing);
    case 'failover':
      return standbyObstacle(crossing) ?? functionObstacle(crossing) ?? platformObstacle(crossing);
    case 'hotplug':
      return platformObstacle(crossing);
    case 'cold':
      return crossing.machine.desired.sharedDisks ? null : 'its disks are local, and a cold move copies none';
  }
}

/** The state of a device crosses when both ends can carry it and are the same model. */
function stateObstacle({ view, machine, source, target }: Crossing): string | null {
  for (const { claim, device } of target.devices) {
    const old = source.devices.find((entry) => entry.claim === claim);
    if (old === undefined) return `${machine.name} has no device for claim ${claim} now`;
    const from = findDevice(view, source.host, old.device);
    const to = findDevice(view, target.host, device);
    if (from?.liveMigratable !== true) return `${old.device} on ${source.host} cannot carry its state over`;
    if (to?.liveMigratable !== true) return `${device} on ${target.host} cannot take the state over`;
    if (from.vendor !== to.vendor || from.device !== to.device) {
      return `${old.device} on ${source.host} and ${device} on ${target.host} are different models`;
    }
  }
  return null;
}

function standbyObstacle({ machine }: Crossing): string | null {
  return machine.running?.standby === false ? `${machine.name} has no standby NIC to live on without its VF` : null;
}

/** Failover puts a virtual NIC in front of the device, so that the device must be a function of a NIC. */
function functionObstacle({ view, source, target }: Crossing): string | null {
  const other = target.devices.find(({ device }) => findDevice(view, target.host, device)?.function.kind !== 'vf');
  if (other !== undefined) return `${other.device} on ${target.host} is no virtual function of a NIC`;
  const missing = target.devices.find(({ claim }) => !source.devices.some((entry) => entry.claim === claim));
  return missing === undefined ? null : `there is no device for claim ${missing.claim} now`;
}

function platformObstacle({ view, source, target }: Crossing): string | null {
  const from = view.observedHosts.get(source.host);
  const to = view.observedHosts.get(target.host);
  const missing = from?.cpuFeatures.find((feature) => !to?.cpuFeatures.includes(feature));
  return missing === undefined
    ? null
    : `the CPUs of ${target.host} lack ${missing}, which those of ${source.host} have`;
}

/** Inside a maintenance window outages are expected: there a cold move is not held against the allowed pause. */
function pauseObstacle(strategy: Strategy, estimate: Estimate, { machine }: Crossing): string | null {
  if (strategy === 'cold' && machine.policy.windows.length > 0) return null;
  if (estimate.downtimeMs <= machine.desired.maxDowntimeMs) return null;
  return `it would pause the machine for ${estimate.downtimeMs} ms; ${machine.desired.maxDowntimeMs} ms are allowed`;
}

function surplusDevice(machine: MachineView, source: NonNullable<Source>): Bdf | null {
  const claims = new Set(machine.desired.claims.map((claim) => claim.name));
  return source.devices.find((entry) => !claims.has(entry.claim))?.device ?? null;
}

function findDevice(view: View, host: string, device: Bdf) {
  return (
    view.hosts.get(host)?.devices.get(device) ?? view.observedHosts.get(host)?.devices.find((d) => d.bdf === device)
  );
}
