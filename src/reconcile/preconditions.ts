import { isClaimed, type Precondition, type World } from '../model/index.js';
import { ownEntry } from './effect.js';
import { activeCopies, copyOn, isBlind } from './observe.js';

/** Why a precondition does not hold; `blind` when that is only because a host does not answer. */
export interface Unmet {
  readonly message: string;
  readonly blind: boolean;
}

/** The first precondition that the world does not meet, or null. */
export function firstUnmet(preconditions: readonly Precondition[], world: World): Unmet | null {
  for (const precondition of preconditions) {
    const message = unmet(precondition, world);
    if (message !== null) return { message, blind: needsHost(precondition).some((host) => isBlind(world, host)) };
  }
  return null;
}

function needsHost(precondition: Precondition): readonly string[] {
  return 'host' in precondition ? [precondition.host] : [];
}

function unmet(precondition: Precondition, world: World): string | null {
  switch (precondition.kind) {
    case 'machine-on': {
      const hosts = activeCopies(world, precondition.machine).map((copy) => copy.host);
      if (hosts.length === 1 && hosts[0] === precondition.host) return null;
      return `${precondition.machine} should run on ${precondition.host} and runs on ${hosts.join(' and ') || 'no host'}`;
    }
    case 'machine-inactive': {
      const [copy] = activeCopies(world, precondition.machine);
      return copy === undefined ? null : `${precondition.machine} still runs on ${copy.host}`;
    }
    case 'host-up': {
      const state = world.hosts.find((host) => host.name === precondition.host)?.state ?? 'unknown';
      return state === 'up' ? null : `host ${precondition.host} is ${state}`;
    }
    case 'device-free':
      return deviceTaken(precondition, world);
    case 'reserved':
      return ownEntry(precondition, world.reservations) === null
        ? `${precondition.host}/${precondition.device} is not reserved for ${precondition.machine}`
        : null;
    case 'device-attached':
      return uses(precondition, world) ? null : `${precondition.machine} does not use ${precondition.device}`;
    case 'device-detached':
      return uses(precondition, world) ? `${precondition.machine} still uses ${precondition.device}` : null;
    case 'mac-unique':
      return macElsewhere(precondition.mac, precondition.machine, world);
  }
}

function uses(of: { readonly machine: string; readonly host: string; readonly device: string }, world: World): boolean {
  return copyOn(world, of.machine, of.host)?.assignments.some((held) => held.device === of.device) ?? false;
}

function deviceTaken(of: Precondition & { kind: 'device-free' }, world: World): string | null {
  const where = `${of.host}/${of.device}`;
  const host = world.hosts.find((candidate) => candidate.name === of.host);
  if (host?.state !== 'up') return `host ${of.host} does not answer`;
  if (!host.devices.some((device) => device.bdf === of.device)) return `${where} is not there`;
  const entry = world.reservations.find((known) => known.host === of.host && known.device === of.device);
  if (entry !== undefined && isClaimed(entry) && (entry.machine !== of.machine || entry.claim !== of.claim))
    return `${where} is reserved for ${entry.machine}`;
  const user = world.machines.find(
    (machine) => machine.host === of.host && machine.assignments.some((held) => held.device === of.device),
  );
  if (user !== undefined) return `${where} is used by ${user.name}`;
  const dummy = world.dummies.find((held) => held.host === of.host && held.devices.includes(of.device));
  return dummy === undefined || dummy.name === entry?.dummy ? null : `${where} is held by ${dummy.name}`;
}

function macElsewhere(mac: string, machine: string, world: World): string | null {
  const other = world.machines.find(
    (copy) => copy.name !== machine && copy.assignments.some((assignment) => assignment.mac === mac),
  );
  if (other !== undefined) return `${mac} is the address of ${other.name}`;
  const dummy = world.dummies.find((held) => held.mac === mac);
  return dummy === undefined ? null : `${mac} is the address of ${dummy.name}`;
}
