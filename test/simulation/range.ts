import { simulate } from './simulate.js';

/** Runs the seeds of `A..B`, prints those that fail and one line of summary; answers with the exit code. */
export async function simulateRange(range: string, print: (line: string) => void): Promise<number> {
  const [, first, last] = /^(\d+)\.\.(\d+)$/.exec(range) ?? [];
  if (first === undefined || last === undefined || Number(last) < Number(first)) {
    print('usage: npm run simulate -- --seeds A..B');
    return 64;
  }
  const ends = new Map<string, number>();
  const total = { failed: 0, passes: 0, moves: 0, crashes: 0, freezes: 0 };
  for (let seed = Number(first); seed <= Number(last); seed++) {
    const result = await simulate(seed).catch((error: unknown) => ({
      seed,
      broken: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
      end: 'error',
      message: '',
      passes: 0,
      moves: 0,
      crashes: 0,
      freezes: 0,
    }));
    ends.set(result.end, (ends.get(result.end) ?? 0) + 1);
    for (const key of ['passes', 'moves', 'crashes', 'freezes'] as const) total[key] += result[key];
    if (process.env['BERTH_VERBOSE'] !== undefined && result.message !== '')
      print(`seed ${seed}: ${result.end}: ${result.message}`);
    if (result.broken.length === 0) continue;
    total.failed++;
    print(`seed ${seed} (${result.end}): ${result.broken.join('; ')}`);
  }
  const count = Number(last) - Number(first) + 1;
  const how = [...ends].map(([end, number]) => `${number} ${end}`).join(', ');
  print(
    `${count} seeds, ${total.failed} failed: ${how}; ` +
      `${total.passes} passes, ${total.moves} moves, ${total.crashes} crashes, ${total.freezes} freezes`,
  );
  return total.failed === 0 ? 0 : 1;
}
