import { describe, expect, it } from 'vitest';
import type { Slot } from '../../../src/model/index.js';
import type { FixtureLines } from '../fixture-lines.js';
import { WEIGHTS } from '../fixture.js';
import { movesOf, planFor } from './moves.js';

const host = { cpus: 8, memoryMiB: 65_536, vfs: 2, cpu: 0.2 };
const small = { vcpus: 2, cpu: 0.5 };
const slot: Slot = {
  ...{ count: 1, vcpus: 6, memoryMiB: 4096, hugepageSizeKiB: 0, isolatedCpus: false, numaPinned: false },
  devices: [],
};

/** Each host has room for 4 CPUs; together they have more than enough for 8. */
const pieces: FixtureLines = {
  hosts: { h1: host, h2: host },
  machines: {
    a: { on: 'h1', ...small },
    b: { on: 'h1', ...small },
    c: { on: 'h2', ...small },
    d: { on: 'h2', ...small },
  },
};
const pending = (more: object): FixtureLines => ({
  ...pieces,
  machines: { ...pieces.machines, big: { vcpus: 6, ...more } },
});

describe('defragmentation', () => {
  const cases: readonly { reason: string; lines: FixtureLines; moves: readonly string[] }[] = [
    {
      reason: 'makes room for a machine that no host can take, by the fewest moves',
      lines: pending({}),
      moves: ['a: h1 → h2', 'big: new → h1'],
    },
    {
      reason: 'lets two machines leave where one is not enough',
      lines: pending({ vcpus: 8 }),
      moves: ['a: h1 → h2', 'b: h1 → h2', 'big: new → h1'],
    },
    {
      reason: 'moves nothing for a machine that fits nowhere whoever leaves',
      lines: pending({ vcpus: 10 }),
      moves: [],
    },
    {
      reason: 'moves nothing where room is worth nothing',
      lines: { ...pending({}), load: { minimumGain: 0, weights: { ...WEIGHTS, fragmentation: 0, migration: 0 } } },
      moves: [],
    },
    {
      reason: 'moves nothing where nothing is pending and no slot is asked for',
      lines: pieces,
      moves: [],
    },
    {
      reason: 'keeps a slot free that the policy asks for',
      lines: { ...pieces, load: { slot } },
      moves: ['a: h1 → h2'],
    },
    {
      reason: 'moves nothing where the slot is free already',
      lines: { ...pieces, load: { slot: { ...slot, vcpus: 4 } } },
      moves: [],
    },
    {
      reason: 'counts slots that share a host',
      lines: { ...pieces, load: { slot: { ...slot, vcpus: 4, count: 2 } } },
      moves: [],
    },
    {
      reason: 'frees the virtual functions of a slot',
      lines: {
        hosts: { h1: host, h2: host },
        machines: { a: { on: 'h1', ...small, claims: { n: 'vf' } }, b: { on: 'h2', ...small, claims: { n: 'vf' } } },
        load: { slot: { ...slot, vcpus: 1, devices: [{ class: 'vf', count: 2 }] } },
      },
      moves: ['a: h1 → h2'],
    },
    {
      reason: 'frees the cell of a slot that is to be in one',
      lines: {
        hosts: { h1: { ...host, cells: 2 }, h2: { ...host, cells: 2 } },
        machines: {
          a: { on: 'h1', ...small, observed: { numaNode: 0 }, desired: { numaPinned: true } },
          b: { on: 'h1', ...small, observed: { numaNode: 1 }, desired: { numaPinned: true } },
          c: { on: 'h2', ...small, observed: { numaNode: 0 }, desired: { numaPinned: true } },
          d: { on: 'h2', ...small, observed: { numaNode: 1 }, desired: { numaPinned: true } },
        },
        load: { slot: { ...slot, vcpus: 4, numaPinned: true } },
      },
      moves: ['a: h1 → h2'],
    },
    {
      reason: 'does not touch what is suspended',
      lines: {
        ...pending({}),
        machines: Object.fromEntries(
          Object.entries(pending({}).machines ?? {}).map(([name, line]) => [
            name,
            name === 'big' ? line : { ...line, desired: { suspended: true } },
          ]),
        ),
      },
      moves: [],
    },
    {
      reason: 'moves nothing to or from a host whose load is not known',
      lines: { ...pending({}), hosts: { h1: host, h2: { ...host, cpu: [0.2] } } },
      moves: [],
    },
  ];
  it.each(cases)('$reason', ({ lines, moves }) => {
    expect(movesOf(planFor('defragment', lines)).toSorted()).toEqual([...moves].toSorted());
  });

  it('says for whom each move makes room', () => {
    const { moves, causes } = planFor('defragment', pending({}));
    const move = moves.find(({ machine }) => machine === 'a');
    expect(causes[move?.cause ?? -1]).toEqual({ kind: 'defragment', machine: 'big', policy: 'load' });
    expect(move?.reasoning).toMatchObject({
      gains: [{ objective: 'fragmentation', gain: 1 }, { objective: 'migration' }],
      without: 'big would find no room',
    });
  });

  it('lets the pending machine start only once the room is free', () => {
    const { steps } = planFor('defragment', pending({}));
    const start = steps.find(({ id }) => id.startsWith('big.1/start'));
    expect(start?.dependsOn.some((id) => id.startsWith('a.1/'))).toBe(true);
  });
});
