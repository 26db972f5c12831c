import { loadDesired } from '../documents/index.js';
import { fingerprint, plan as makePlan } from '../planner/index.js';
import { replay } from '../planner/replay/index.js';
import type { Problem, World } from '../model/index.js';
import { type ExecutionContext, note, reasonOf } from './acting.js';
import { adopt } from './adopt.js';
import { execute } from './execute.js';
import type { Hold, PassFacts, PassState } from './facts.js';
import { gates, holdOf } from './gates.js';
import { fenceOf, freezeIn, lastMovesIn, openPlansIn, stillNeeded } from './history.js';
import { observe, samplesFor } from './observe.js';
import { recover } from './recover.js';
import { sweep } from './sweep.js';
import { reconsider } from './thaw.js';
import { twofold } from './whereabouts.js';

/** What a step adds to the state of the pass. */
export interface Added {
  readonly facts?: Partial<PassFacts>;
  readonly tree?: PassState['tree'];
  readonly records?: PassState['records'];
}

const held = (reason: Hold['reason'], message: string): Added => ({ facts: { hold: { reason, message } } });

/** Shuts out whoever had the lease before: from here on the journal refuses every intent under an older token. */
export async function takeFence({ ports, options, leave }: PassState): Promise<Added> {
  if (fenceOf(await ports.journal.read()) < leave.grant.token)
    await ports.journal.append({ kind: 'fenced', holder: options.holder }, leave.grant.token);
  return {};
}

/** Keeps the journal from growing without end. */
export async function compactJournal({ ports, leave }: PassState): Promise<Added> {
  await ports.journal.compact(stillNeeded, leave.grant.token);
  return {};
}

/** Asks the source for its newest commit. When it cannot be reached, what is begun is ended and nothing new is. */
export async function fetchSource({ ports }: PassState): Promise<Added> {
  try {
    const revision = await ports.source.fetch();
    return { facts: { revision }, tree: await ports.source.tree(revision) };
  } catch (error) {
    return sourceTrouble(error);
  }
}

/** A history that was rewound or replaced is no intent: nothing follows from it until a person has looked. */
export async function checkHistory({ ports, options, facts }: PassState): Promise<Added> {
  if (facts.revision === null || options.previousRevision === null) return {};
  try {
    const relation = await ports.source.relation(options.previousRevision, facts.revision);
    if (relation === 'same' || relation === 'ahead') return {};
    return held('SourceRewound', `${facts.revision} is ${relation}: ${options.previousRevision} was settled before`);
  } catch (error) {
    return sourceTrouble(error);
  }
}

function sourceTrouble(error: unknown): Added {
  const found = problemOf(error);
  if (found === null) throw error;
  const reason = found.answer === 'stall' ? 'InvalidDocument' : 'GitUnreachable';
  return { facts: { problems: [found], hold: { reason, message: found.message } } };
}

function problemOf(error: unknown): Problem | null {
  return error instanceof Error && error.name === 'RepositoryError' && 'problem' in error
    ? (error.problem as Problem)
    : null;
}

/** Reads the documents. One problem stalls the whole commit: without a rule that somebody wrote, a forbidden move could seem allowed. */
export async function loadDocuments({ ports, options, tree, facts }: PassState): Promise<Added> {
  if (tree === null) return {};
  const loaded = await loadDesired(tree, options.cache);
  if (!loaded.ok) {
    const [first] = loaded.problems;
    const where = first?.place == null ? '' : `${first.place.file}:${first.place.line}: `;
    return {
      facts: {
        problems: loaded.problems,
        hold: facts.hold ?? { reason: 'InvalidDocument', message: `${where}${first?.message ?? ''}` },
      },
    };
  }
  const desired = loaded.value.find((candidate) => candidate.cluster.name === ports.cluster) ?? null;
  if (desired === null) return held('ClusterMissing', `no document describes the cluster ${ports.cluster}`);
  const refused = options.refuse?.(desired.cluster) ?? null;
  if (refused !== null) return { facts: refused };
  return { facts: { desired, problems: loaded.warnings } };
}

/** A freeze ends by itself once the hosts show what was unclear. */
export async function thaw({ ports, options, leave }: PassState): Promise<Added> {
  const records = await ports.journal.read();
  if (freezeIn(records) === null) return {};
  for (const entry of reconsider(records, await observe(ports))) {
    await ports.journal.append(entry, leave.grant.token);
    if (entry.kind === 'thawed')
      note({ ports, onProgress: options.onProgress }, `not frozen any more: ${entry.message}`);
  }
  return {};
}

/** A person asked for a rest, or has to look first. */
export async function checkLeaveToBegin({ ports, options, facts }: PassState): Promise<Added> {
  const records = await ports.journal.read();
  const freeze = freezeIn(records);
  if (freeze !== null) return { records, facts: { freeze, hold: { reason: 'Frozen', message: freeze.message } } };
  if (options.isSuspended() || facts.desired?.cluster.suspended === true)
    return { records, facts: { hold: { reason: 'Suspended', message: suspension(options) } } };
  return { records };
}

function suspension({ isSuspended, suspendedWhy }: PassState['options']): string {
  const why = isSuspended() ? (suspendedWhy?.() ?? '') : '';
  return why === '' ? 'the cluster is suspended' : `the cluster is suspended: ${why}`;
}

/** Ends what an earlier pass left open. Not while the cluster is frozen. */
export async function recoverOpenMoves(state: PassState): Promise<Added> {
  if (state.facts.freeze !== null) return {};
  const recovered = await recover(state.records, contextOf(state));
  const last = recovered.at(-1);
  const hold: Hold | null =
    last?.result === 'frozen'
      ? { reason: 'Frozen', message: last.message }
      : last?.result === 'fenced'
        ? { reason: 'LeaseLost', message: last.message }
        : null;
  return { facts: { recovered, ...(hold === null ? {} : { hold }) }, records: await state.ports.journal.read() };
}

/** Observes the cluster, and notices machines that run twice before anything is built on them. */
export async function look(state: PassState): Promise<Added> {
  const world = await observeAll(state);
  const managed = state.facts.desired?.machines ?? [];
  if (state.facts.freeze !== null) return { facts: { world } };
  for (const { name } of managed) {
    const danger = twofold(name, world);
    if (danger === null) continue;
    await state.ports.journal.append({ kind: 'frozen', ...danger, machine: name }, state.leave.grant.token);
    return { facts: { world, hold: { reason: 'Frozen', message: danger.message } } };
  }
  return { facts: { world } };
}

async function observeAll({ ports, records, facts }: PassState): Promise<World> {
  const samples = await samplesFor(facts.desired?.loadPolicies ?? [], ports.telemetry, ports.clock.now());
  return observe(ports, { samples, lastMoves: lastMovesIn(records) });
}

/** So far the clocks of two computers may be apart. */
const CLOCK_SKEW_MS = 60_000;

/** A plan from elsewhere is only good for the commit and the world that it was made from. */
export function checkFreshness({ ports, options, facts }: PassState): Added {
  const { plan } = options;
  if (plan === null || facts.world === null) return {};
  if (plan.cluster !== ports.cluster) return held('StalePlan', `the plan is for the cluster ${plan.cluster}`);
  if (plan.baseRevision !== facts.revision)
    return held(
      'StalePlan',
      plan.baseRevision === 'folder'
        ? 'the plan was made from files that are not committed; commit them and plan again'
        : `the plan was made from ${plan.baseRevision}, and the source is at ${facts.revision ?? '?'}; plan again`,
    );
  if (plan.createdAt > ports.clock.now() + CLOCK_SKEW_MS)
    return held(
      'StalePlan',
      `the plan was made at ${new Date(plan.createdAt).toISOString()}, which is still to come; set the clocks and plan again`,
    );
  if (plan.expiresAt <= ports.clock.now())
    return held('StalePlan', `the plan expired at ${new Date(plan.expiresAt).toISOString()}; plan again`);
  if (plan.observedFingerprint !== fingerprint(facts.world))
    return held('StalePlan', 'the cluster is not as it was when the plan was made; plan again');
  return {};
}

/** Brings the ledger in line with what machines own, and takes away what no move needs any more. */
export async function tidy(state: PassState): Promise<Added> {
  const { ports, facts, records } = state;
  if (facts.desired === null || facts.world === null) return {};
  const managed = new Set(facts.desired.machines.map((machine) => machine.name));
  const contested = await adopt(facts.world, managed, ports.ledger);
  const busy = new Set(openPlansIn(records).flatMap((open) => open.moves.map((open) => open.move.machine)));
  const adopted = { ...facts.world, reservations: await ports.ledger.read() };
  const swept = await sweep(adopted, managed, busy, contextOf(state));
  const world = swept.length === 0 ? adopted : await observeAll(state);
  return { facts: { contested, swept, world } };
}

/** Makes the plan, or takes the one that is to be applied. */
export function decide({ options, facts }: PassState): Added {
  if (facts.desired === null || facts.world === null) return {};
  if (options.plan !== null) return { facts: { plan: options.plan } };
  const started = performance.now();
  const plan = makePlan(facts.desired, facts.world, options.solve);
  return { facts: { plan, planSeconds: (performance.now() - started) / 1000 } };
}

/** Nothing is carried out that the independent checker has not accepted. */
export function prove({ facts }: PassState): Added {
  const { plan, desired, world } = facts;
  if (plan === null || desired === null || world === null) return {};
  const verdict = replay(plan, desired, world);
  if (verdict.accepted)
    return { facts: { checks: [{ name: 'replay', result: 'passed', message: 'safe in every order' }] } };
  const message = verdict.violations.map((violation) => violation.message).join('; ');
  return {
    facts: {
      problems: [...facts.problems, ...verdict.violations],
      checks: [{ name: 'replay', result: 'denied', message }],
      hold: { reason: 'PlanRejected', message },
    },
  };
}

/** Asks the policies whether the plan may be carried out now. */
export function askPolicies({ ports, facts }: PassState): Added {
  if (facts.plan === null || facts.desired === null) return {};
  const asked = gates(facts.plan, facts.desired, ports.clock.now());
  return { facts: { checks: [...facts.checks, ...asked], hold: holdOf(asked) } };
}

/** Carries the plan out. */
export async function carryOut(state: PassState): Promise<Added> {
  const { plan } = state.facts;
  if (plan === null || plan.moves.length === 0) return {};
  if (state.options.signal.aborted) return held('Stopped', reasonOf(state.options.signal));
  const execution = await execute(plan, contextOf(state));
  const records = await state.ports.journal.read();
  switch (execution.result) {
    case 'succeeded':
    case 'failed':
      return { facts: { execution }, records };
    case 'stopped': {
      const reason = state.options.isSuspended() ? 'Suspended' : 'Stopped';
      return { facts: { execution, hold: { reason, message: execution.message } }, records };
    }
    case 'frozen':
      return { facts: { execution, hold: { reason: 'Frozen', message: execution.message } }, records };
    case 'fenced':
      return { facts: { execution, hold: { reason: 'LeaseLost', message: execution.message } }, records };
  }
}

/** What is there when all is over, for the status. */
export async function lookAgain(state: PassState): Promise<Added> {
  const records = await state.ports.journal.read();
  const world = await observeAll({ ...state, records });
  return { records, facts: { world, freeze: freezeIn(records) } };
}

function contextOf({ ports, options, leave, facts }: PassState): ExecutionContext {
  return {
    ports,
    leave,
    accessGroups: facts.desired?.accessGroups ?? [],
    disruptionBudgets: facts.desired?.disruptionBudgets ?? [],
    signal: options.signal,
    isSuspended: options.isSuspended,
    onProgress: options.onProgress,
  };
}
