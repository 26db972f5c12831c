import { countText, formatProblem, plain, shortHash, type Paint } from '../report/index.js';
import type { HoldReason, PassFacts } from '../reconcile/index.js';
import type { PassResult } from './pass.js';

/** What a pass came to, for a person: one line, and below it whatever needs attention. */
export function passText({ facts, published }: PassResult, ink: Paint): string {
  const lines = [
    ...facts.problems.map((one) => formatProblem(one, ink)),
    ...facts.recovered.flatMap(({ moves }) =>
      moves.map(({ machine, result }) => `  recovered ${plain(machine)}: ${result}`),
    ),
    ...facts.swept.map(
      ({ subject, message, done }) => `  ${done ? '' : ink.red('not done: ')}${plain(subject)} ${plain(message)}`,
    ),
    ...refusals(facts, ink),
    headline(facts, ink),
    ...(published?.commit == null ? [] : [ink.dim(`  status commit ${shortHash(published.commit)}`)]),
  ];
  return `${lines.join('\n')}\n`;
}

/** What a person can do about a pass that was held; the others tell it in their message or need only time. */
const WAYS_ON: Partial<Readonly<Record<HoldReason, string>>> = {
  Locked: 'wait for the other Berth; a lease that nobody renews ends by itself',
  Suspended: 'run "berth resume", or take spec.suspend out of the Cluster document',
  SourceRewound: 'if the new history is meant, run "berth unlock --accept-rewound"',
  ApprovalRequired: 'commit an Approval document with this plan hash',
  BlastRadius: 'make the change in smaller commits, or raise blastRadius in the MigrationPolicy',
  ConnectionChanged: 'run the command again',
  InvalidDocument: 'mend the documents and commit; "berth validate" checks them before',
};

function headline({ cluster, revision, hold, execution, plan }: PassFacts, ink: Paint): string {
  const where = `${plain(cluster)} at ${shortHash(revision ?? 'unknown')}`;
  if (hold !== null) {
    const way = WAYS_ON[hold.reason];
    const next = way === undefined ? '' : `\n  ${ink.dim(`next: ${way}`)}`;
    return `${ink.yellow('■')} ${where}: ${ink.bold(hold.reason)}: ${plain(hold.message)}${next}`;
  }
  if (execution === null) return `${ink.green('✔')} ${where}: nothing to do`;
  const done = execution.moves.filter(({ result }) => result === 'succeeded').length;
  const share = `${done} of ${countText(plan?.moves.length ?? 0, 'move')} done`;
  if (execution.result === 'succeeded') return `${ink.green('✔')} ${where}: ${share}`;
  const failed = execution.moves.filter(({ result }) => result !== 'succeeded');
  const why = failed.map(({ machine, result, message }) => `\n  ${plain(machine)}: ${result}: ${plain(message)}`);
  return `${ink.red('✘')} ${where}: ${share}${why.join('')}`;
}

function refusals({ plan }: PassFacts, ink: Paint): readonly string[] {
  return (plan?.refusals ?? []).map(
    ({ machine, reason, message }) => `${ink.yellow('!')} ${plain(machine)}: ${ink.bold(reason)}: ${plain(message)}`,
  );
}
