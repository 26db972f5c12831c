import type { Action, Outcome, Plan, Reservation, Step, World } from '../model/index.js';
import { deviceKey, failed, isClaimed, unknown } from '../model/index.js';
import type { ActionContext } from '../ports/index.js';
import type { Run } from './acting.js';
import { ownEntry } from './effect.js';
import { activeCopies, copyOn, isBlind, observe } from './observe.js';
import { performLedger } from './reservations.js';

export type Direction = 'do' | 'undo';

/** How long a driver may take to answer after its action was aborted. */
const GRACE_SECONDS = 30;

/** Performs one action on its port; ends by the step's deadline whatever the other side does. */
export async function act(run: Run, step: Step, action: Action, index: number, direction: Direction): Promise<Outcome> {
  const refusal = await refusalOf(run, step, action, direction);
  if (refusal !== null) return refusal;
  if (action.port === 'ledger') return performLedger(action, run.ports.ledger, holdingOf(run, action, direction));
  const epoch = epochOf(action, await run.ports.ledger.read());
  return withDeadline(run, step.deadlineSeconds, (signal) => {
    const context: ActionContext = {
      idempotencyKey: `${run.plan.planHash}/${step.id}/${direction}/${index}`,
      signal,
      epoch,
      onProgress: (progress) => run.onProgress({ kind: 'step-progress', at: run.ports.clock.now(), step, progress }),
    };
    return action.port === 'fabric'
      ? run.ports.fabric.perform(action, context)
      : run.ports.hypervisor.perform(action, context);
  });
}

/** What must never be done, whatever the plan says; looked up right before the action. */
async function refusalOf(run: Run, step: Step, action: Action, direction: Direction): Promise<Outcome | null> {
  if (action.port === 'hypervisor' && action.kind === 'start') {
    const world = await observe(run.ports);
    const elsewhere = activeCopies(world, action.machine).find((copy) => copy.host !== action.host);
    if (elsewhere !== undefined) return failed('MachineExists', `${action.machine} runs on ${elsewhere.host}`);
    const move = run.plan.moves.find((candidate) => candidate.id === step.move);
    const blind = [move?.from ?? action.host, move?.to ?? action.host].find((host) => isBlind(world, host));
    return blind === undefined
      ? null
      : failed('HostUnreachable', `${blind} does not answer: ${action.machine} may still run there`);
  }
  if (action.port === 'ledger' && action.kind === 'bind') {
    const world = await observe(run.ports);
    const group = iommuGroupOf(world, action.host, action.device);
    const copy = copyOn(world, action.machine, action.host);
    if (copy?.assignments.some((held) => group.has(held.device)) === true) return null;
    return failed('DeviceMissing', `${action.machine} does not use ${action.device} on ${action.host}`);
  }
  if (action.port === 'hypervisor' && action.kind === 'commission') {
    const entries = await run.ports.ledger.read();
    const entry = entries.find((known) => deviceKey(known) === action.reservation);
    if (entry !== undefined && isClaimed(entry) && entry.machine === action.machine) return null;
    return failed('PreconditionFailed', `${action.reservation} is not reserved for ${action.machine}`);
  }
  if (direction === 'undo' && action.port === 'fabric' && (action.kind === 'reset-vf' || action.kind === 'set-vf')) {
    const own = ownEntry(action, await run.ports.ledger.read());
    if (own === null || own.phase === 'Bound')
      return { kind: 'done', detail: `${action.device} is not ours to change` };
  }
  return null;
}

function holdingOf(run: Run, action: Action & { port: 'ledger' }, direction: Direction) {
  const dummy = dummyFor(run.plan, action.host, action.device, action.move);
  const ttlSeconds = dummy?.ttlSeconds ?? 3600;
  return {
    planHash: run.plan.planHash,
    dummy: dummy?.dummy ?? null,
    expiresAt: run.ports.clock.now() + ttlSeconds * 1000,
    undoing: direction === 'undo',
  };
}

/** The order for the dummy that a plan's move puts on a device. */
export function dummyFor(
  plan: Plan,
  host: string,
  device: string,
  move: string,
): (Action & { port: 'hypervisor'; kind: 'commission' }) | undefined {
  return plan.steps
    .filter((step) => step.move === move)
    .flatMap((step) => step.actions)
    .filter((action) => action.port === 'hypervisor' && action.kind === 'commission')
    .find((action) => action.host === host && action.devices.includes(device));
}

/** Epoch of the reservation by which an action touches a device; null for actions that touch none. */
function epochOf(action: Action, reservations: readonly Reservation[]): number | null {
  if (!('host' in action)) return null;
  const device = action.port === 'hypervisor' && action.kind === 'commission' ? action.devices[0] : deviceOf(action);
  const entry = reservations.find((known) => known.host === action.host && known.device === device);
  return entry?.epoch ?? null;
}

function deviceOf(action: Action): string | null {
  return 'device' in action ? action.device : null;
}

async function withDeadline(
  run: Run,
  deadlineSeconds: number,
  perform: (signal: AbortSignal) => Promise<Outcome>,
): Promise<Outcome> {
  const deadline = new AbortController();
  const finished = new AbortController();
  const watch = async (): Promise<Outcome> => {
    await run.ports.clock.sleep(deadlineSeconds * 1000, finished.signal);
    if (!finished.signal.aborted && !run.leave.over.is) deadline.abort();
    await run.ports.clock.sleep(GRACE_SECONDS * 1000, finished.signal);
    return unknown('DeadlineExceeded', `no answer ${GRACE_SECONDS} s after the deadline of ${deadlineSeconds} s`);
  };
  try {
    return await Promise.race([perform(deadline.signal), watch()]);
  } finally {
    finished.abort();
  }
}

/** The device and whatever can only be assigned together with it. */
function iommuGroupOf(world: World, hostName: string, device: string): ReadonlySet<string> {
  const devices = world.hosts.find((host) => host.name === hostName)?.devices ?? [];
  const group = devices.find((candidate) => candidate.bdf === device)?.iommuGroup;
  return new Set([device, ...devices.filter(({ iommuGroup }) => iommuGroup === group).map(({ bdf }) => bdf)]);
}
