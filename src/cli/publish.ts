import type { Event, Plan, StepKind } from '../model/index.js';
import { silencesIn } from '../planner/index.js';
import type { StatusStore } from '../ports/index.js';
import { encodePlan, planMarkdown } from '../report/index.js';
import type { PassFacts, ProgressEvent } from '../reconcile/index.js';
import { settleStatus, statusChanges, statusMessage, type StatusFacts } from '../status/index.js';

type MoveResult = StatusFacts['moves'][number];

/** Watches an execution, and knows afterwards how far each move came. */
export interface MoveLog {
  record(event: ProgressEvent): void;
  results(): readonly MoveResult[];
}

/** A log of one pass. */
export function openMoveLog(): MoveLog {
  const plans = new Map<string, Plan>();
  const done = new Set<string>();
  const ends = new Map<string, Pick<MoveResult, 'result' | 'message'>>();
  const started = new Set<string>();
  return {
    record(event) {
      if (event.kind === 'plan-started') plans.set(event.plan.planHash, event.plan);
      if (event.kind === 'step-started') started.add(event.step.move);
      if (event.kind === 'step-ended' && event.direction === 'do' && event.outcome.kind === 'done')
        done.add(event.step.id);
      if (event.kind === 'move-ended') ends.set(event.move, event);
    },
    results: () =>
      [...plans.values()].flatMap((plan) =>
        plan.moves.map(({ id }) => ({
          move: id,
          result: ends.get(id)?.result ?? (started.has(id) ? 'running' : 'waiting'),
          message: ends.get(id)?.message ?? '',
          done: kindsDone(plan, id, done),
        })),
      ),
  };
}

/** Kinds of which every step of the move is done. */
function kindsDone(plan: Plan, move: string, done: ReadonlySet<string>): readonly StepKind[] {
  const steps = plan.steps.filter((step) => step.move === move);
  const open = new Set(steps.filter((step) => !done.has(step.id)).map(({ kind }) => kind));
  return [...new Set(steps.map(({ kind }) => kind))].filter((kind) => !open.has(kind));
}

/** What was published: the commit, null when there was no news, and the documents as they stand. */
export interface Published {
  readonly commit: string | null;
  readonly documents: ReadonlyMap<string, string>;
}

/** What is to be said on the status branch. When it cannot be reached, the newest state and all events wait for the next time. */
export interface Outbox {
  /** Says how things stand now, and what happened since it was last said. Throws when the branch cannot be reached. */
  publish(facts: PassFacts, moves: readonly MoveResult[]): Promise<Published>;
  /** Only keeps what happened. */
  keep(facts: PassFacts): void;
}

/** An outbox that is kept in memory: after a crash the journal tells what happened, and the next pass how things stand. */
export function openOutbox(store: StatusStore): Outbox {
  let unsaid: readonly Event[] = [];
  const keep = (facts: PassFacts): void => {
    unsaid = [...unsaid, ...eventsOf(facts)];
  };
  return {
    keep,
    publish: async (facts, moves) => {
      keep(facts);
      const published = await publishStatus(store, facts, moves, unsaid);
      unsaid = [];
      return published;
    },
  };
}

/**
 * Commits what a pass found and did to the status branch. When the push lost a race the documents are rendered anew from the new
 * tip.
 */
export async function publishStatus(
  store: StatusStore,
  facts: PassFacts,
  moves: readonly MoveResult[],
  events = eventsOf(facts),
): Promise<Published> {
  const { desired, world } = facts;
  const silences = desired === null || world === null ? new Map<string, string>() : silencesIn(desired, world);
  const settled = (previous: ReadonlyMap<string, string>): StatusFacts => ({
    cluster: facts.cluster,
    revision: facts.revision ?? '',
    now: facts.world?.at ?? facts.startedAt,
    desired: facts.desired,
    world: facts.world,
    silences,
    plan: facts.plan,
    planTexts: facts.plan === null ? null : { json: encodePlan(facts.plan), markdown: planMarkdown(facts.plan) },
    moves,
    problems: facts.problems,
    hold: facts.hold,
    frozen: facts.freeze,
    lastHandledRequestedAt: facts.desired?.cluster.requestedAt ?? '',
    events,
    previous,
  });
  const { subject, trailers } = statusMessage(settled(new Map()));
  let documents: ReadonlyMap<string, string> = new Map();
  const commit = await store.publish({
    render: (current) => {
      documents = settleStatus(settled(current));
      return statusChanges(facts.cluster, current, documents);
    },
    subject,
    trailers,
  });
  return { commit, documents };
}

/** Where a machine came from and went to; over a bypass host it makes two moves. */
function wayOf(hops: readonly { readonly from: string | null; readonly to: string }[]): string {
  return [hops[0]?.from ?? 'nowhere', ...hops.map(({ to }) => to)].join(' → ');
}

/** What a pass did, for people; what conditions tell by having changed is not repeated here. */
function eventsOf(facts: PassFacts): readonly Event[] {
  const event = (kind: string, name: string, severity: Event['severity'], reason: string, message: string): Event => ({
    involvedObject: { kind, name },
    severity,
    reason,
    message,
    revision: facts.revision ?? '',
    reportingController: 'berth',
    timestamp: new Date(facts.world?.at ?? facts.startedAt).toISOString(),
  });
  const executions = [...facts.recovered, ...(facts.execution === null ? [] : [facts.execution])];
  const moved = executions.flatMap(({ moves }) => {
    const succeeded = moves.filter(({ result }) => result === 'succeeded');
    const machines = [...new Set(succeeded.map(({ machine }) => machine))];
    const failed = moves.filter(({ result }) => result !== 'succeeded');
    return [
      ...machines.map((name) => {
        const hops = succeeded.filter(({ machine }) => machine === name);
        return event('VirtualMachine', name, 'info', 'Migrated', wayOf(hops));
      }),
      ...failed.map((move) => {
        const message = `${wayOf([move])}: ${move.result}; ${move.message}`;
        return event('VirtualMachine', move.machine, 'warning', 'MoveNotDone', message);
      }),
    ];
  });
  const swept = facts.swept.map(({ subject, message, done }) => {
    const [kind = '', ...name] = subject.split('/');
    return event(kind, name.join('/'), done ? 'info' : 'warning', done ? 'TakenAway' : 'NotTakenAway', message);
  });
  const contested = facts.contested.map(({ machine, host, device, entry }) =>
    event(
      'VirtualMachine',
      machine,
      'warning',
      'DeviceContested',
      `${device} of ${host} belongs to ${entry.machine} in the ledger`,
    ),
  );
  return [...moved, ...swept, ...contested];
}
