import { type DeviceRef, deviceKey, type FailureCode, isClaimed, type LedgerAction } from '../model/index.js';
import type { Outcome, Reservation } from '../model/index.js';
import { done, failed } from '../model/index.js';
import type { Ledger } from '../ports/index.js';

/** What a transition needs beside the action. */
export interface Holding {
  readonly planHash: string;
  /** Dummy VM that stands for the reservation, null for a device that is taken without one. */
  readonly dummy: string | null;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** True when a move is undone: a device that the machine owns by now is then not given up. */
  readonly undoing: boolean;
}

/** What a transition comes to: a new entry, nothing to do, or a refusal. */
export type Transition =
  | { readonly kind: 'write'; readonly next: Reservation }
  | { readonly kind: 'stands' }
  | { readonly kind: 'refused'; readonly code: FailureCode; readonly message: string };

type Change = Partial<Pick<Reservation, 'phase' | 'holder' | 'dummy' | 'expiresAt'>>;

const STANDS: Transition = { kind: 'stands' };

/** The rules of the reservation ledger: who may take, hold, hand over, own and give up a device. */
export function transition(action: LedgerAction, current: Reservation | null, holding: Holding): Transition {
  const own = current !== null && isOwn(action, current) ? current : null;
  switch (action.kind) {
    case 'reserve':
      return reserve(action, current, holding);
    case 'hold':
      if (own?.phase === 'Held') return STANDS;
      return own !== null && own.phase !== 'Bound'
        ? write(own, { phase: 'Held', holder: 'dummy', dummy: holding.dummy })
        : refusedFor(action, current);
    case 'hand-over':
      if (own?.phase === 'HandingOver' || own?.phase === 'Bound') return STANDS;
      return own?.phase === 'Held'
        ? write(own, { phase: 'HandingOver', holder: 'machine' })
        : refusedFor(action, current);
    case 'hand-back':
      if (own?.phase === 'Bound') return refusedFor(action, current);
      return own?.phase === 'HandingOver' ? write(own, { phase: 'Held', holder: 'dummy' }) : STANDS;
    case 'bind':
      if (own?.phase === 'Bound') return STANDS;
      return own?.phase === 'HandingOver'
        ? write(own, { phase: 'Bound', holder: 'machine', dummy: null, expiresAt: null })
        : refusedFor(action, current);
    case 'release':
      if (own === null || (holding.undoing && own.phase === 'Bound')) return STANDS;
      return write(own, { phase: 'Released', holder: 'none', dummy: null, expiresAt: null });
  }
}

function isOwn(action: LedgerAction, entry: Reservation): boolean {
  return isClaimed(entry) && entry.machine === action.machine && entry.claim === action.claim;
}

function reserve(action: LedgerAction, current: Reservation | null, holding: Holding): Transition {
  if (current !== null && isClaimed(current)) {
    const sameMove = isOwn(action, current) && current.move === action.move && current.phase !== 'Bound';
    if (!sameMove) return refusedFor(action, current);
    return current.phase === 'Lost' ? write(current, { phase: 'Pending', holder: 'none' }) : STANDS;
  }
  const { host, device, machine, claim, move } = action;
  const { planHash, dummy, expiresAt } = holding;
  const epoch = (current?.epoch ?? 0) + 1;
  return {
    kind: 'write',
    next: { host, device, epoch, phase: 'Pending', machine, claim, holder: 'none', dummy, move, planHash, expiresAt },
  };
}

function write(entry: Reservation, change: Change): Transition {
  return { kind: 'write', next: { ...entry, ...change, epoch: entry.epoch + 1 } };
}

function refusedFor(action: LedgerAction, current: Reservation | null): Transition {
  const standing =
    current === null ? 'nobody has it' : `it is ${current.phase} for ${current.machine}/${current.claim}`;
  const taken = current !== null && isClaimed(current) && !isOwn(action, current);
  return {
    kind: 'refused',
    code: taken ? 'DeviceInUse' : 'PreconditionFailed',
    message: `${action.kind} of ${deviceKey(action)} for ${action.machine}/${action.claim} refused: ${standing}`,
  };
}

/** How often a swap is tried against others that write the same entry. */
const RACES = 5;

/** Performs a ledger action by compare-and-swap. */
export async function performLedger(action: LedgerAction, ledger: Ledger, holding: Holding): Promise<Outcome> {
  for (let race = 0; race < RACES; race++) {
    const current = await entryOf(ledger, action);
    const change = transition(action, current, holding);
    if (change.kind === 'stands') return done('already so');
    if (change.kind === 'refused') return failed(change.code, change.message);
    const swap = await ledger.swap(action, current?.epoch ?? 0, change.next);
    if (swap.won) return done(`${change.next.phase}, epoch ${change.next.epoch}`);
  }
  return failed('Conflict', `the ledger's entry of ${deviceKey(action)} kept changing`);
}

/** Marks a reservation whose dummy is gone, so that nobody takes the hold for real. */
export async function markLost(ledger: Ledger, ref: DeviceRef): Promise<void> {
  const entry = await entryOf(ledger, ref);
  if (entry?.phase !== 'Held') return;
  await ledger.swap(ref, entry.epoch, { ...entry, epoch: entry.epoch + 1, phase: 'Lost', holder: 'none' });
}

/** The ledger's entry of a device, null when it never had one. */
export async function entryOf(ledger: Ledger, ref: DeviceRef): Promise<Reservation | null> {
  const entries = await ledger.read();
  return entries.find((entry) => deviceKey(entry) === deviceKey(ref)) ?? null;
}
