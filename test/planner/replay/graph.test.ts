import { describe, expect, it } from 'vitest';
import { changeStep } from './corrupt.js';
import { codesOf, LIVE } from './refusal-case.js';
import type { RefusalCase } from './refusal-case.js';

const cases: readonly RefusalCase[] = [
  {
    ...LIVE,
    reason: 'a step waits for one that does not exist',
    codes: ['UnknownStep'],
    corrupt: changeStep('upf.1/migrate', () => ({ dependsOn: ['upf.1/wish'] })),
  },
  {
    ...LIVE,
    reason: 'steps wait for each other',
    codes: ['CyclicSteps'],
    corrupt: changeStep('upf.1/reserve/n3', () => ({ dependsOn: ['upf.1/release/n3'] })),
  },
  {
    ...LIVE,
    reason: 'two steps have one id',
    codes: ['DuplicateStep'],
    corrupt: (plan) => ({ ...plan, steps: [...plan.steps, ...plan.steps.slice(-1)] }),
  },
  {
    ...LIVE,
    reason: 'two moves have one id',
    codes: ['DuplicateMove'],
    corrupt: (plan) => ({ ...plan, moves: [...plan.moves, ...plan.moves] }),
  },
  {
    ...LIVE,
    reason: 'a step belongs to no move',
    codes: ['UnknownMove'],
    corrupt: changeStep('upf.1/migrate', () => ({ move: 'amf.1' })),
  },
  {
    ...LIVE,
    reason: 'a wave names an unknown step',
    codes: ['UnknownStep'],
    corrupt: (plan) => ({ ...plan, waves: [['upf.9/migrate']] }),
  },
  {
    ...LIVE,
    reason: 'the plan has no fingerprint',
    codes: ['InvalidPlan'],
    corrupt: (plan) => ({ ...plan, observedFingerprint: '' }),
  },
  {
    ...LIVE,
    reason: 'the plan expires before it is made',
    codes: ['InvalidPlan'],
    corrupt: (plan) => ({ ...plan, expiresAt: plan.createdAt }),
  },
  {
    ...LIVE,
    reason: 'the plan is for another cluster',
    codes: ['InvalidPlan'],
    corrupt: (plan) => ({ ...plan, cluster: 'other' }),
  },
];

describe('replay refuses a plan that cannot be read', () => {
  it.each(cases)('because $reason', (refusal) => {
    expect(codesOf(refusal)).toEqual(refusal.codes);
  });
});
