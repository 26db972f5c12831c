import { describe, expect, it } from 'vitest';
import { summarySentence } from '../../src/report/wording.js';
import { fixture } from '../planner/fixture.js';
import { plan } from '../../src/planner/index.js';

describe('the plan in one sentence', () => {
  const { desired, world } = fixture({ hosts: { h1: {}, h2: {} }, machines: { vm: { on: 'h1' } } });
  const job = { to: 'h2', doneBytes: 0, totalBytes: 1, startedAt: world.at };
  const moving = { ...world, machines: world.machines.map((machine) => ({ ...machine, job })) };
  const lapsed = {
    ...{ name: 'berth-dummy-gone-net', host: 'h2', devices: ['0000:16:01.0'], mac: '02:00:00:00:00:01' },
    ...{ reservation: 'h2/0000:16:01.0', expiresAt: world.at },
  };

  it.each([
    { reason: 'all is as written', observed: world, sentence: 'Nothing to do.' },
    {
      reason: 'a killed controller left a move',
      observed: moving,
      sentence: 'Nothing new to do: a move is under way.',
    },
    {
      reason: 'a dummy has outlived its time',
      observed: { ...world, dummies: [lapsed] },
      sentence: 'Nothing to move; the next reconcile removes 1 expired dummy VM.',
    },
  ])('is "$sentence" when $reason', ({ observed, sentence }) => {
    expect(summarySentence(plan(desired, observed))).toBe(sentence);
  });
});
