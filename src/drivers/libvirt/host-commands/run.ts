import { spawn } from 'node:child_process';
import { sshDestination } from '../rpc/index.js';
import type { CommandTarget } from '../../../connection/command-target.js';

/** A command: a program of the host and its arguments. */
export type Words = readonly [string, ...string[]];

/** How a command ended. `unanswered`: nobody knows whether it has run. */
export type Ran =
  | { readonly kind: 'ended'; readonly status: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'unanswered'; readonly message: string };

export interface RunOptions {
  /** The command is ended when it is aborted. */
  readonly signal?: AbortSignal;
  readonly deadlineMs?: number;
  /** What the command reads. */
  readonly input?: string;
}

/** Runs commands on one host. */
export type Run = (words: Words, options?: RunOptions) => Promise<Ran>;

const DEADLINE_MS = 15_000;
/** A host with a thousand interfaces says less. */
const MOST_BYTES = 16 * 2 ** 20;
const STDERR_BYTES = 4096;

/**
 * ssh joins the words of a command with blanks and gives them to a shell of the host. So only words are let through that mean themselves in every shell,
 * at whatever place; the first character keeps words of ours from being taken for something else.
 */
const SAFE_WORD = /^[A-Za-z0-9_/.-][A-Za-z0-9_/.:=@+-]*$/;

/** ssh itself failed: the command may have run, or not. */
const SSH_FAILED = 255;

/**
 * Commands on a host, without a shell here, and with words that need no quoting on a shell there. Throws a `RangeError` for other words, before
 * anything runs: whoever makes a command from what others wrote has to check it before.
 */
export function runnerFor(target: CommandTarget, options: { readonly ssh?: string } = {}): Run {
  return (words, { signal, deadlineMs = DEADLINE_MS, input = '' } = {}) => {
    const unsafe = words.find((word) => !SAFE_WORD.test(word));
    if (unsafe !== undefined) throw new RangeError(`${JSON.stringify(unsafe)} cannot be a word of a command`);
    const [program, ...args] =
      target.kind === 'local'
        ? words
        : ([options.ssh ?? 'ssh', ...sshDestination(target, deadlineMs), ...words] as const);
    return runHere(program, args, { signal, deadlineMs, input, isRemote: target.kind === 'ssh' });
  };
}

interface Doing {
  readonly signal: AbortSignal | undefined;
  readonly deadlineMs: number;
  readonly input: string;
  readonly isRemote: boolean;
}

function runHere(program: string, args: readonly string[], doing: Doing): Promise<Ran> {
  const { signal, deadlineMs, input, isRemote } = doing;
  if (signal?.aborted === true) return Promise.resolve({ kind: 'unanswered', message: 'called off before it began' });
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, LC_ALL: 'C' } });
    const out = new Kept(MOST_BYTES);
    const err = new Kept(STDERR_BYTES);
    let given: string | null = null;
    const giveUp = (message: string): void => {
      given ??= message;
      child.kill('SIGKILL');
      // A process that the child has left behind may hold its output open.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const late = setTimeout(() => giveUp(`no answer within ${deadlineMs} ms`), deadlineMs);
    const calledOff = (): void => giveUp('called off');
    signal?.addEventListener('abort', calledOff);
    const end = (ran: Ran): void => {
      clearTimeout(late);
      signal?.removeEventListener('abort', calledOff);
      resolve(ran);
    };
    child.stdout.on('data', (chunk: Buffer) => {
      if (!out.add(chunk)) giveUp(`its output is longer than ${MOST_BYTES} bytes`);
    });
    child.stderr.on('data', (chunk: Buffer) => void err.add(chunk));
    // A command that ends without reading what it was given tells by its status whether it minds.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.on('error', (error) => end({ kind: 'unanswered', message: `${program} cannot be run: ${error.message}` }));
    child.on('close', (status) => {
      const stderr = plain(err.text());
      if (given !== null) end({ kind: 'unanswered', message: given });
      else if (status === null || (isRemote && status === SSH_FAILED))
        end({ kind: 'unanswered', message: stderr === '' ? `${program} ended early` : stderr });
      else end({ kind: 'ended', status, stdout: out.text(), stderr });
    });
  });
}

/** Bytes up to a limit. */
class Kept {
  readonly #chunks: Buffer[] = [];
  #left: number;

  constructor(most: number) {
    this.#left = most;
  }

  /** False when there were more than fit; the rest is dropped. */
  add(chunk: Buffer): boolean {
    this.#chunks.push(chunk.subarray(0, this.#left));
    this.#left -= chunk.length;
    if (this.#left >= 0) return true;
    this.#left = 0;
    return false;
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}

/** What a host said, as one line for a message: nothing that moves a terminal's cursor. */
function plain(text: string): string {
  return text
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 500);
}
