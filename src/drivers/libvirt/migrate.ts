import {
  done,
  failed,
  isActive,
  unknown,
  type HypervisorAction,
  type Measured,
  type Outcome,
} from '../../model/index.js';
import type { ActionContext } from '../../ports/index.js';
import type { Redirection } from './domain/backing.js';
import { cellRoom, read } from './domain/host-room.js';
import { relocated, type Relocation } from './domain/relocate.js';
import { outcomeOf, Refused } from './errors.js';
import type { HostObservation } from './inventory/index.js';
import { openable, roomFor, settledMachine, type ActiveMachine } from './refusals.js';
import { LibvirtError, type JobStats, type MigrateFlag, type Migration } from './rpc/index.js';
import type { HostLink, Site } from './site.js';
import { watchStay, type StayWatch } from './stay.js';
import { printXml } from './xml/index.js';

type Migrate = Extract<HypervisorAction, { readonly kind: 'migrate' }>;

const POLL_MS = 500;

/** The wait for the answer has no end of its own: the signal aborts the job, and the answer says what became of it. */
const LONGEST_MS = 7 * 24 * 3600 * 1000;

/** How long an aborted job may take to be answered. */
const ABORT_MS = 30_000;

/**
 * Carries a machine to another host, peer to peer: the daemons talk to each other, and the source's tells how it ended. Aborting the signal
 * aborts the job; a guest that does not let go of its VFs (`failover`) is given up after a while, because QEMU would wait for ever. A failure
 * is certain when the guest provably stayed, be the target dead or alive.
 */
export async function migrate(site: Site, action: Migrate, context: ActionContext): Promise<Outcome> {
  const [from, to] = [site.link(action.from), site.link(action.to)];
  const [source, target] = await Promise.all([from.observe(), site.look(to)]);
  if (target === null) {
    const silence = site.silences.get(to.name) ?? `host ${to.name} does not answer`;
    return failed('HostUnreachable', silence, isIdle(site, action, source));
  }
  if (isThere(action, source, target)) return done(`${action.machine} runs on ${action.to} already`);
  if (site.destinations.has(action.machine)) throw new Refused('MachineBusy', `${action.machine} is migrating`);
  const machine = settledMachine(source, action.machine);
  refuseUnready(action, machine, target);
  site.destinations.set(action.machine, action.to);
  try {
    return await carry(site, { action, from, to, machine, target, context });
  } finally {
    site.destinations.delete(action.machine);
  }
}

/** The machine runs on the source, and nobody has told it to go anywhere yet. */
function isIdle(site: Site, { machine }: Migrate, source: HostObservation): boolean {
  const copy = source.machines.find((one) => one.name === machine);
  return copy !== undefined && isActive(copy) && copy.job === null && !site.destinations.has(machine);
}

interface Crossing {
  readonly action: Migrate;
  readonly from: HostLink;
  readonly to: HostLink;
  readonly machine: ActiveMachine;
  readonly target: HostObservation;
  readonly context: ActionContext;
}

function isThere({ machine }: Migrate, source: HostObservation, target: HostObservation): boolean {
  const on = (seen: HostObservation) => seen.machines.find((one) => one.name === machine)?.state;
  return (on(source) ?? 'stopped') === 'stopped' && ['running', 'paused'].includes(on(target) ?? '');
}

function refuseUnready({ strategy, devices }: Migrate, { machine }: ActiveMachine, target: HostObservation): void {
  const copy = target.machines.find((one) => one.name === machine.name);
  if (copy !== undefined && copy.state !== 'stopped')
    throw new Refused('MachineExists', `${machine.name} is ${copy.state} on host ${target.host.name} as well`);
  if (strategy === 'hotplug' && machine.assignments.length > 0)
    throw new Refused(
      'PreconditionFailed',
      `${machine.name} still has ${machine.assignments[0]?.device ?? 'a device'}`,
    );
  if (strategy === 'failover' && machine.assignments.length > 0 && !machine.standby)
    throw new Refused('NotSupported', `${machine.name} has no standby NIC to live on without its VF`);
  if (strategy !== 'hotplug' && devices.length !== machine.assignments.length)
    throw new Refused(
      'PreconditionFailed',
      `${machine.name} has ${machine.assignments.length} devices, and ${devices.length} are to cross`,
    );
  for (const device of devices) {
    const held = machine.assignments.find((one) => one.claim === device.claim);
    if (held === undefined)
      throw new Refused('PreconditionFailed', `${machine.name} has nothing for claim ${device.claim}`);
    if (held.mac !== device.mac || held.guestAddress !== device.guestAddress)
      throw new Refused(
        'Conflict',
        `claim ${device.claim} would change its address in the guest or on the network, which no migration can do`,
      );
    openable(target, device.device, machine.name);
  }
  roomFor(target, machine.name, machine.memoryMiB);
}

async function carry(site: Site, crossing: Crossing): Promise<Outcome> {
  const order = await orderOf(site, crossing);
  const stay = await watchStay(crossing.from, crossing.machine);
  try {
    return await follow(site, crossing, order, stay);
  } finally {
    stay.stop();
  }
}

/** Gives the order, and stays with the migration until it is known how it ended. */
async function follow(site: Site, crossing: Crossing, order: Migration, stay: StayWatch): Promise<Outcome> {
  const { action, from, machine, context } = crossing;
  const { domain } = machine.figures;
  // Daemons that take it only while a migration runs begin with their own default.
  await from.calls.setMigrationMaxDowntime(domain, action.maxDowntimeMs).catch(() => undefined);
  const began = site.clock.now();
  const answered = from.calls.migrate(order, { deadlineMs: LONGEST_MS }).then(
    () => done(),
    (error: unknown) => {
      const outcome = outcomeOf(error, action.from);
      return error instanceof LibvirtError ? stay.proven(outcome) : outcome;
    },
  );
  for (let sent = false; ;) {
    const outcome = await within(site, answered, POLL_MS, context.signal);
    if (outcome !== null) return ended(crossing, outcome, (site.clock.now() - began) / 1000);
    const stats = await from.calls.getJobStats(domain).catch(() => null);
    sent = tell(stats, context) || sent;
    const isStuck =
      action.strategy === 'failover' && !sent && site.clock.now() - began > site.settings.unplugSeconds * 1000;
    if (context.signal.aborted || isStuck) return abort(site, crossing, answered, isStuck);
  }
}

/** The order for libvirt: the domain's XML is taken now, after everything that was to be detached is detached. */
async function orderOf(site: Site, { action, from, to, machine, target }: Crossing): Promise<Migration> {
  const { settings, backing } = site;
  const { domain } = machine.figures;
  if (to.settings.peerUri === null)
    throw new Refused(
      'HostUnreachable',
      `nobody says how ${action.from} reaches ${action.to}: set peerUri in spec.connection`,
    );
  const isPersistent = await from.calls.isPersistent(domain);
  const cell =
    action.numaNode === null
      ? null
      : cellRoom(await to.calls.getCapabilities(), action.numaNode, target, action.machine);
  const carried = new Map<string, Redirection>(action.devices.map((one) => [one.claim, one]));
  const promised = machine.machine.staged.filter((one) => one.host === action.to);
  const moved = async (definition: boolean, devices: Relocation['devices']): Promise<string> => {
    const flags = definition ? (['inactive', 'migratable', 'secure'] as const) : (['migratable', 'secure'] as const);
    return printXml(relocated(read(await from.calls.getXml(domain, flags)), { devices, cell }, backing));
  };
  const flags: MigrateFlag[] = ['live', 'abortOnError'];
  if (isPersistent) flags.push('persistDestination', 'undefineSource');
  if (action.autoConverge) flags.push('autoConverge');
  if (action.connections > 1) flags.push('parallel');
  if (settings.tls) flags.push('tls');
  const copied = copiedDisks(machine);
  if (copied.length > 0) flags.push('copyStorage');
  return {
    domain,
    destinationUri: to.settings.peerUri,
    flags,
    parameters: {
      destinationXml: await moved(false, carried),
      ...(isPersistent
        ? {
            persistentXml: await moved(
              true,
              new Map([...promised.map((one) => [one.claim, { device: one.device, vlan: null }] as const), ...carried]),
            ),
          }
        : {}),
      ...(to.settings.migrationUri === null ? {} : { migrateUri: to.settings.migrationUri }),
      ...(copied.length > 0 ? { disks: copied } : {}),
      ...(action.bandwidthMibps > 0 ? { bandwidthMiBps: action.bandwidthMibps } : {}),
      ...(action.connections > 1 ? { parallelConnections: action.connections } : {}),
    },
  };
}

/** Disks whose bytes only the source has. Asked to choose by itself, libvirt would also copy those that both hosts reach, onto themselves. */
function copiedDisks({ domain }: ActiveMachine): readonly string[] {
  return domain.disks
    .filter(({ shared, readOnly, device }) => !shared && !readOnly && (device === 'disk' || device === 'lun'))
    .map(({ target }) => target);
}

/** Passes on how far the copy is; true once anything has been copied. */
function tell(stats: JobStats | null, { onProgress }: ActionContext): boolean {
  const doneBytes = stats?.dataProcessedBytes ?? 0;
  if (stats === null || doneBytes === 0) return false;
  onProgress({ doneBytes, totalBytes: doneBytes + (stats.dataRemainingBytes ?? 0), downtimeMs: stats.downtimeMs });
  return true;
}

const ABORT_AGAIN_MS = 200;

/** Aborts the job, again and again: it may not have begun yet. What became of it is what the migration answers. */
async function abort(
  site: Site,
  { action, from, machine }: Crossing,
  answered: Promise<Outcome>,
  isStuck: boolean,
): Promise<Outcome> {
  const deadline = site.clock.now() + ABORT_MS;
  while (site.clock.now() < deadline) {
    await from.calls.abortJob(machine.figures.domain).catch(() => undefined);
    const outcome = await within(site, answered, ABORT_AGAIN_MS);
    if (outcome === null) continue;
    if (outcome.kind !== 'failed') return outcome;
    if (!isStuck) return failed('Aborted', outcome.message, outcome.certain);
    return failed('UnplugIgnored', `the guest of ${action.machine} did not let go of its VFs`, outcome.certain);
  }
  return unknown(
    'DeadlineExceeded',
    `the migration of ${action.machine} was aborted, and ${action.from} has not answered since`,
  );
}

/** The outcome when it comes in time, else null. */
async function within(
  site: Site,
  answered: Promise<Outcome>,
  ms: number,
  signal?: AbortSignal,
): Promise<Outcome | null> {
  const waiting = new AbortController();
  const either = signal === undefined ? waiting.signal : AbortSignal.any([waiting.signal, signal]);
  try {
    return await Promise.race([answered, site.clock.sleep(ms, either).then(() => null)]);
  } finally {
    waiting.abort();
  }
}

async function ended({ action, to, machine }: Crossing, outcome: Outcome, seconds: number): Promise<Outcome> {
  if (outcome.kind !== 'done') return outcome;
  const stats = await to.calls
    .getJobStats({ ...machine.figures.domain, id: null }, ['completed', 'keepCompleted'])
    .catch(() => null);
  const measured: Measured = {
    seconds: stats?.elapsedMs === undefined || stats.elapsedMs === null ? seconds : stats.elapsedMs / 1000,
    bytes: stats?.dataProcessedBytes ?? 0,
    downtimeMs: stats?.downtimeMs ?? 0,
  };
  return done(`${action.machine} runs on ${action.to}`, measured);
}
