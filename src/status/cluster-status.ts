import type { Problem, Refusal } from '../model/index.js';
import { finding } from './conditions.js';
import type { Finding } from './conditions.js';
import type { StatusFacts } from './facts.js';

/** The conditions of the cluster: the first of these stories that is true is told. */
export function clusterFindings(facts: StatusFacts, unhealthy: readonly string[]): readonly Finding[] {
  return [...readiness(facts), health(facts, unhealthy)];
}

function readiness(facts: StatusFacts): readonly Finding[] {
  const stalling = facts.problems.find((problem) => problem.severity === 'error' && problem.answer === 'stall');
  if (stalling !== undefined) return stalled(reasonOf(stalling), messageOf(facts.problems));
  if (facts.frozen !== null) return stalled('Frozen', `${facts.frozen.reason}: ${facts.frozen.message}`);
  const passing = facts.problems.find((problem) => problem.severity === 'error');
  if (passing !== undefined) return retrying('Failed', messageOf(facts.problems));

  if (facts.hold !== null) return held(facts.hold);
  const failed = facts.moves.filter(
    ({ result }) => result === 'undone' || result === 'skipped' || result === 'degraded',
  );
  if (failed.length > 0) return retrying('Failed', failed.map(({ move, message }) => `${move}: ${message}`).join('; '));
  const open = (facts.plan?.moves ?? []).filter(
    ({ id }) => !facts.moves.some((entry) => entry.move === id && entry.result === 'succeeded'),
  );
  if (open.length > 0) {
    const message = `${open.length} of ${facts.plan?.moves.length ?? 0} moves are not done`;
    return [
      finding('Ready', 'Unknown', 'Progressing', message),
      finding('Reconciling', 'True', 'Progressing', message),
    ];
  }
  const refused = (facts.plan?.refusals ?? []).filter(needsPerson);
  if (refused.length > 0) {
    const message = refused.map(({ machine, message: why }) => `${machine}: ${why}`).join('; ');
    return [finding('Ready', 'False', 'PlanInfeasible', message)];
  }
  const drift = facts.plan?.drift ?? [];
  if (drift.length > 0) {
    const message = drift.map(({ subject, code }) => `${subject} ${code}`).join('; ');
    return [finding('Ready', 'True', 'DriftDetected', message)];
  }
  return [finding('Ready', 'True', 'Succeeded', 'everything is as it is written')];
}

/** Holds that end by themselves or by what the cluster's own people have asked for; any other needs somebody to repair it. */
const PATIENT: ReadonlySet<string> = new Set([
  'Suspended',
  'ApprovalRequired',
  'WindowClosed',
  'Locked',
  'LeaseLost',
  'Stopped',
]);

/** Holds that the next pass may find gone. */
const TRIED_AGAIN: ReadonlySet<string> = new Set(['GitUnreachable', 'Failed']);

function held({ reason, message }: { readonly reason: string; readonly message: string }): readonly Finding[] {
  if (PATIENT.has(reason)) return [finding('Ready', 'False', reason, message)];
  return TRIED_AGAIN.has(reason) ? retrying(reason, message) : stalled(reason, message);
}

function stalled(reason: string, message: string): readonly Finding[] {
  return [finding('Ready', 'False', reason, message), finding('Stalled', 'True', reason, message)];
}

function retrying(reason: string, message: string): readonly Finding[] {
  return [finding('Ready', 'False', reason, message), finding('Reconciling', 'True', 'ProgressingWithRetry', message)];
}

/** A problem at a place is one of a document; others, such as `SourceRewound`, are reasons themselves. */
function reasonOf(problem: Problem): string {
  return problem.place === null ? problem.code : 'InvalidDocument';
}

function messageOf(problems: readonly Problem[]): string {
  const lines = problems.map(({ code, message, place }) => {
    const where = place === null ? '' : `${place.file}:${place.line}:${place.column}: `;
    return `${where}${message} (${code})`;
  });
  return lines.length > 5 ? [...lines.slice(0, 5), `and ${lines.length - 5} more`].join('; ') : lines.join('; ');
}

/** Refusals that time or load will not lift. */
function needsPerson(refusal: Refusal): boolean {
  return refusal.advice !== 'Wait';
}

function health(facts: StatusFacts, unhealthy: readonly string[]): Finding {
  if (facts.world === null)
    return finding('Healthy', 'Unknown', 'NotObserved', 'the hypervisors could not be observed');
  if (unhealthy.length === 0) return finding('Healthy', 'True', 'Succeeded');
  return finding('Healthy', 'False', 'Failed', `not healthy: ${unhealthy.join(', ')}`);
}
