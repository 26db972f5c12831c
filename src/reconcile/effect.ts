import {
  type Action,
  type FabricAction,
  type HypervisorAction,
  isActive,
  isClaimed,
  type World,
} from '../model/index.js';
import type { DeviceOf, LedgerAction, Reservation, VfAttributes } from '../model/index.js';
import { activeCopies, copyOn, isBlind } from './observe.js';

/** Whether the effect of an action is there. `unclear`: this observation cannot tell. */
export type Effect = 'present' | 'absent' | 'unclear';

/** Settles what became of an action by what is observed, never by what was answered. */
export function effectOf(action: Action, world: World): Effect {
  switch (action.port) {
    case 'ledger':
      return when(ledgerEffect(action, world));
    case 'hypervisor':
      return hypervisorEffect(action, world);
    case 'fabric':
      return fabricEffect(action, world);
  }
}

const when = (present: boolean): Effect => (present ? 'present' : 'absent');

/** The ledger's entry for a device while it belongs to the machine's claim. */
export function ownEntry(owner: DeviceOf, reservations: readonly Reservation[]): Reservation | null {
  const entry = reservations.find((known) => known.host === owner.host && known.device === owner.device);
  const own = entry !== undefined && isClaimed(entry) && entry.machine === owner.machine && entry.claim === owner.claim;
  return own ? entry : null;
}

function ledgerEffect(action: LedgerAction, world: World): boolean {
  const entry = ownEntry(action, world.reservations);
  switch (action.kind) {
    case 'reserve':
      return entry !== null && entry.phase !== 'Lost' && entry.move === action.move;
    case 'hold':
      return entry?.phase === 'Held';
    case 'hand-over':
      return entry?.phase === 'HandingOver' || entry?.phase === 'Bound';
    case 'hand-back':
      return entry === null || entry.phase === 'Pending' || entry.phase === 'Held' || entry.phase === 'Lost';
    case 'bind':
      return entry?.phase === 'Bound';
    case 'release':
      return entry === null;
  }
}

function hypervisorEffect(action: HypervisorAction, world: World): Effect {
  if (action.kind === 'migrate') return migrationEffect(action, world);
  if (isBlind(world, action.host)) return 'unclear';
  switch (action.kind) {
    case 'commission':
      return when(
        world.dummies.some(
          (dummy) =>
            dummy.host === action.host &&
            dummy.name === action.dummy &&
            action.devices.every((device) => dummy.devices.includes(device)),
        ),
      );
    case 'decommission':
      return when(!world.dummies.some((dummy) => dummy.host === action.host && dummy.name === action.dummy));
    case 'abort':
      return when((copyOn(world, action.machine, action.host)?.job ?? null) === null);
    case 'stop': {
      const copy = copyOn(world, action.machine, action.host);
      return when(copy === undefined || !isActive(copy));
    }
    case 'undefine':
      return when(copyOn(world, action.machine, action.host) === undefined);
    case 'start': {
      const copy = copyOn(world, action.machine, action.host);
      return when(copy !== undefined && isActive(copy));
    }
    case 'attach':
    case 'detach':
    case 'reconfigure':
      return copyEffect(action, world);
  }
}

function copyEffect(action: HypervisorAction & { kind: 'attach' | 'detach' | 'reconfigure' }, world: World): Effect {
  const copy = copyOn(world, action.machine, action.host);
  if (copy === undefined) return 'unclear';
  switch (action.kind) {
    case 'attach':
      return when(copy.assignments.some((held) => held.device === action.device && held.claim === action.claim));
    case 'detach':
      return when(!copy.assignments.some((held) => held.device === action.device));
    case 'reconfigure': {
      const told = copy.staged.map((staged) => `${staged.claim} ${staged.host} ${staged.device}`).sort();
      const wanted = action.replacements.map((item) => `${item.claim} ${item.host} ${item.device}`).sort();
      return when(told.join() === wanted.join());
    }
  }
}

/** One active copy is the truth. A job that still runs, two copies, none, or a host that cannot be asked settle nothing. */
function migrationEffect(action: HypervisorAction & { kind: 'migrate' }, world: World): Effect {
  if (isBlind(world, action.from) || isBlind(world, action.to)) return 'unclear';
  const [copy, ...others] = activeCopies(world, action.machine);
  if (copy === undefined || others.length > 0 || copy.job !== null) return 'unclear';
  if (copy.host === action.to) return 'present';
  return copy.host === action.from ? 'absent' : 'unclear';
}

function fabricEffect(action: FabricAction, world: World): Effect {
  switch (action.kind) {
    case 'apply-port-profile':
      return when(hasProfile(action, world));
    case 'remove-port-profile':
      return when(!hasProfile(action, world));
    case 'set-vf':
    case 'reset-vf':
      return attributesEffect(action, world);
    case 'announce':
      return when(world.switchPorts.some((port) => port.host === action.host && port.learned.includes(action.mac)));
    case 'forward':
      return when(isForwarded(action, world));
    case 'unforward':
      return when(!isForwarded(action, world));
  }
}

function hasProfile(
  action: FabricAction & { kind: 'apply-port-profile' | 'remove-port-profile' },
  world: World,
): boolean {
  return world.switchPorts.some(
    (port) =>
      port.host === action.host &&
      port.profiles.some(
        (set) => set.machine === action.machine && set.claim === action.claim && set.profile === action.profile.name,
      ),
  );
}

function isForwarded(action: FabricAction & { kind: 'forward' | 'unforward' }, world: World): boolean {
  return world.forwards.some(
    (forward) => forward.mac === action.mac && forward.from === action.from && forward.to === action.to,
  );
}

function attributesEffect(action: FabricAction & { kind: 'set-vf' | 'reset-vf' }, world: World): Effect {
  if (isBlind(world, action.host)) return 'unclear';
  const host = world.hosts.find((candidate) => candidate.name === action.host);
  const device = host?.devices.find((candidate) => candidate.bdf === action.device);
  if (device?.function.kind !== 'vf') return 'absent';
  const { kind, attributes } = action;
  // The address of a VF in use is the hypervisor's to set.
  const names = (Object.keys(attributes) as (keyof VfAttributes)[]).filter(
    (name) => name !== 'adminMac' || kind === 'reset-vf',
  );
  const found = device.function.attributes;
  return when(names.every((name) => found[name] === attributes[name]));
}
