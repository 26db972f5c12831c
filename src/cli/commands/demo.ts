import { constants } from 'node:os';
import type { Command } from 'commander';
import { paint } from '../../report/index.js';
import { drainHost, refuseImpossible, relieveOverload, type Troupe } from '../demo/acts.js';
import { buildStage } from '../demo/stage.js';
import { openStory } from '../demo/story.js';
import { EXIT, type ExitCode } from '../exit.js';
import { addCommonOptions } from '../options.js';
import { openBars, openLines } from '../progress.js';
import type { Register, Session } from '../session.js';
import type { Terminal } from '../terminal.js';

/** Simulated seconds in a real one: about a quarter of a minute in all where somebody watches. */
const WATCHED_PACE = 15;
const UNWATCHED_PACE = 200;

/** Closing the terminal ends a demo as well. */
const STOPPING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** `berth demo`: the main job on a real Git server and a simulated cluster, checked at every end. */
export function defineDemo(program: Command, register: Register): void {
  const command = program
    .command('demo')
    .summary('see it work, on a simulated 5G edge site')
    .description(
      'Makes a repository, serves it on loopback, commits the example 01-5g-edge, and reconciles it three times: an overloaded\n' +
        'host, a maintenance drain, and a request that cannot be met. Leaves nothing behind; exits with 1 when what came out is\n' +
        'not what must come out.',
    );
  register(addCommonOptions(command), demo);
}

async function demo(session: Session): Promise<ExitCode> {
  const { terminal } = session;
  const ink = paint(terminal.color);
  const signal = session.stopSignal(STOPPING);
  terminal.out(
    `${ink.bold('Berth')}  ${ink.dim('a 5G edge site: four hosts behind two switches,\n       fourteen machines with virtual functions')}\n`,
  );
  const stage = await buildStage();
  // Progress belongs into the story, so it goes where the story goes, and stands as far in.
  const bars: Terminal = { ...terminal, err: (text) => terminal.out(text) };
  const lines: Terminal = { ...terminal, err: (text) => terminal.out(`   ${text}`) };
  const story = openStory(terminal, ink);
  const troupe: Troupe = {
    stage,
    story,
    progress: () => (terminal.interactive ? openBars(bars, () => performance.now(), '   ') : openLines(lines)),
    color: terminal.color,
    pace: terminal.interactive ? WATCHED_PACE : UNWATCHED_PACE,
    signal,
  };
  // Whoever interrupts a demo wants it gone, not brought to an end.
  await Promise.race([perform(troupe), stopped(signal)]).finally(() => stage.strike());
  if (signal.aborted) {
    terminal.err('stopped; the repository and the cluster are gone\n');
    process.exit(128 + constants.signals[signal.reason as (typeof STOPPING)[number]]);
  }
  const { met, failed } = story.checked();
  const verdict =
    failed === 0 ? ink.green(`✔ ${met} checks passed`) : ink.red(`✘ ${failed} of ${met + failed} checks failed`);
  terminal.out(`\n${verdict}${ink.dim('; the repository and the cluster are gone again.')}\n`);
  terminal.out(
    ink.dim(
      'Next: copy examples/01-5g-edge, edit it, and run\n      "berth plan", "berth reconcile" and "berth status".\n',
    ),
  );
  return failed === 0 ? EXIT.ok : EXIT.error;
}

async function perform(troupe: Troupe): Promise<void> {
  if (troupe.signal.aborted) return;
  await relieveOverload(troupe);
  await drainHost(troupe);
  await refuseImpossible(troupe);
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}
