import { describe, expect, it } from 'vitest';
import type { Strategy } from '../../src/model/index.js';
import { limitedSlots } from '../../src/reconcile/limits.js';
import { type Bench, duMove, macOf, openBench, planOf, vf } from './bench.js';

const ONE_AT_A_TIME = { perHost: 1, perGroup: 1, perCluster: 1 };

/** From the first step of the switch to the end of the last one, of each move in the order of the beginnings. */
function switches({
  progress,
}: Bench): readonly { readonly move: string; readonly from: number; readonly to: number }[] {
  const spans = new Map<string, { move: string; from: number; to: number }>();
  for (const event of progress) {
    if (event.kind !== 'step-started' && event.kind !== 'step-ended') continue;
    const { move, phase } = event.step;
    if (phase === 'switch') spans.set(move, { move, from: spans.get(move)?.from ?? event.at, to: event.at });
  }
  return [...spans.values()];
}

describe('the limits on what runs at once', () => {
  const strategies: readonly Strategy[] = ['vfio-live', 'hotplug', 'cold'];
  const both = (strategy: Strategy) => [
    duMove({ strategy, memoryMiB: 16_384 }),
    { machine: 'cu-1', from: 'h2', to: 'h3', device: { from: vf(0), to: vf(2), mac: macOf('cu-1') }, strategy },
  ];

  it.each(strategies)(
    'keep a machine that waits for its turn as it is: running, with its device (%s)',
    async (strategy) => {
      const bench = await openBench();
      expect(await bench.execute(planOf(both(strategy), ONE_AT_A_TIME))).toMatchObject({ result: 'succeeded' });
      const [first, second] = switches(bench);
      expect(second?.from).toBeGreaterThanOrEqual(first?.to ?? Infinity);
      expect(await bench.atRest()).toEqual([]);
    },
  );

  it.each(strategies)('keep it so while the move before it is taken back (%s)', async (strategy) => {
    const bench = await openBench({
      meddle: (action, next) =>
        'machine' in action &&
        action.machine === 'du-1' &&
        (action.kind === 'migrate' || action.kind === 'start') &&
        (action.kind === 'migrate' || action.host === 'h3')
          ? Promise.resolve({ kind: 'failed', code: 'PreconditionFailed', message: 'refused' })
          : next(),
    });
    const { moves } = await bench.execute(planOf(both(strategy), ONE_AT_A_TIME));
    expect(moves.map(({ result }) => result)).toEqual(['undone', 'succeeded']);
    const [first, second] = switches(bench);
    expect(second?.from).toBeGreaterThanOrEqual(first?.to ?? Infinity);
    expect(await bench.atRest()).toEqual([]);
  });

  it('let two moves of which one waits for the other both come to their ends', async () => {
    const bench = await openBench();
    const [du, cu] = both('cold');
    if (du === undefined || cu === undefined) throw new Error('two moves');
    const plan = planOf([{ ...du, after: ['cu-1.1/release/net'] }, cu], ONE_AT_A_TIME);
    expect(await bench.execute(plan)).toMatchObject({ result: 'succeeded' });
    expect(switches(bench).map(({ move }) => move)).toEqual(['cu-1.1', 'du-1.1']);
  });
});

describe('the slots of moves', () => {
  const [du, cu] = planOf([
    duMove({ strategy: 'vfio-live', memoryMiB: 16_384 }),
    { machine: 'cu-1', from: 'h2', to: 'h3', device: { from: vf(0), to: vf(2), mac: macOf('cu-1') }, strategy: 'cold' },
  ]).moves;
  if (du === undefined || cu === undefined) throw new Error('two moves');
  const plan = { ...planOf([], { perHost: 9, perGroup: 9, perCluster: 9 }), moves: [du, cu] };
  const fast = { seconds: 10, bytes: 1e9, downtimeMs: 1 };
  const [first, second] = [du, cu].map((move) => ({ ...move, estimate: fast }));
  if (first === undefined || second === undefined) throw new Error('two moves');

  it('are given to no more members of a disruption budget than may move at once', () => {
    const budget = { policy: 'careful', machines: [du.machine, cu.machine], maxMoving: 1 };
    const slots = limitedSlots(plan, { accessGroups: [], disruptionBudgets: [budget] });
    expect([slots.take(first), slots.take(second)]).toEqual([true, false]);
    slots.give(first);
    expect(slots.take(second)).toBe(true);
  });

  it.each([
    { uplinkMbps: 1000, both: false },
    { uplinkMbps: 1600, both: true },
    { uplinkMbps: 500, both: false },
    { uplinkMbps: 0, both: true },
  ])('share the uplink of $uplinkMbps Mbit/s between moves of 800 that enter the group', ({ uplinkMbps, both }) => {
    const groups = [{ name: 'g', hosts: ['h3'], uplinkMbps }];
    const slots = limitedSlots(plan, { accessGroups: groups, disruptionBudgets: [] });
    expect([slots.take(first), slots.take(second)]).toEqual([true, both]);
  });
});
