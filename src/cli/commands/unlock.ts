import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { problem } from '../../model/index.js';
import { fenceOf, freezeIn } from '../../reconcile/index.js';
import { clusterState } from '../cluster-state.js';
import { openRecords, systemClock } from '../compose.js';
import { EXIT } from '../exit.js';
import { Failure } from '../failure.js';
import { addRepositoryOptions, type RepositoryOptions } from '../options.js';
import type { Register, Session } from '../session.js';
import { forgetRevision } from '../settled.js';

interface Options extends RepositoryOptions {
  readonly acceptRewound?: boolean;
}

/** `berth unlock`: an operator has looked, and work may go on. */
export function defineUnlock(program: Command, register: Register): void {
  const command = program
    .command('unlock')
    .summary('lift a freeze after a person has looked')
    .description(
      'Lifts the freeze that stands after something only a person can decide, such as a machine that runs twice. A freeze for\n' +
        'want of an answer ends by itself once the hosts answer and show that the machine runs once. Look first:\n' +
        '"berth status" says what it is about. A lease that another process holds is not broken: it expires by itself.',
    )
    .option('--accept-rewound', 'also follow a branch whose history was rewritten');
  addRepositoryOptions(command);
  register<Options>(command, async (session, options) => {
    const { name, state } = await clusterState(options, session.env);
    const lifted = await liftFreeze(session, name, state);
    if (options.acceptRewound === true) forgetRevision(state);
    session.terminal.out(
      [
        lifted === null ? `${name} is not frozen` : `${name} is not frozen any more (it was: ${lifted})`,
        ...(options.acceptRewound === true ? ['the next pass follows the branch wherever it is'] : []),
        '',
      ].join('\n'),
    );
    return EXIT.ok;
  });
}

/** Writes into the journal that a person lifted the freeze, under the lease, so that nobody acts meanwhile. */
async function liftFreeze({ env }: Session, name: string, state: string): Promise<string | null> {
  const { journal, lease } = openRecords(state, systemClock());
  const records = await journal.read();
  const freeze = freezeIn(records);
  if (freeze === null) return null;
  const holder = `unlock/${process.pid}`;
  const answer = await lease.acquire(holder, 10, fenceOf(records));
  if ('heldBy' in answer) {
    const message = `${name} is worked on by ${answer.heldBy.holder}`;
    throw new Failure(EXIT.locked, [
      problem({ code: 'Locked', message, hint: 'stop it, or wait until its lease expires', answer: 'wait' }),
    ]);
  }
  try {
    await journal.append({ kind: 'unlocked', by: env['USER'] ?? userInfo().username }, answer.granted.token);
  } finally {
    await lease.release(answer.granted);
    await journal.close();
  }
  return freeze.message;
}
