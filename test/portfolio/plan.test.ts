import { describe, expect, it } from 'vitest';
import { plan, replay } from '../../src/planner/index.js';
import type { Solve } from '../../src/planner/view.js';
import { searchTogether } from '../../src/portfolio/index.js';
import { fixture } from '../planner/fixture.js';

const program = new URL('../../dist/portfolio/worker.js', import.meta.url);

describe('A plan whose search runs in several threads', () => {
  it('is the same with one, two and three of them, and is accepted by replay', () => {
    // No single move helps here, only two machines that change places.
    const { desired, world } = fixture({
      hosts: { h1: { cpu: 0.625 }, h2: { cpu: 0.375 } },
      machines: {
        a: { on: 'h1', cpu: 10 },
        b: { on: 'h1', cpu: 10 },
        c: { on: 'h2', cpu: 6 },
        d: { on: 'h2', cpu: 6 },
      },
      load: { goal: 'balance' },
    });
    const asked: number[] = [];
    const plans = [1, 2, 3].map((threads) => {
      const solve: Solve = (instance, options) => {
        asked.push(instance.machines);
        return searchTogether(instance, { ...options, threads, members: 2, program });
      };
      return plan(desired, world, solve);
    });
    const [first] = plans;
    expect(asked.length).toBeGreaterThanOrEqual(3);
    expect(first?.moves).toHaveLength(2);
    expect(plans.map(({ planHash }) => planHash)).toEqual(plans.map(() => first?.planHash));
    expect(first === undefined ? null : replay(first, desired, world)).toEqual({ accepted: true });
  });
});
