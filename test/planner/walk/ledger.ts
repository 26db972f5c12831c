import type { LedgerAction } from '../../../src/model/index.js';
import { deviceKey, IDLE_VF } from '../../../src/model/index.js';
import type { Ground } from './ground.js';

/** A transition of the ledger, with whatever is wrong in making it now. */
export function performOnLedger(ground: Ground, action: LedgerAction, direction: 'do' | 'undo'): void {
  const { host, device, machine, claim, move } = action;
  const key = deviceKey({ host, device });
  const entry = ground.ledger.get(key);
  const isOwn = entry?.machine === machine && entry.claim === claim;
  const wrong = (): void =>
    ground.fault(
      `${action.kind} of ${key} for ${machine}/${claim}: it is ${entry?.phase ?? 'free'} of ${entry?.machine ?? 'nobody'}`,
    );
  switch (action.kind) {
    case 'reserve':
      if (entry !== undefined) {
        wrong();
        return;
      }
      ground.ledger.set(key, { phase: 'Pending', machine, claim, move });
      return;
    case 'hold':
      if (!isOwn || entry.phase === 'Bound') {
        wrong();
        return;
      }
      entry.phase = 'Held';
      if (!holds(ground, host, device)) ground.fault(`the ledger has a dummy for ${key}, and none stands`);
      return;
    case 'hand-over':
      if (!isOwn || entry.phase !== 'Held') {
        wrong();
        return;
      }
      entry.phase = 'HandingOver';
      return;
    case 'hand-back':
      if (isOwn && entry.phase === 'Bound') {
        wrong();
        return;
      }
      if (isOwn && entry.phase === 'HandingOver') entry.phase = 'Held';
      return;
    case 'bind':
      if (!isOwn || entry.phase !== 'HandingOver') {
        wrong();
        return;
      }
      if (!uses(ground, machine, host, device)) ground.fault(`${machine} is bound to ${key} and does not use it`);
      entry.phase = 'Bound';
      return;
    case 'release': {
      release(ground, action, direction);
      return;
    }
  }
}

function release(ground: Ground, action: LedgerAction, direction: 'do' | 'undo'): void {
  const { host, device, machine, claim } = action;
  const key = deviceKey({ host, device });
  const entry = ground.ledger.get(key);
  if (entry?.machine !== machine || entry.claim !== claim) {
    if (direction === 'do') ground.fault(`${key} is released and is not ${machine}’s`);
    return;
  }
  if (direction === 'undo' && entry.phase === 'Bound') return;
  if (uses(ground, machine, host, device)) ground.fault(`${key} is released while ${machine} uses it`);
  if (holds(ground, host, device)) ground.fault(`${key} is released while a dummy holds it`);
  if (direction === 'do' && entry.phase !== 'Bound') ground.fault(`${key} is released before it was ${machine}’s`);
  const attributes = ground.vfs.get(key);
  if (attributes !== undefined && JSON.stringify(attributes) !== JSON.stringify(IDLE_VF))
    ground.fault(`${key} is released with the settings of ${machine}`);
  if (direction === 'do' && ground.active(machine).length === 0)
    ground.fault(`${machine} gives ${key} up and runs nowhere`);
  for (const forward of ground.forwards)
    for (const { mac } of ground.moves.get(action.move)?.assignments.filter((one) => one.claim === claim) ?? [])
      if (direction === 'do' && forward.startsWith(`${mac ?? ''} ${host} `))
        ground.fault(`${key} is released while its traffic is forwarded`);
  ground.ledger.delete(key);
}

/** The machine has the device, or one that only comes with it. */
export function uses(ground: Ground, machine: string, host: string, device: string): boolean {
  const group = new Set(ground.group(host, device).map(({ bdf }) => bdf));
  return ground.copies.some(
    (copy) =>
      copy.machine === machine &&
      copy.host === host &&
      copy.state === 'running' &&
      [...copy.devices.values()].some((had) => had.device === device || group.has(had.device)),
  );
}

function holds(ground: Ground, host: string, device: string): boolean {
  return [...ground.dummies].some(([key, dummy]) => key.startsWith(`${host}/`) && dummy.devices.includes(device));
}
