import { paint } from '../report/index.js';
import type { ProgressEvent } from '../reconcile/index.js';
import { moveBars } from './move-bars.js';
import { progressRecords } from './ndjson.js';
import type { PassResult } from './pass.js';
import { passText } from './pass-text.js';
import { openBars, openLines } from './progress.js';
import type { Terminal } from './terminal.js';

/** Simulated seconds in a real one: slow enough to watch at a terminal, quick where nobody does. */
const WATCHED_PACE = 15;
const UNWATCHED_PACE = 300;

/** How fast simulated time passes in front of this terminal. */
export function paceFor(terminal: Terminal): number {
  return terminal.interactive ? WATCHED_PACE : UNWATCHED_PACE;
}

/** What the person or the script in front of a pass gets to see. */
export interface PassView {
  readonly on: (event: ProgressEvent) => void;
  readonly end: (result: PassResult) => void;
}

/** Bars on a terminal, lines in a log, or NDJSON; the result comes last, on stdout. */
export function showProgress(terminal: Terminal, output: 'text' | 'json'): PassView {
  switch (output) {
    case 'text': {
      const progress = terminal.interactive ? openBars(terminal, () => performance.now()) : openLines(terminal);
      return {
        on: moveBars(progress),
        end: (result) => terminal.out(passText(result, paint(terminal.color))),
      };
    }
    case 'json':
      return {
        on: (event) =>
          terminal.out(
            progressRecords(event)
              .map((record) => `${JSON.stringify(record)}\n`)
              .join(''),
          ),
        end: (result) => terminal.out(`${JSON.stringify(summaryRecord(result))}\n`),
      };
  }
}

/** The last line of a run: what it came to. */
function summaryRecord({ facts, published }: PassResult): Readonly<Record<string, unknown>> {
  const { cluster, revision, hold, execution, plan } = facts;
  const result = hold?.reason ?? execution?.result ?? 'unchanged';
  return {
    '@level': hold === null ? 'info' : 'error',
    '@message': `${cluster}: ${result}${hold === null ? '' : `: ${hold.message}`}`,
    '@timestamp': new Date(facts.world?.at ?? facts.startedAt).toISOString(),
    type: 'change_summary',
    ...{ cluster, revision, result, hold },
    statusCommit: published?.commit ?? null,
    planHash: plan?.planHash ?? null,
    moves: execution?.moves ?? [],
    refusals: plan?.refusals ?? [],
    problems: facts.problems,
  };
}
