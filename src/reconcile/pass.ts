import { type Leave, whileRenewing } from './acting.js';
import { fenceOf } from './history.js';
import type { Hold, PassFacts, PassOptions, PassPorts, PassState } from './facts.js';
import {
  type Added,
  askPolicies,
  carryOut,
  checkFreshness,
  checkHistory,
  checkLeaveToBegin,
  compactJournal,
  decide,
  fetchSource,
  loadDocuments,
  look,
  lookAgain,
  prove,
  recoverOpenMoves,
  takeFence,
  thaw,
  tidy,
} from './pass-steps.js';

interface PassStep {
  readonly run: (state: PassState) => Added | Promise<Added>;
  /** `always`: what was begun is ended and what is there is seen, even when nothing new may be begun. */
  readonly when: 'always' | 'unless held';
}

/** The whole pass in order. Steps only find out and act; what it all means is settled once, afterwards, from the facts. */
const STEPS: readonly PassStep[] = [
  { run: takeFence, when: 'always' },
  { run: compactJournal, when: 'always' },
  { run: fetchSource, when: 'always' },
  { run: checkHistory, when: 'unless held' },
  { run: loadDocuments, when: 'unless held' },
  { run: thaw, when: 'always' },
  { run: checkLeaveToBegin, when: 'always' },
  { run: recoverOpenMoves, when: 'always' },
  { run: look, when: 'always' },
  { run: tidy, when: 'unless held' },
  { run: checkFreshness, when: 'unless held' },
  { run: decide, when: 'unless held' },
  { run: prove, when: 'unless held' },
  { run: askPolicies, when: 'unless held' },
  { run: carryOut, when: 'unless held' },
  { run: lookAgain, when: 'always' },
];

/**
 * One pass over one cluster: from the newest commit to a cluster that is as it says, or a named reason why not. Never throws for what the
 * outside can do; what it throws is a bug or a damaged state file.
 */
export async function runPass(ports: PassPorts, options: PassOptions): Promise<PassFacts> {
  const nothing = noFacts(ports);
  const fence = fenceOf(await ports.journal.read());
  const answer = await ports.lease.acquire(options.holder, options.leaseSeconds, fence);
  if ('heldBy' in answer) {
    const { holder, expiresAt } = answer.heldBy;
    const message = `${holder} has the lease until ${new Date(expiresAt).toISOString()}`;
    return { ...nothing, hold: { reason: 'Locked', message } };
  }
  const leave: Leave = { grant: answer.granted, ttlSeconds: options.leaseSeconds, over: { is: false } };
  const state: PassState = { ports, options, leave, records: [], tree: null, facts: nothing };
  try {
    return await whileRenewing(ports, leave, () => walk(state));
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'FencedOut') throw error;
    return { ...nothing, hold: { reason: 'LeaseLost', message: error.message } };
  } finally {
    await ports.lease.release(leave.grant);
  }
}

async function walk(start: PassState): Promise<PassFacts> {
  let state = start;
  for (const step of STEPS) {
    if (step.when === 'unless held' && state.facts.hold !== null) continue;
    const added = await step.run(state);
    const hold = state.facts.hold ?? added.facts?.hold ?? null;
    state = { ...state, ...added, facts: { ...state.facts, ...added.facts, hold } };
  }
  return state.facts;
}

/** What is to be said of a pass that threw: nothing but why. */
export function brokenPass(ports: PassPorts, revision: string | null, hold: Hold): PassFacts {
  return { ...noFacts(ports), revision, hold };
}

function noFacts(ports: PassPorts): PassFacts {
  return {
    cluster: ports.cluster,
    startedAt: ports.clock.now(),
    revision: null,
    desired: null,
    problems: [],
    hold: null,
    freeze: null,
    recovered: [],
    swept: [],
    contested: [],
    world: null,
    plan: null,
    planSeconds: null,
    checks: [],
    execution: null,
  };
}
