import { describe, expect, it } from 'vitest';
import type { Slot } from '../../../src/model/index.js';
import type { FixtureLines } from '../fixture-lines.js';
import { WEIGHTS } from '../fixture.js';
import { planFor } from './moves.js';

const machines = (more: object) =>
  Object.fromEntries(['a', 'b', 'c'].map((name) => [name, { on: 'h1', cpu: name === 'b' ? 8 : 3.2, ...more }]));
const uneven = (more: object, load: FixtureLines['load'] = {}): FixtureLines => ({
  hosts: { h1: { cpu: 0.6 }, h2: { cpu: 0 } },
  machines: machines(more),
  load,
});

describe('a load policy that stays out of balance says why, once, of the machine that would help most', () => {
  const cases: readonly { reason: string; lines: FixtureLines; refused: string; bound: readonly string[] }[] = [
    {
      reason: 'all machines are suspended',
      lines: uneven({ desired: { suspended: true } }),
      refused: 'b MachineSuspended',
      bound: [],
    },
    {
      reason: 'all machines are pinned',
      lines: {
        ...uneven({}),
        rules: [{ kind: 'pin', machines: ['a', 'b', 'c'], hosts: ['h1'] }],
      },
      refused: 'b NoFeasibleHost',
      bound: ['h2 pin'],
    },
    {
      reason: 'all machines have moved lately',
      lines: uneven({ movedSecondsAgo: 60 }),
      refused: 'b Cooldown',
      bound: [],
    },
    {
      reason: 'no move gains what the policy asks for',
      lines: uneven({}, { weights: { ...WEIGHTS, imbalance: 0, overload: 0 } }),
      refused: 'b GainTooSmall',
      bound: ['h2 minimum-gain'],
    },
    {
      reason: 'the policy allows no more moves',
      lines: uneven({}, { maxMoves: 0 }),
      refused: 'b BlastRadius',
      bound: [],
    },
  ];
  it.each(cases)('$reason', ({ lines, refused, bound }) => {
    const { moves, refusals } = planFor('balance', lines);
    expect(moves).toEqual([]);
    expect(refusals.map(({ machine, reason }) => `${machine} ${reason}`)).toEqual([refused]);
    expect(refusals[0]?.message).toMatch(
      /^cpu deviates by more than 5 % \(standard deviation\) between the hosts of load policy load; /,
    );
    expect(refusals[0]?.candidates.map(({ host, constraint }) => `${host} ${constraint}`)).toEqual(bound);
  });

  it('is a finding of the policy where nobody has written what runs there', () => {
    const { refusals, drift } = planFor('balance', uneven({ managed: false }));
    expect(refusals).toEqual([]);
    expect(drift.at(-1)).toMatchObject({ subject: 'LoadPolicy/load', code: 'GoalUnmet' });
  });

  it('is a finding of the policy where that machine is refused something else already', () => {
    const lines = uneven({ desired: { suspended: true } });
    const { refusals, drift } = planFor('balance', {
      ...lines,
      rules: [{ kind: 'ban', machines: ['b'], hosts: ['h1'] }],
    });
    expect(refusals.map(({ machine }) => machine)).toEqual(['b']);
    expect(drift).toMatchObject([{ subject: 'LoadPolicy/load', code: 'GoalUnmet' }]);
    expect(drift[0]?.message).toMatch(/; b on h1 would help most, and is refused for another reason$/);
  });

  it('says nothing where the hosts are as even as they should be', () => {
    const { refusals, drift } = planFor('balance', uneven({ desired: { suspended: true } }, { tolerance: 0.5 }));
    expect([...refusals, ...drift]).toEqual([]);
  });
});

describe('a slot that is not kept free', () => {
  const slot: Slot = {
    ...{ count: 2, vcpus: 6, memoryMiB: 4096, hugepageSizeKiB: 0, isolatedCpus: false, numaPinned: false },
    devices: [],
  };
  const host = { cpus: 8, memoryMiB: 65_536, vfs: 2, cpu: 0.2 };
  const lines = (more: Partial<Slot>): FixtureLines => ({
    hosts: { h1: host, h2: host },
    machines: { a: { on: 'h1', vcpus: 4, cpu: 0.5 } },
    load: { slot: { ...slot, ...more } },
  });

  it('is a finding of the policy that no host could ever take it, with what binds on each host', () => {
    const { drift } = planFor('defragment', lines({ vcpus: 4000 }));
    expect(drift).toMatchObject([{ subject: 'LoadPolicy/load', code: 'SlotImpossible' }]);
    expect(drift[0]?.message).toMatch(
      /^no open host of the policy could take a slot, even with nothing else on it: h1 \(capacity: .*h2 \(/,
    );
  });

  it('is a finding of the policy that there is no room for all of them now', () => {
    const { drift } = planFor('defragment', lines({}));
    expect(drift).toMatchObject([{ subject: 'LoadPolicy/load', code: 'SlotUnmet' }]);
    expect(drift[0]?.message).toMatch(
      /^1 of 2 slots has room, and no moves that are worth it make more: h1 \(capacity: /,
    );
  });

  it('says nothing where all slots have room', () => {
    expect(planFor('defragment', lines({ count: 1 })).drift).toEqual([]);
  });
});
