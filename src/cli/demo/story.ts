import type { Paint } from '../../report/index.js';
import type { Terminal } from '../terminal.js';
import type { Expectation } from './end-state.js';

/** Tells the demo to whoever watches. */
export interface Story {
  readonly ink: Paint;
  chapter(title: string, why: string): void;
  say(text: string): void;
  /** Text of several lines, set in by two columns. */
  show(text: string): void;
  /** Says each expectation, and remembers those that are not met. */
  expect(expectations: readonly Expectation[]): void;
  readonly checked: () => { readonly met: number; readonly failed: number };
}

/** A story on a terminal. */
export function openStory(terminal: Terminal, ink: Paint): Story {
  let chapters = 0;
  let met = 0;
  let failed = 0;
  const say = (text: string): void => terminal.out(`${text}\n`);
  return {
    ink,
    chapter(title, why) {
      chapters++;
      say(`\n${ink.bold(ink.cyan(`${chapters}  ${title}`))}\n${ink.dim(`   ${why}`)}\n`);
    },
    say: (text) => say(text === '' ? '' : `   ${text}`),
    show: (text) => say(text.trimEnd().replace(/^(?=.)/gm, '   ')),
    expect(expectations) {
      say('');
      for (const { sentence, faults } of expectations) {
        if (faults.length === 0) met++;
        else failed++;
        say(
          faults.length === 0
            ? `   ${ink.green('✔')} ${sentence}`
            : `   ${ink.red('✘')} ${sentence}: ${ink.red(faults.join(', '))}`,
        );
      }
    },
    checked: () => ({ met, failed }),
  };
}
