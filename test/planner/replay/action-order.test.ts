import { describe, expect, it } from 'vitest';
import { changeStep } from './corrupt.js';
import { codesOf, COLD, LIVE } from './refusal-case.js';
import type { RefusalCase } from './refusal-case.js';

const cases: readonly RefusalCase[] = [
  {
    ...LIVE,
    reason: 'the ledger has a dummy before it stands',
    codes: ['WrongActionOrder'],
    corrupt: changeStep('upf.1/commission/n3', (step) => ({ actions: step.actions.toReversed() })),
  },
  {
    ...LIVE,
    reason: 'a VF is given back before it is reset',
    codes: ['WrongActionOrder'],
    corrupt: changeStep('upf.1/release/n3', (step) => ({ actions: step.actions.toReversed() })),
  },
  {
    ...LIVE,
    reason: 'on the way back the ledger has a dummy before it stands',
    codes: ['WrongActionOrder'],
    corrupt: changeStep('upf.1/decommission/n3', (step) => ({ undo: step.undo.toReversed() })),
  },
  {
    ...COLD,
    reason: 'on the way back a machine is forgotten before it is stopped',
    codes: ['WrongActionOrder'],
    corrupt: changeStep('upf.1/start', (step) => ({ undo: step.undo.toReversed() })),
  },
];

describe('replay refuses a plan with a step in the wrong order', () => {
  it.each(cases)('because $reason', (refusal) => {
    expect(codesOf(refusal)).toEqual(refusal.codes);
  });
});
