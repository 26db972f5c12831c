import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What continuous traffic saw. */
export interface TrafficReport {
  readonly sent: number;
  readonly received: number;
  readonly lost: number;
  /** Longest time without an answer, between two answers. */
  readonly longestSilenceMs: number;
}

/** Continuous pings of one address, from `new` to `stop`. */
export class Traffic {
  private readonly child: ChildProcess;
  private readonly answers: { readonly atMs: number; readonly sequence: number }[] = [];
  private readonly ended: Promise<string>;

  constructor(
    argv: readonly string[],
    readonly intervalMs: number,
  ) {
    const [program = '', ...rest] = argv;
    // Detached, so that a signal for the group reaches ping behind nsenter.
    const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
    this.child = child;
    let last = '';
    createInterface(child.stdout).on('line', (line) => {
      const seen = /^\[(\d+\.\d+)\] \d+ bytes from .* icmp_seq=(\d+)/.exec(line);
      if (seen && !line.includes('DUP!'))
        this.answers.push({ atMs: Number(seen[1]) * 1000, sequence: Number(seen[2]) });
      else if (line.includes('packets transmitted')) last = line;
    });
    this.ended = new Promise((resolve) => child.on('close', () => resolve(last)));
  }

  get received(): number {
    return this.answers.length;
  }

  async stop(): Promise<TrafficReport> {
    if (this.child.pid !== undefined) process.kill(-this.child.pid, 'SIGINT');
    const summary = await this.ended;
    const sent = Number(/^(\d+) packets transmitted/.exec(summary)?.[1] ?? 0);
    const silences = this.answers.slice(1).map(({ atMs }, index) => atMs - (this.answers[index]?.atMs ?? atMs));
    const received = this.answers.length;
    return { sent, received, lost: sent - received, longestSilenceMs: Math.round(Math.max(0, ...silences)) };
  }
}
