import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/model/index.js';
import { plan, replay } from '../../src/planner/index.js';
import type { FixtureLines } from './fixture-lines.js';
import { fixture } from './fixture.js';
import { resultOf } from './result.js';

function planned(lines: FixtureLines): Plan {
  const { desired, world } = fixture(lines);
  const made = plan(desired, world);
  expect(replay(made, desired, world)).toEqual({ accepted: true });
  expect(plan(desired, resultOf(world, made)).moves).toEqual([]);
  return made;
}

const movesOf = ({ moves }: Plan) => moves.map(({ machine, from, to }) => `${machine}: ${from ?? ''} → ${to}`);
const loadOf = ({ projections }: Plan, name: string) => projections.after.find(({ host }) => host === name)?.load.cpu;

/** `vm` on the hot host would make the cool one hot, were it not for `small`, which could come in exchange. */
const exchanged: FixtureLines = {
  hosts: { a1: { cpu: 0.9 }, a2: { cpu: 0.5 } },
  machines: { vm: { on: 'a1', cpu: 12 }, small: { on: 'a2', cpu: 4 } },
};

describe('machines that change places to relieve a hot host', () => {
  it('do so where none of its own finds a place alone', () => {
    const made = planned(exchanged);
    expect(movesOf(made).toSorted()).toEqual(['small: a2 → a1', 'vm: a1 → a2']);
    expect([loadOf(made, 'a1'), loadOf(made, 'a2')]).toEqual([0.65, 0.75]);
  });

  it('do so by way of a third host where both are full', () => {
    const full = { vcpus: 32, memoryMiB: 65_536 };
    const made = planned({
      hosts: { ...exchanged.hosts, a3: { cpu: 0.7 } },
      machines: { vm: { on: 'a1', cpu: 8, ...full }, small: { on: 'a2', cpu: 2, ...full } },
    });
    expect(made.moves.map(({ machine, bypass }) => `${machine}${bypass ? ' aside' : ''}`).toSorted()).toHaveLength(3);
    expect(loadOf(made, 'a1')).toBeCloseTo(0.7125, 3);
  });

  it('say that they do so only together, and count for the host what leaves and what comes', () => {
    const { moves, causes } = planned(exchanged);
    expect(causes).toMatchObject([{ kind: 'load', host: 'a1' }]);
    const told = Object.fromEntries(moves.map(({ machine, reasoning }) => [machine, reasoning]));
    expect(told['vm']).toMatchObject({
      gains: [{ objective: 'overload', gain: 0.375 }, { objective: 'migration' }],
      runnerUp: null,
      without: expect.stringMatching(/it is one of 2 moves that relieve a1 only together$/) as string,
    });
    expect(told['small']).toMatchObject({
      gains: [{ objective: 'overload', gain: -0.125 }, { objective: 'migration' }],
      without: expect.stringMatching(/^small would stay on a2, and take the place of one that leaves a1; /) as string,
    });
  });

  const not: readonly { reason: string; lines: FixtureLines }[] = [
    { reason: 'the policy allows one move only', lines: { ...exchanged, load: { maxMoves: 1 } } },
    { reason: 'they gain too little together', lines: { ...exchanged, load: { minimumGain: 0.2 } } },
    {
      reason: 'the other one has moved lately',
      lines: {
        ...exchanged,
        machines: { ...exchanged.machines, small: { on: 'a2', cpu: 4, movedSecondsAgo: 60 } },
      },
    },
    {
      reason: 'the other one is suspended',
      lines: {
        ...exchanged,
        machines: { ...exchanged.machines, small: { on: 'a2', cpu: 4, desired: { suspended: true } } },
      },
    },
    {
      reason: 'the other host is behind another switch and the policy says never',
      lines: {
        ...exchanged,
        hosts: { a1: { cpu: 0.9 }, b2: { cpu: 0.5, group: 'b' } },
        machines: { vm: { on: 'a1', cpu: 12 }, small: { on: 'b2', cpu: 4 } },
        load: { crossGroup: 'never' },
      },
    },
    {
      reason: 'a rule keeps the other one where it is',
      lines: { ...exchanged, rules: [{ kind: 'pin', machines: ['small'], hosts: ['a2'] }] },
    },
    {
      reason: 'both are full and no third host lets one step aside',
      lines: {
        hosts: exchanged.hosts,
        machines: { vm: { on: 'a1', cpu: 12, memoryMiB: 65_536 }, small: { on: 'a2', cpu: 4, memoryMiB: 65_536 } },
      },
    },
  ];
  it.each(not)('do not where $reason', ({ lines }) => {
    const made = planned(lines);
    expect(made.moves).toEqual([]);
    expect(made.refusals.map(({ machine }) => machine)).toContain('vm');
    expect(made.refusals.map(({ reason }) => reason)).not.toContain('CyclicSwap');
  });
});

describe('several moves that relieve a host', () => {
  it('are the lightest that do, not those that relieve most', () => {
    const light = { on: 'a1', cpu: 5, memoryMiB: 2048 };
    const made = planned({
      hosts: { a1: { cpu: 0.99 }, a2: { cpu: 0.1 }, a3: { cpu: 0.1 } },
      machines: { heavy: { on: 'a1', cpu: 6, memoryMiB: 49_152 }, one: light, two: light },
      load: { thresholds: [{ metric: 'cpu', high: 0.75, low: 0.6 }] },
    });
    expect(made.moves.map(({ machine }) => machine).toSorted()).toEqual(['one', 'two']);
  });
});
