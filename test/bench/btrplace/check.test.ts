import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBtrPlace } from '../formats/btrplace.js';
import type { Action } from './action.js';
import { planText } from './action.js';
import { judge } from './check.js';
import { generate } from './generate.js';
import { solve } from './solve.js';

const now = () => 0;

describe('The judge of reconfiguration plans', () => {
  const text = JSON.stringify({
    model: {
      mapping: {
        onlineNodes: { 0: { runningVMs: [1] }, 1: { runningVMs: [2] }, 2: {} },
        offlineNodes: [3],
        readyVMs: [3],
      },
      views: [{ id: 'shareableResource', rcId: 'cpu', defCapacity: 10, defConsumption: 4, nodes: {}, vms: { 2: 7 } }],
    },
    constraints: [
      { id: 'running', vm: 3, continuous: false },
      { id: 'offline', node: 0, continuous: false },
      { id: 'spread', vms: [1, 2], continuous: true },
      { id: 'preserve', vm: 2, rc: 'cpu', amount: 8 },
    ],
  });
  const good: readonly Action[] = [
    { id: 'migrateVM', vm: 1, from: 0, to: 2, start: 0, end: 1 },
    { id: 'allocate', vm: 2, on: 1, rc: 'cpu', amount: 8, start: 0, end: 0 },
    { id: 'bootVM', vm: 3, to: 2, start: 0, end: 1 },
    { id: 'shutdownNode', node: 0, start: 1, end: 2 },
  ];
  const violations = (actions: readonly unknown[]) => judge(text, JSON.stringify({ actions })).violations;

  it('finds nothing in a plan that is right', () => {
    expect(judge(text, planText({}, good))).toMatchObject({ actions: 4, seconds: 2, sumOfEnds: 4, violations: [] });
  });

  it.each([
    ['an action is missing', () => good.slice(0, 3), /offline.*does not hold after/],
    [
      'a node goes off before it is empty',
      () => [...good.slice(0, 3), { id: 'shutdownNode', node: 0, start: 0, end: 1 }],
      /is not empty/,
    ],
    ['a machine comes to a node that is off', () => [{ ...good[0], to: 3 }, ...good.slice(1)], /node 3 is not online/],
    [
      'a node is given more than it has',
      () => [...good.slice(0, 2), { ...good[2], to: 1 }, good[3]],
      /node 1 holds 12 of cpu, of 10/,
    ],
    [
      'a machine starts from where it is not',
      () => [{ ...good[0], from: 1 }, ...good.slice(1)],
      /it is at 0, not at 1/,
    ],
    [
      'a continuous rule is broken on the way',
      () => [{ ...good[0], to: 1 }, { id: 'migrateVM', vm: 1, from: 1, to: 2, start: 1, end: 2 }, ...good.slice(1)],
      /spread.*does not hold at second 0/,
    ],
    ['an action takes no time', () => [{ ...good[0], end: 0 }, ...good.slice(1)], /it takes 1 s, and was given 0/],
    ['a machine is moved twice at once', () => [...good, { ...good[0], to: 1 }], /it is at no node, not at 0/],
    [
      'a machine is booted that runs',
      () => [...good, { id: 'bootVM', vm: 2, to: 2, start: 3, end: 4 }],
      /the machine is running/,
    ],
    ['an action is unknown', () => [...good, { id: 'cloneVM', vm: 2, start: 0, end: 1 }], /there is no such action/],
  ])('tells when %s', (_, actions, message) => {
    expect(violations(actions()).join('\n')).toMatch(message);
  });

  it('accepts the plans of generated clusters, which keep every constraint with no more actions than a fifth above the bound', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 40, max: 160 }), (seed, nodes) => {
        const instance = generate({ nodes, machines: 5 * nodes, seed });
        const btr = parseBtrPlace(instance);
        const { actions, failures, bound } = solve(btr, { seed, seconds: 1, now });
        expect(failures).toEqual([]);
        const verdict = judge(instance, planText(btr.model, actions));
        expect(verdict.violations).toEqual([]);
        expect(verdict.actions).toBeGreaterThanOrEqual(bound.actions);
        expect(verdict.actions).toBeLessThanOrEqual(1.2 * bound.actions + 5);
      }),
      { numRuns: 60 },
    );
  });
});
