import { spawn } from 'node:child_process';

/** How a program ended. `status` is -1 when a signal ended it. */
export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; `input` becomes its standard input. */
export function run(argv: readonly string[], input = ''): Promise<Ended> {
  const [program = '', ...rest] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ status: code ?? -1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
    });
  });
}

/** The same, for programs whose failure means that the lab itself is broken: rejects with what the program wrote. */
export async function must(argv: readonly string[], input = ''): Promise<string> {
  const { status, stdout, stderr } = await run(argv, input);
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}: ${stderr}${stdout}`);
  return stdout;
}

/** The command line that enters all namespaces of a process. */
export function inside(pid: number, argv: readonly string[]): readonly string[] {
  return ['nsenter', '-t', String(pid), '-m', '-u', '-i', '-n', '-p', '--', ...argv];
}

/** The command line that enters only the network of a process; process ids stay those of the caller. */
export function inNetwork(pid: number, argv: readonly string[]): readonly string[] {
  return ['nsenter', '-t', String(pid), '-n', '--', ...argv];
}
