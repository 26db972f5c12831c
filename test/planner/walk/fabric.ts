import type { FabricAction } from '../../../src/model/index.js';
import { deviceKey } from '../../../src/model/index.js';
import type { Ground } from './ground.js';

type Of<K extends FabricAction['kind']> = Extract<FabricAction, { readonly kind: K }>;

/** What switches and ports do, with whatever is wrong in doing it now. */
export function performOnFabric(ground: Ground, action: FabricAction, direction: 'do' | 'undo'): void {
  switch (action.kind) {
    case 'apply-port-profile':
    case 'remove-port-profile': {
      setProfile(ground, action, direction);
      return;
    }
    case 'set-vf':
    case 'reset-vf': {
      setVf(ground, action, direction);
      return;
    }
    case 'announce': {
      announce(ground, action);
      return;
    }
    case 'forward':
      if (ground.active(action.machine)[0]?.host !== action.to) ground.fault(`${action.mac} is sent on to nobody`);
      ground.forwards.add(`${action.mac} ${action.from} ${action.to}`);
      return;
    case 'unforward':
      if (!ground.forwards.delete(`${action.mac} ${action.from} ${action.to}`))
        ground.fault(`${action.mac} is no longer sent on, and was not`);
      if (!ground.announced.has(`${action.mac} ${action.to}`))
        ground.fault(`${action.mac} is no longer sent on, and the network does not know the new place`);
      return;
  }
}

function setProfile(
  ground: Ground,
  action: Of<'apply-port-profile' | 'remove-port-profile'>,
  direction: 'do' | 'undo',
): void {
  const { host, device, machine, claim, profile } = action;
  const netdev = ground.netdev(host, device);
  if (netdev === null) {
    ground.fault(`${host}/${device} has no port for ${profile.name}`);
    return;
  }
  const name = `${host} ${netdev} ${profile.name} ${machine}/${claim}`;
  if (action.kind === 'apply-port-profile') {
    const entry = ground.ledger.get(deviceKey({ host, device }));
    if (entry?.machine !== machine) ground.fault(`${profile.name} is put on the port of ${host}/${device} unreserved`);
    ground.profiles.add(name);
    return;
  }
  const copy = ground.copies.find((one) => one.machine === machine && one.host === host && one.state === 'running');
  if (copy?.devices.get(claim)?.device === device)
    ground.fault(`${machine} loses ${profile.name} and speaks through it`);
  if (direction === 'do' && ground.active(machine).length === 0)
    ground.fault(`${machine} loses ${profile.name} of ${host} and runs nowhere else`);
  const move = ground.moves.get(`${machine}.1`) ?? null;
  for (const { mac } of move?.assignments.filter((one) => one.claim === claim) ?? [])
    if (direction === 'do' && [...ground.forwards].some((forward) => forward.startsWith(`${mac ?? ''} ${host} `)))
      ground.fault(`${machine} loses ${profile.name} while its traffic comes through it`);
  ground.profiles.delete(name);
}

function setVf(ground: Ground, action: Of<'set-vf' | 'reset-vf'>, direction: 'do' | 'undo'): void {
  const { host, device, machine, claim, attributes } = action;
  const key = deviceKey({ host, device });
  if (!ground.vfs.has(key)) {
    ground.fault(`${key} is no VF`);
    return;
  }
  const entry = ground.ledger.get(key);
  if (direction === 'undo' && (entry?.machine !== machine || entry.phase === 'Bound')) return;
  if (entry?.machine !== machine || entry.claim !== claim) ground.fault(`${key} is set for ${machine}, and is not its`);
  const { adminMac } = attributes;
  const speaker = adminMac === null ? null : ground.speaker(adminMac, '');
  if (speaker !== null) ground.fault(`${key} gets the address of ${speaker}`);
  const user = ground.copies.find(
    (copy) =>
      copy.host === host && copy.state !== 'stopped' && [...copy.devices.values()].some((d) => d.device === device),
  );
  if (user !== undefined) ground.fault(`${key} is set under ${user.machine}, which uses it`);
  ground.vfs.set(key, attributes);
}

function announce(ground: Ground, { machine, host, device, mac }: Of<'announce'>): void {
  const [copy] = ground.active(machine);
  const speaks = [...(copy?.devices.values() ?? [])].some((had) => had.device === device && had.mac === mac);
  if (copy?.host !== host || !speaks) ground.fault(`${mac} is announced on ${host}, and does not speak there`);
  const claim = [...(copy?.devices.values() ?? [])].find((had) => had.device === device)?.claim ?? '';
  const wanted = ground.desired.machines
    .find(({ name }) => name === machine)
    ?.claims.find(({ name }) => name === claim)?.portProfile;
  const netdev = ground.netdev(host, device) ?? '';
  if (wanted != null && !ground.profiles.has(`${host} ${netdev} ${wanted} ${machine}/${claim}`))
    ground.fault(`${mac} is announced on a port without ${wanted}`);
  ground.announced.add(`${mac} ${host}`);
}
