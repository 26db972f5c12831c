import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Story } from '../../../src/cli/demo/story.js';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
}

/** The built program, called as a person calls it: what it writes is part of the story. */
export class Berth {
  constructor(
    private readonly main: string,
    private readonly story: Story,
    private readonly color: boolean,
    private readonly place: { readonly folder: string; readonly state: string },
    private readonly signal: AbortSignal,
  ) {}

  /** Runs a command and shows what it writes, as it writes it. On a terminal, progress is drawn by the program itself. */
  async show(...args: readonly string[]): Promise<Ended> {
    this.story.say(`${this.story.ink.dim('$')} ${this.story.ink.bold(`berth ${args.join(' ')}`)}`);
    const ended = await this.run(args, (line) => this.story.say(line));
    this.story.say('');
    return ended;
  }

  /** Runs a command and keeps what it writes. */
  quiet(...args: readonly string[]): Promise<Ended> {
    return this.run(args, () => undefined);
  }

  private async run(args: readonly string[], say: (line: string) => void): Promise<Ended> {
    const { folder, state } = this.place;
    const env = {
      PATH: process.env['PATH'],
      HOME: state,
      BERTH_STATE: state,
      TERM: process.env['TERM'],
      ...(this.color ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }),
    };
    const child = spawn(process.execPath, [this.main, ...args], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', process.stderr.isTTY ? 'inherit' : 'pipe'],
    });
    const { stdout, stderr } = child as { readonly stdout: Readable; readonly stderr: Readable | null };
    const stop = (): void => void child.kill('SIGKILL');
    this.signal.addEventListener('abort', stop, { once: true });
    const lines: string[] = [];
    createInterface(stdout).on('line', (line) => {
      lines.push(line);
      say(line);
    });
    if (stderr !== null) createInterface(stderr).on('line', say);
    const [code] = (await once(child, 'close')) as [number | null];
    this.signal.removeEventListener('abort', stop);
    return { code: code ?? -1, stdout: lines.join('\n') };
  }
}
