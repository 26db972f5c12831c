import { type Action, type Dummy, IDLE_VF, isActive, isClaimed, type Reservation, type World } from '../model/index.js';
import type { LedgerAction, Plan, Step } from '../model/index.js';
import { entriesBehind, standingOf } from '../planner/index.js';
import type { ExecutionContext, Run } from './acting.js';
import { answering } from './observe.js';
import { CAUTIOUS, perform } from './perform.js';

/** What was swept up, or why it could not be. */
export interface Swept {
  readonly subject: string;
  readonly message: string;
  readonly done: boolean;
}

/**
 * Takes away what no open move stands for any more: dummies of ours, reservations without a machine, replacements that machines still
 * have in mind. `busy` names the machines of open moves; nothing of theirs is touched.
 */
export async function sweep(
  world: World,
  managed: ReadonlySet<string>,
  busy: ReadonlySet<string>,
  context: ExecutionContext,
): Promise<readonly Swept[]> {
  const chores = [
    ...world.dummies.filter((dummy) => isLeftOver(dummy, world, busy)).map(dummyChore),
    ...world.reservations.filter((entry) => isOrphan(entry, world, busy)).map((entry) => orphanChore(entry, world)),
    ...world.machines
      .filter((copy) => managed.has(copy.name) && !busy.has(copy.name) && isActive(copy) && copy.staged.length > 0)
      .map((copy): Chore => ({
        subject: `VirtualMachine/${copy.name}`,
        message: 'forgets a replacement of a move that is over',
        actions: [{ port: 'hypervisor', kind: 'reconfigure', machine: copy.name, host: copy.host, replacements: [] }],
      })),
  ];
  const swept: Swept[] = [];
  for (const chore of chores) swept.push(await doChore(chore, context));
  return swept;
}

interface Chore {
  readonly subject: string;
  readonly message: string;
  readonly actions: readonly Action[];
}

/** Time is over for it, or the ledger knows it and no open move is behind the entry: then that move is over. */
function isLeftOver(dummy: Dummy, world: World, busy: ReadonlySet<string>): boolean {
  return (
    standingOf(dummy, world) !== 'foreign' && !entriesBehind(dummy, world).some(({ machine }) => busy.has(machine))
  );
}

function dummyChore(dummy: Dummy): Chore {
  return {
    subject: `Dummy/${dummy.host}/${dummy.name}`,
    message: 'is taken away: no move needs it',
    actions: [{ port: 'hypervisor', kind: 'decommission', host: dummy.host, dummy: dummy.name }],
  };
}

/**
 * A reservation that no move works on and that no copy of its machine uses, on a host that answers. A stopped machine uses nothing: its
 * definition is no claim.
 */
function isOrphan(entry: Reservation, world: World, busy: ReadonlySet<string>): boolean {
  if (!isClaimed(entry) || busy.has(entry.machine) || answering(world, entry.host) === undefined) return false;
  const here = world.machines.find((copy) => copy.name === entry.machine && copy.host === entry.host);
  return here?.assignments.some((held) => held.device === entry.device) !== true;
}

function orphanChore(entry: Reservation, world: World): Chore {
  const { host, device, machine, claim, move } = entry;
  const owner = { host, device, machine, claim };
  const pci = answering(world, host)?.devices.find((candidate) => candidate.bdf === device);
  const isUsed = world.machines.some(
    (copy) => copy.host === host && copy.assignments.some((held) => held.device === device),
  );
  const reset: readonly Action[] =
    pci?.function.kind === 'vf' && !isUsed ? [{ port: 'fabric', kind: 'reset-vf', ...owner, attributes: IDLE_VF }] : [];
  const profiles = world.switchPorts
    .filter((port) => port.host === host)
    .flatMap((port) => port.profiles)
    .filter((set) => set.machine === machine && set.claim === claim)
    .map((set): Action => ({ port: 'fabric', kind: 'remove-port-profile', ...owner, profile: bare(set.profile) }));
  const release: LedgerAction = { port: 'ledger', kind: 'release', ...owner, move };
  return {
    subject: `Reservation/${host}/${device}`,
    message: `is released: ${machine} does not use it and no move needs it`,
    actions: [...profiles, ...reset, release],
  };
}

/** What a switch needs in order to take a profile away is its name. */
function bare(name: string) {
  return { name, vlan: null, trunk: [], acl: [], rateMbps: 0 };
}

const DEADLINE_SECONDS = 60;

/** A chore goes through the same journal, lease and settling as the steps of a plan. */
async function doChore(chore: Chore, context: ExecutionContext): Promise<Swept> {
  const step: Step = {
    id: `sweep/${chore.subject}`,
    move: '',
    kind: 'release',
    phase: 'complete',
    subject: chore.subject,
    dependsOn: [],
    delaySeconds: 0,
    preconditions: [],
    actions: chore.actions,
    undo: [],
    estimate: { seconds: 0, bytes: 0, downtimeMs: 0 },
    deadlineSeconds: DEADLINE_SECONDS,
  };
  const run: Run = { ...context, plan: NO_PLAN };
  for (const index of step.actions.keys()) {
    const { effect, outcome } = await perform(run, step, index, 'do', CAUTIOUS);
    if (effect !== 'present')
      return { subject: chore.subject, message: outcome.kind === 'done' ? '' : outcome.message, done: false };
  }
  return { subject: chore.subject, message: chore.message, done: true };
}

/** Chores belong to no plan: recovery does not look for them, the next sweep does. */
const NO_PLAN: Plan = {
  formatVersion: '1.0',
  cluster: '',
  baseRevision: '',
  observedFingerprint: '',
  planHash: '',
  createdAt: 0,
  expiresAt: 0,
  causes: [],
  moves: [],
  steps: [],
  waves: [],
  limits: { perHost: 0, perGroup: 0, perCluster: 0 },
  refusals: [],
  drift: [],
  checks: [],
  projections: { before: [], after: [] },
  summary: { moves: 0, deployments: 0, refusals: 0, seconds: 0, bytes: 0, downtimeMs: 0 },
};
