import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../src/model/index.js';
import { fixture } from '../fixture.js';
import { changeStep } from './corrupt.js';
import { codesOf, LIVE, UPF } from './refusal-case.js';
import type { RefusalCase } from './refusal-case.js';

const STARTING = {
  lines: { ...UPF, machines: { upf: { claims: { n3: 'vf' } } } },
  moves: [{ machine: 'upf', to: 'h2' }],
} as const;

const [RUNNING] = fixture(UPF).world.machines;
const STOPPED = { ...RUNNING, host: 'h2', state: 'stopped', assignments: [] } as Machine;

const cases: readonly RefusalCase[] = [
  {
    ...LIVE,
    reason: 'nothing ends a migration that hangs',
    codes: ['MissingUndo'],
    corrupt: changeStep('upf.1/migrate', () => ({ undo: [] })),
  },
  {
    reason: 'a start that failed leaves a definition',
    codes: ['MissingUndo'],
    ...STARTING,
    corrupt: changeStep('upf.1/start', (step) => ({ undo: step.undo.slice(0, 1) })),
  },
  {
    reason: 'a start that failed forgets the only definition of a stopped machine',
    codes: ['WrongUndo'],
    ...STARTING,
    observe: (world) => ({ ...world, machines: [STOPPED] }),
  },
];

describe('replay refuses a plan that cannot be taken back', () => {
  it.each(cases)('because $reason', (refusal) => {
    expect(codesOf(refusal)).toEqual(refusal.codes);
  });
});
