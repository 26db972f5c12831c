import type { DesiredHost, Drift, Host, Reservation, World } from '../model/index.js';
import { deviceKey, isClaimed } from '../model/index.js';
import { standingOf } from './dummies.js';
import { machineDrift } from './machine-drift.js';
import type { HostView, MachineView, View } from './view.js';

/** Every difference between what is written and what is observed that a plan of moves does not settle by itself. */
export function driftOf(view: View): readonly Drift[] {
  return [
    ...[...view.hosts.values()].flatMap(hostDrift),
    ...unwrittenHosts(view),
    ...[...view.machines.values()].flatMap((machine) => machineDrift(view, machine)),
    ...unmanagedMachines(view),
    ...dummyDrift(view.world),
    ...orphanReservations(view),
  ];
}

function hostDrift({ name, desired, observed }: HostView): readonly Drift[] {
  const subject = `Host/${name}`;
  if (observed === null) return [{ subject, code: 'HostMissing', message: `${name} is written but was not observed` }];
  return Object.entries(desired.expect).flatMap(([fact, expected]) => {
    const actual = factOf(observed, fact);
    if (observed.state !== 'up' || actual === expected) return [];
    const message = `${fact} of ${name} is ${String(actual)}; ${String(expected)} is expected`;
    return [{ subject, code: 'HostFactMismatch', message }];
  });
}

function factOf(host: Host, fact: string): DesiredHost['expect'][string] | undefined {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  switch (fact) {
    case 'cpuModel':
      return host.cpuModel;
    case 'cpus':
      return sum(host.numaNodes.map((node) => node.cpus));
    case 'isolatedCpus':
      return sum(host.numaNodes.map((node) => node.isolatedCpus));
    case 'memoryMiB':
      return sum(host.numaNodes.map((node) => node.memoryMiB));
    case 'numaNodes':
      return host.numaNodes.length;
    case 'ptp':
      return host.ptp;
    case 'migrationMibps':
      return host.migrationMibps;
    case 'vfs':
      return host.devices.filter((device) => device.function.kind === 'vf').length;
    default:
      return undefined;
  }
}

function unwrittenHosts({ hosts, world }: View): readonly Drift[] {
  return world.hosts.flatMap(({ name }) =>
    hosts.has(name)
      ? []
      : [{ subject: `Host/${name}`, code: 'UnknownHost', message: `${name} was observed but no document writes it` }],
  );
}

function unmanagedMachines({ machines, world }: View): readonly Drift[] {
  return world.machines.flatMap(({ name, host, state }) => {
    if (machines.has(name)) return [];
    const where = state === 'stopped' ? `is defined on ${host}, does not run,` : `runs on ${host}`;
    const message = `${name} ${where} and no document writes it; it is left alone`;
    return [{ subject: `VirtualMachine/${name}`, code: 'UnmanagedMachine', message }];
  });
}

/** Dummies that are not to stand, and what becomes of them. */
function dummyDrift(world: World): readonly Drift[] {
  return world.dummies.flatMap((dummy) => {
    const { name, host, reservation, expiresAt } = dummy;
    const drift = (code: string, message: string): readonly Drift[] => [{ subject: `Dummy/${name}`, code, message }];
    switch (standingOf(dummy, world)) {
      case 'held':
        return [];
      case 'expired': {
        const since = new Date(expiresAt).toISOString();
        return drift('ExpiredDummy', `${name} on ${host} was to stand until ${since}; the next reconcile removes it`);
      }
      case 'foreign': {
        const message = `${name} on ${host} stands for ${reservation}, which the ledger does not know it for; it is left alone`;
        return drift('ForeignDummy', message);
      }
    }
  });
}

/** An entry of a machine that nobody writes, or that has neither the device nor a move under way. */
function orphanReservations({ machines, world }: View): readonly Drift[] {
  const unwritten = new Set(world.machines.filter(({ name }) => !machines.has(name)).map(copyKey));
  return world.reservations.filter(isClaimed).flatMap((entry) => {
    const machine = machines.get(entry.machine);
    const owns =
      machine === undefined
        ? unwritten.has(copyKey({ name: entry.machine, host: entry.host }))
        : machine.copies.some(
            ({ host, assignments }) =>
              host === entry.host && assignments.some((assignment) => assignment.claim === entry.claim),
          );
    if (owns || machine?.open.includes(entry) === true) return [];
    const subject = `Reservation/${deviceKey(entry)}`;
    const ledger = `the ledger has ${deviceKey(entry)} for ${entry.machine} (${entry.claim}, ${entry.phase})`;
    const target = machine === undefined ? null : arrivedOn(world, machine, entry);
    if (target !== null) {
      const message = `${ledger}, which a move has brought to ${target}; the next reconcile gives it back`;
      return [{ subject, code: 'MoveInFlight', message }];
    }
    // What is on a host that does not answer, nobody can say.
    const state = world.hosts.find(({ name }) => name === entry.host)?.state ?? 'unknown';
    if (state === 'unknown') return [];
    const isUsed = world.machines.some(
      ({ name, host, assignments }) =>
        name === entry.machine && host === entry.host && assignments.some(({ device }) => device === entry.device),
    );
    const fate = !isUsed && state === 'up' ? '; the next reconcile releases it' : '';
    return [{ subject, code: 'OrphanReservation', message: `${ledger}, which does not use it${fate}` }];
  });
}

function copyKey({ name, host }: { readonly name: string; readonly host: string }): string {
  return `${name} ${host}`;
}

/** The host to which a move has brought the claim, null when the machine does not run there with the device of a move. */
function arrivedOn(world: World, { running }: MachineView, { claim, phase }: Reservation): string | null {
  const device = running?.assignments.find((assignment) => assignment.claim === claim)?.device;
  if (running === null || device === undefined || phase !== 'Bound') return null;
  const own = world.reservations.find((entry) => entry.host === running.host && entry.device === device);
  return own?.phase === 'Bound' && own.machine === running.name && own.move !== '' ? running.host : null;
}
