import { describe, expect, it } from 'vitest';
import type { Action } from '../../../src/model/index.js';
import { changeActionsOf, changeStep } from './corrupt.js';
import { codesOf } from './refusal-case.js';
import type { RefusalCase } from './refusal-case.js';

const TWO_VFS = {
  lines: { hosts: { h1: {}, h2: {} }, machines: { upf: { on: 'h1', claims: { n3: 'vf', n6: 'vf' } } } },
  moves: [{ machine: 'upf', to: 'h2' }],
} as const;

function toldIn(actions: readonly Action[]) {
  return actions.flatMap((action) => (action.kind === 'reconfigure' ? action.replacements : []));
}

const cases: readonly RefusalCase[] = [
  {
    ...TWO_VFS,
    reason: 'the machine forgets a replacement that it was told of',
    codes: ['WrongStaging'],
    corrupt: changeActionsOf('upf.1/reconfigure/n6', (action) =>
      action.kind === 'reconfigure' ? { ...action, replacements: action.replacements.slice(1) } : action,
    ),
  },
  {
    ...TWO_VFS,
    reason: 'nobody says which replacements the machine is told of last',
    codes: ['WrongOrder'],
    corrupt: changeStep('upf.1/reconfigure/n6', () => ({ dependsOn: ['upf.1/port-profile/n6'] })),
  },
  {
    ...TWO_VFS,
    reason: 'undone, the machine still knows of a replacement',
    codes: ['WrongStaging'],
    corrupt: changeStep('upf.1/reconfigure/n6', (step) => ({
      undo: step.undo.map((action) =>
        action.kind === 'reconfigure' ? { ...action, replacements: toldIn(step.actions) } : action,
      ),
    })),
  },
];

describe('replay refuses a plan that tells a machine wrongly of its replacements', () => {
  it.each(cases)('because $reason', (refusal) => {
    expect(codesOf(refusal)).toEqual(refusal.codes);
  });
});
