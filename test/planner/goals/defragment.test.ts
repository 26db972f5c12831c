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

/** Five hosts of 10 CPUs, 8 of each in use by four machines: who wants 10 needs all four of a host to leave. */
const crumbs = (load: FixtureLines['load']): FixtureLines => {
  const hosts = ['h1', 'h2', 'h3', 'h4', 'h5'];
  const names = (on: string) =>
    ['a', 'b', 'c', 'd'].map((name) => [`${name}${on.slice(1)}`, { on, ...small }] as const);
  return {
    hosts: Object.fromEntries(hosts.map((name) => [name, { ...host, cpus: 10 }])),
    machines: { ...Object.fromEntries(hosts.flatMap(names)), big: { vcpus: 10 } },
    load,
  };
};

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
      reason: 'lets four machines leave',
      lines: crumbs({}),
      moves: ['a1: h1 → h2', 'b1: h1 → h3', 'c1: h1 → h4', 'd1: h1 → h5', 'big: new → h1'],
    },
    {
      reason: 'lets machines leave for those that leave: a finds room only where b has left',
      lines: {
        hosts: { h1: { ...host, cpus: 6 }, h2: host, h3: { ...host, cpus: 10 } },
        machines: {
          ...{ a: { on: 'h1', vcpus: 4, cpu: 0.5 }, b: { on: 'h2', vcpus: 4, cpu: 0.5 } },
          ...{ c: { on: 'h2', vcpus: 4, cpu: 0.5 }, d: { on: 'h3', vcpus: 6, cpu: 0.5 }, big: { vcpus: 6 } },
        },
        rules: [{ kind: 'ban', machines: ['a'], hosts: ['h3'] }],
      },
      moves: ['a: h1 → h2', 'b: h2 → h3', 'big: new → h1'],
    },
    {
      reason: 'makes no more moves than the policy allows, however many would do',
      lines: crumbs({ maxMoves: 3 }),
      moves: [],
    },
    {
      reason: 'makes no chain of moves that costs more than the room is worth',
      lines: crumbs({ weights: { ...WEIGHTS, migration: 60 } }),
      moves: [],
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

  it('says of each move of a chain that it opens room together with the others', () => {
    const { moves } = planFor('defragment', crumbs({}));
    const gains = moves.flatMap(
      ({ reasoning }) => reasoning?.gains.filter(({ objective }) => objective === 'fragmentation') ?? [],
    );
    expect(gains.map(({ gain }) => gain)).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect(moves.find(({ machine }) => machine === 'a1')?.reasoning).toMatchObject({
      runnerUp: null,
      without: 'big would find no room; it is one of 4 moves that open room for big only together',
    });
  });

  it('lets the pending machine start only once the room is free', () => {
    const { steps } = planFor('defragment', pending({}));
    const start = steps.find(({ id }) => id.startsWith('big.1/start'));
    expect(start?.dependsOn.some((id) => id.startsWith('a.1/'))).toBe(true);
  });
});
