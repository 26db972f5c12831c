import { describe, expect, it } from 'vitest';
import { replay } from '../../../src/planner/replay/index.js';
import { fixture } from '../fixture.js';
import type { FixtureLines } from '../fixture-lines.js';
import { handmade } from './handmade.js';
import type { MoveLine } from './handmade.js';

const two = { h1: {}, h2: {} };

const cases: readonly { reason: string; lines: FixtureLines; moves: readonly MoveLine[] }[] = [
  {
    reason: 'a machine with a VF moves live',
    lines: { hosts: two, machines: { upf: { on: 'h1', claims: { n3: 'vf' } } } },
    moves: [{ machine: 'upf', to: 'h2' }],
  },
  {
    reason: 'a machine with two VFs and a GPU moves by hotplug',
    lines: {
      hosts: { h1: { gpus: 1 }, h2: { gpus: 1 } },
      machines: { du: { on: 'h1', claims: { fronthaul: 'vf', midhaul: 'vf', gpu: 'gpu' } } },
    },
    moves: [{ machine: 'du', to: 'h2', strategy: 'hotplug' }],
  },
  {
    reason: 'a machine with a GPU moves cold',
    lines: { hosts: { h1: { gpus: 1 }, h2: { gpus: 1 } }, machines: { ai: { on: 'h1', claims: { gpu: 'gpu' } } } },
    moves: [{ machine: 'ai', to: 'h2', strategy: 'cold' }],
  },
  {
    reason: 'a machine with a VF moves by failover',
    lines: { hosts: two, machines: { upf: { on: 'h1', claims: { n3: 'vf' } } } },
    moves: [{ machine: 'upf', to: 'h2', strategy: 'failover' }],
  },
  {
    reason: 'a machine without devices moves',
    lines: { hosts: two, machines: { nrf: { on: 'h1' } } },
    moves: [{ machine: 'nrf', to: 'h2' }],
  },
  {
    reason: 'a machine starts for the first time',
    lines: { hosts: two, machines: { upf: { claims: { n3: 'vf' } } } },
    moves: [{ machine: 'upf', to: 'h2' }],
  },
  {
    reason: 'a machine takes the VF and the room of one that has left before',
    lines: {
      hosts: { h1: { vfs: 1, memoryMiB: 4096 }, h2: { vfs: 1, memoryMiB: 4096 }, h3: { vfs: 1, memoryMiB: 4096 } },
      machines: { first: { on: 'h2', claims: { n3: 'vf' } }, second: { on: 'h1', claims: { n3: 'vf' } } },
    },
    moves: [
      { machine: 'first', to: 'h3' },
      { machine: 'second', to: 'h2', after: ['first.1'], devices: { n3: '0000:16:01.0' } },
    ],
  },
  {
    reason: 'one machine waits for room that another does not need',
    lines: {
      hosts: { h1: {}, h2: { memoryMiB: 8192 }, h3: {} },
      machines: { small: { on: 'h1' }, leaving: { on: 'h2' }, late: { on: 'h1' } },
    },
    moves: [
      { machine: 'leaving', to: 'h3' },
      { machine: 'small', to: 'h2' },
      { machine: 'late', to: 'h2', after: ['leaving.1'] },
    ],
  },
  {
    reason: 'two machines that must stay apart swap by way of a third host',
    lines: {
      hosts: { h1: {}, h2: {}, h3: {} },
      machines: {
        a: { on: 'h1', host: 'h2', claims: { n3: 'vf' } },
        b: { on: 'h2', host: 'h1', claims: { n3: 'vf' } },
      },
      rules: [{ kind: 'anti-affinity', topology: 'host', machines: ['a', 'b'] }],
    },
    moves: [
      { machine: 'a', to: 'h3', bypass: true },
      { machine: 'b', to: 'h1', after: ['a.1'] },
      { machine: 'a', to: 'h2', after: ['b.1'] },
    ],
  },
  {
    reason: 'spread machines move one after the other',
    lines: {
      hosts: { h1: { zone: 'x' }, h2: { zone: 'y' }, h3: { zone: 'z' } },
      machines: { a: { on: 'h1' }, b: { on: 'h1' }, c: { on: 'h1' } },
      rules: [{ kind: 'spread', topology: 'zone', maxSkew: 1, machines: ['a', 'b', 'c'] }],
    },
    moves: [
      { machine: 'a', to: 'h2' },
      { machine: 'b', to: 'h3', after: ['a.1'] },
    ],
  },
];

describe('replay accepts a plan in which', () => {
  it.each(cases)('$reason', ({ lines, moves }) => {
    const { desired, world } = fixture(lines);
    expect(replay(handmade(desired, world, moves), desired, world)).toEqual({ accepted: true });
  });
});
