import { describe, expect, it } from 'vitest';
import { plan } from '../../src/planner/index.js';
import type { FixtureLines } from './fixture-lines.js';
import { NOW, WEIGHTS, fixture } from './fixture.js';

function movesOf(lines: FixtureLines): readonly string[] {
  const { desired, world } = fixture(lines);
  return plan(desired, world).moves.map(({ machine, from, to }) => `${machine}: ${from ?? ''} → ${to}`);
}

const two = { hosts: { a1: { cpu: 0.9 }, a2: { cpu: 0.2 } }, machines: { vm: { on: 'a1', cpu: 8 } } };

describe('load relief', () => {
  const cases: readonly { reason: string; lines: FixtureLines; moves: readonly string[] }[] = [
    { reason: 'a host above high for all held windows is relieved (claim 1)', lines: two, moves: ['vm: a1 → a2'] },
    {
      reason: 'two windows above high are not three',
      lines: { ...two, hosts: { ...two.hosts, a1: { cpu: [0.7, 0.9, 0.9] } } },
      moves: [],
    },
    {
      reason: 'a missing window never triggers',
      lines: { ...two, hosts: { ...two.hosts, a1: { cpu: [0.9, 0.9] } } },
      moves: [],
    },
    {
      reason: 'samples that ended long ago say nothing about now',
      lines: { ...two, world: { at: NOW + 3_600_000 } },
      moves: [],
    },
    { reason: 'a suspended policy moves nothing', lines: { ...two, load: { suspended: true } }, moves: [] },
    {
      reason: 'a host that was relieved a moment ago is not hot any more, whatever its old windows say',
      lines: {
        hosts: { a1: { cpu: 0.9 }, a2: { cpu: 0.2 } },
        machines: {
          gone: { on: 'a2', cpu: 8, movedSecondsAgo: 30, movedFrom: 'a1' },
          vm: { on: 'a1', cpu: 8 },
        },
      },
      moves: [],
    },
    {
      reason: 'a host that got a machine a moment ago is no target, however empty its old windows are',
      lines: {
        hosts: { a1: { cpu: 0.9 }, a2: { cpu: 0.45 }, b1: { cpu: 0.5 } },
        machines: {
          come: { on: 'a2', cpu: 8, movedSecondsAgo: 30, movedFrom: 'b1' },
          vm: { on: 'a1', cpu: 8 },
        },
      },
      moves: ['vm: a1 → b1'],
    },
    {
      reason: 'a target must be below low now',
      lines: { ...two, hosts: { a1: { cpu: 0.9 }, a2: { cpu: 0.65 } } },
      moves: [],
    },
    {
      reason: 'a target that the move would bring above high is refused (fault 23)',
      lines: { ...two, hosts: { a1: { cpu: 0.9 }, a2: { cpu: 0.58 } } },
      moves: [],
    },
    {
      reason: 'a target without samples is no target',
      lines: { ...two, hosts: { a1: { cpu: 0.9 }, a2: {} } },
      moves: [],
    },
    {
      reason: 'hosts behind the same access switch come first, even when others are emptier',
      lines: { ...two, hosts: { a1: { cpu: 0.9 }, a2: { cpu: 0.5 }, b1: { group: 'b', cpu: 0.1 } } },
      moves: ['vm: a1 → a2'],
    },
    {
      reason: 'another access group helps when the own one cannot',
      lines: { ...two, hosts: { a1: { cpu: 0.9 }, a2: { cpu: 0.7 }, b1: { group: 'b', cpu: 0.1 } } },
      moves: ['vm: a1 → b1'],
    },
    {
      reason: 'and it does not where the policy says never',
      lines: {
        ...two,
        hosts: { a1: { cpu: 0.9 }, a2: { cpu: 0.7 }, b1: { group: 'b', cpu: 0.1 } },
        load: { crossGroup: 'never' },
      },
      moves: [],
    },
    {
      reason: 'of the machines that suffice the cheapest moves',
      lines: {
        ...two,
        machines: {
          big: { on: 'a1', cpu: 8, memoryMiB: 16_384 },
          small: { on: 'a1', cpu: 6 },
          tiny: { on: 'a1', cpu: 1 },
        },
      },
      moves: ['small: a1 → a2'],
    },
    {
      reason: 'a machine counts by the mean of the held windows, not by what it does in the newest',
      lines: { ...two, machines: { brief: { on: 'a1', cpu: [0, 0, 4] }, steady: { on: 'a1', cpu: 6 } } },
      moves: ['steady: a1 → a2'],
    },
    {
      reason: 'a machine that has been seen in the newest window only counts by that',
      lines: { ...two, machines: { vm: { on: 'a1', cpu: [8] } } },
      moves: ['vm: a1 → a2'],
    },
    {
      reason: 'of the machines that suffice, one that leaves the host with a reserve goes first',
      lines: {
        ...two,
        machines: { barely: { on: 'a1', cpu: 4 }, amply: { on: 'a1', cpu: 6, memoryMiB: 8192 } },
      },
      moves: ['amply: a1 → a2'],
    },
    {
      reason: 'when none suffices alone, as few as possible do together',
      lines: {
        hosts: { a1: { cpu: 0.95 }, a2: { cpu: 0.2 }, a3: { cpu: 0.2 } },
        machines: { x: { on: 'a1', cpu: 1 }, y: { on: 'a1', cpu: 3 }, z: { on: 'a1', cpu: 2.5 } },
      },
      moves: ['y: a1 → a2', 'z: a1 → a3'],
    },
    {
      reason: 'small machines stay when the big one that suffices goes, be it farther',
      lines: {
        hosts: { hot: { cpu: 0.85 }, near: { cpus: 6, cpu: 0.3 }, far: { group: 'b', cpu: 0.2 } },
        machines: {
          big: { on: 'hot', vcpus: 16, cpu: 8 },
          s1: { on: 'hot', vcpus: 1, cpu: 0.5 },
          s2: { on: 'hot', vcpus: 1, cpu: 0.5 },
          s3: { on: 'hot', vcpus: 1, cpu: 0.4 },
        },
      },
      moves: ['big: hot → far'],
    },
    {
      reason: 'the hottest host is relieved first',
      lines: {
        hosts: { a1: { cpu: 0.85 }, a2: { cpu: 0.95 }, a3: { cpu: 0.5 } },
        machines: { warm: { on: 'a1', cpu: 8 }, hot: { on: 'a2', cpu: 8 } },
      },
      moves: ['hot: a2 → a3'],
    },
    {
      reason: 'a policy makes no more moves than it allows',
      lines: {
        hosts: { a1: { cpu: 0.95 }, a2: { cpu: 0.1 } },
        machines: { x: { on: 'a1', cpu: 2 }, y: { on: 'a1', cpu: 3 }, z: { on: 'a1', cpu: 2.5 } },
        load: { maxMoves: 1 },
      },
      moves: ['y: a1 → a2'],
    },
    {
      reason: 'a machine that is not in Git is left alone',
      lines: { ...two, machines: { vm: { on: 'a1', cpu: 8, managed: false } } },
      moves: [],
    },
    {
      reason: 'a move under way counts as made',
      lines: {
        ...two,
        machines: {
          vm: { on: 'a1', cpu: 8 },
          gone: { on: 'a1', cpu: 8, observed: { job: { to: 'a2', doneBytes: 0, totalBytes: 1, startedAt: NOW } } },
        },
        world: {
          reservations: [
            {
              ...{ host: 'a2', device: '0000:16:01.0', epoch: 1, phase: 'Held', machine: 'gone', claim: 'net' },
              ...{ holder: 'dummy', dummy: 'd', move: 'gone.1', planHash: '', expiresAt: null },
            },
          ],
        },
      },
      moves: [],
    },
  ];
  it.each(cases)('$reason', ({ lines, moves }) => {
    expect(movesOf(lines)).toEqual(moves);
  });

  const refused: readonly { reason: string; lines: FixtureLines; refusal: string }[] = [
    {
      reason: 'a machine that moved a moment ago rests',
      lines: { ...two, machines: { vm: { on: 'a1', cpu: 8, movedSecondsAgo: 60 } } },
      refusal: 'vm Cooldown Wait',
    },
    {
      reason: 'a gain below the least one is not worth a move',
      lines: { ...two, machines: { vm: { on: 'a1', cpu: 1 } }, load: { minimumGain: 0.1 } },
      refusal: 'vm GainTooSmall Wait',
    },
    {
      reason: 'a move that costs more than it gains is none',
      lines: { ...two, machines: { vm: { on: 'a1', cpu: 1, memoryMiB: 60_000 } } },
      refusal: 'vm NoBenefit Wait',
    },
    {
      reason: 'without samples of a machine nobody knows what its move would bring',
      lines: { ...two, machines: { vm: { on: 'a1' } } },
      refusal: 'vm MissingSamples Wait',
    },
    {
      reason: 'a suspended machine stays',
      lines: { ...two, machines: { vm: { on: 'a1', cpu: 8, desired: { suspended: true } } } },
      refusal: 'vm MachineSuspended Wait',
    },
    {
      reason: 'nowhere to go is said with what binds each host',
      lines: { ...two, hosts: { a1: { cpu: 0.9 }, a2: { cpu: 0.7 } } },
      refusal: 'vm NoFeasibleHost Wait',
    },
  ];
  it.each(refused)('$reason', ({ lines, refusal }) => {
    const { desired, world } = fixture(lines);
    const { refusals, moves } = plan(desired, world);
    expect(moves).toEqual([]);
    expect(refusals.map(({ machine, reason, advice }) => `${machine} ${reason} ${advice}`)).toEqual([refusal]);
  });

  it('says of each host that was asked why the move is not made, also when the host would take the machine', () => {
    const hosts = { a1: { cpu: 0.9 }, a2: { cpu: 0.2 }, a3: { cpu: 0.7 } };
    const { desired, world } = fixture({
      ...{ hosts, machines: { vm: { on: 'a1', cpu: 1 } }, load: { minimumGain: 0.1 } },
    });
    const told = plan(desired, world).refusals[0]?.candidates.map(({ host, constraint }) => `${host} ${constraint}`);
    expect(told).toEqual(['a2 minimum-gain', 'a3 load']);
  });

  it('weighs the places of its moves as its policy says', () => {
    const hosts = { a1: { cpu: 0.9 }, a2: { cpu: 0.1, ptp: true }, a3: { cpu: 0.2 } };
    const goes = (fragmentation: number) => {
      const weights = { ...WEIGHTS, fragmentation };
      return movesOf({ hosts, machines: { vm: { on: 'a1', cpu: 8 } }, load: { weights } });
    };
    expect([goes(0), goes(50)]).toEqual([['vm: a1 → a2'], ['vm: a1 → a3']]);
  });

  it('leaves source and target below the high threshold', () => {
    const { desired, world } = fixture(two);
    const after = plan(desired, world).projections.after.map(({ host, load }) => [host, load.cpu]);
    expect(after).toEqual([
      ['a1', 0.65],
      ['a2', 0.45],
    ]);
  });
});
