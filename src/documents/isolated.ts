import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { problem, type Desired, type Result } from '../model/index.js';
import type { SourceTree } from '../ports/index.js';
import { holdsDocuments } from './load.js';
import { MAX_FILE_BYTES } from './parse/guard.js';

/** What a child process may take. */
export interface IsolationLimits {
  readonly memoryMiB: number;
  readonly timeoutSeconds: number;
}

/** A tree with the texts of its files, as the child gets it. */
export interface TextTree {
  readonly revision: string;
  readonly files: readonly { readonly path: string; readonly blob: string; readonly text: string }[];
}

const LIMITS: IsolationLimits = { memoryMiB: 512, timeoutSeconds: 60 };
/** Most text that is handed to a child. */
const MAX_TREE_BYTES = 67_108_864;
const MAX_ANSWER_BYTES = 268_435_456;

/**
 * The same as `loadDesired`, in a process of its own with limits on memory and time and without the environment: for
 * content that nobody has reviewed, such as a pull request. A child that dies or takes too long is a problem.
 */
export async function parseIsolated(
  tree: SourceTree,
  limits: IsolationLimits = LIMITS,
): Promise<Result<readonly Desired[]>> {
  const files: TextTree['files'][number][] = [];
  let bytes = 0;
  for (const file of tree.files.filter(holdsDocuments)) {
    const small = file.bytes === null || file.bytes <= MAX_FILE_BYTES;
    // One byte too many is enough for the child to say so.
    const text = small ? await tree.read(file) : ' '.repeat(MAX_FILE_BYTES + 1);
    bytes += text.length;
    if (bytes > MAX_TREE_BYTES) {
      return refused('TreeTooLarge', `the documents are larger than ${MAX_TREE_BYTES} bytes together`);
    }
    files.push({ path: file.path, blob: file.blob, text });
  }
  return run(JSON.stringify({ revision: tree.revision, files } satisfies TextTree), limits);
}

function run(input: string, { memoryMiB, timeoutSeconds }: IsolationLimits): Promise<Result<readonly Desired[]>> {
  const program = fileURLToPath(new URL('./isolated-child.js', import.meta.url));
  const child = spawn(process.execPath, [`--max-old-space-size=${memoryMiB}`, program], {
    env: {},
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: timeoutSeconds * 1000,
    killSignal: 'SIGKILL',
  });
  return new Promise((resolve) => {
    const answer: Buffer[] = [];
    let bytes = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) child.kill('SIGKILL');
      else answer.push(chunk);
    });
    // A child that dies early closes its end; its exit says what there is to say.
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => resolve(refused('IsolationFailed', `cannot start a process: ${error.message}`)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(JSON.parse(Buffer.concat(answer).toString('utf8')) as Result<readonly Desired[]>);
      else resolve(died(signal, timeoutSeconds));
    });
    child.stdin.end(input);
  });
}

function died(signal: NodeJS.Signals | null, timeoutSeconds: number): Result<readonly Desired[]> {
  if (signal === 'SIGKILL')
    return refused('IsolationTimeout', `reading took longer than ${timeoutSeconds} s, or too much room`);
  return refused('IsolationFailed', 'the process that read the documents died, most likely for lack of memory');
}

function refused(code: string, message: string): Result<readonly Desired[]> {
  const hint = 'look at the documents by hand before anything is done with them';
  return { ok: false, problems: [problem({ code, message, hint })] };
}
