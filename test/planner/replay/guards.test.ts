import { describe, expect, it } from 'vitest';
import type { Precondition, StepKind } from '../../../src/model/index.js';
import { changeStep } from './corrupt.js';
import { codesOf, COLD, HOTPLUG, LIVE } from './refusal-case.js';
import type { RefusalCase } from './refusal-case.js';

/** The step with the id does not look any more for facts of a kind. */
function overlook(id: string, kind: Precondition['kind']): RefusalCase['corrupt'] {
  return changeStep(id, (step) => {
    const preconditions = step.preconditions.filter((fact) => fact.kind !== kind);
    if (preconditions.length === step.preconditions.length) throw new Error(`${id} does not look for ${kind}`);
    return { preconditions };
  });
}

const overlooked: readonly (readonly [typeof LIVE | typeof HOTPLUG | typeof COLD, string, Precondition['kind']])[] = [
  [LIVE, 'reserve/n3', 'host-up'],
  [LIVE, 'reserve/n3', 'device-free'],
  [LIVE, 'commission/n3', 'reserved'],
  [LIVE, 'port-profile/n3', 'reserved'],
  [LIVE, 'reconfigure/n3', 'reserved'],
  [LIVE, 'reconfigure/n3', 'machine-on'],
  [LIVE, 'hand-over/n3', 'reserved'],
  [LIVE, 'decommission/n3', 'reserved'],
  [LIVE, 'migrate', 'machine-on'],
  [LIVE, 'migrate', 'host-up'],
  [LIVE, 'migrate', 'reserved'],
  [LIVE, 'migrate', 'mac-unique'],
  [LIVE, 'announce/n3', 'machine-on'],
  [LIVE, 'forward/n3', 'machine-on'],
  [LIVE, 'remove-port-profile/n3', 'machine-on'],
  [LIVE, 'release/n3', 'machine-on'],
  [LIVE, 'release/n3', 'device-detached'],
  [HOTPLUG, 'detach/n3', 'machine-on'],
  [HOTPLUG, 'detach/n3', 'device-attached'],
  [HOTPLUG, 'migrate', 'machine-on'],
  [HOTPLUG, 'attach/n3', 'machine-on'],
  [HOTPLUG, 'attach/n3', 'reserved'],
  [HOTPLUG, 'attach/n3', 'mac-unique'],
  [COLD, 'stop', 'machine-on'],
  [COLD, 'start', 'machine-inactive'],
  [COLD, 'start', 'host-up'],
  [COLD, 'start', 'reserved'],
  [COLD, 'start', 'mac-unique'],
  [COLD, 'undefine', 'machine-on'],
];

describe('replay refuses a plan in which a step acts without looking', () => {
  it.each(overlooked)('%j: %s does not look for %s', (refusal, step, kind) => {
    const corrupt = overlook(`upf.1/${step}`, kind);
    expect(codesOf({ ...refusal, corrupt, reason: '', codes: [] })).toEqual(['MissingPrecondition']);
  });
});

const late: readonly StepKind[] = ['announce', 'release'];

const cases: readonly RefusalCase[] = [
  {
    ...LIVE,
    reason: 'a step looks for the machine on another host',
    codes: ['MissingPrecondition'],
    corrupt: changeStep('upf.1/migrate', (step) => ({
      preconditions: step.preconditions.map((fact) => (fact.kind === 'machine-on' ? { ...fact, host: 'h3' } : fact)),
    })),
  },
  {
    ...LIVE,
    reason: 'the migration is not undone when it fails',
    codes: ['WrongPhase'],
    corrupt: changeStep('upf.1/migrate', () => ({ phase: 'complete' })),
  },
  ...late.map((kind): RefusalCase => ({
    ...LIVE,
    reason: `a failed ${kind} takes the running machine's devices away`,
    codes: ['WrongPhase'],
    corrupt: changeStep(`upf.1/${kind}/n3`, () => ({ phase: 'switch' })),
  })),
  {
    ...HOTPLUG,
    reason: 'a hand-over after the machine has gone over would be undone',
    codes: ['WrongPhase'],
    corrupt: changeStep('upf.1/hand-over/n3', () => ({ phase: 'switch' })),
  },
  {
    ...LIVE,
    reason: 'a step names another subject',
    codes: ['WrongSubject'],
    corrupt: changeStep('upf.1/migrate', () => ({ subject: 'VirtualMachine/amf' })),
  },
  {
    ...LIVE,
    reason: 'forwarding ends at once',
    codes: ['WrongDelay'],
    corrupt: changeStep('upf.1/unforward/n3', () => ({ delaySeconds: 0 })),
  },
  {
    ...LIVE,
    reason: 'a step is to begin before it is its turn',
    codes: ['WrongDelay'],
    corrupt: changeStep('upf.1/migrate', () => ({ delaySeconds: -60 })),
  },
  {
    ...LIVE,
    reason: 'a step waits for no reason',
    codes: ['WrongDelay'],
    corrupt: changeStep('upf.1/decommission/n3', () => ({ delaySeconds: 3600 })),
  },
  ...[0, -1, 61].map((deadlineSeconds): RefusalCase => ({
    ...LIVE,
    reason: `a step may take ${deadlineSeconds} s where the policy says 60 s`,
    codes: ['WrongDeadline'],
    corrupt: changeStep('upf.1/commission/n3', () => ({ deadlineSeconds })),
  })),
  {
    ...LIVE,
    reason: 'the migration of 4 GiB may take longer than the policy allows',
    codes: ['WrongDeadline'],
    corrupt: changeStep('upf.1/migrate', () => ({ deadlineSeconds: 161 })),
  },
];

describe('replay refuses a plan with steps out of their bounds', () => {
  it.each(cases)('because $reason', (refusal) => {
    expect(codesOf(refusal)).toEqual(refusal.codes);
  });

  it('and takes the whole time that the policy allows for 4 GiB', () => {
    const corrupt = changeStep('upf.1/migrate', () => ({ deadlineSeconds: 160 }));
    expect(codesOf({ ...LIVE, corrupt, reason: '', codes: [] })).toEqual([]);
  });
});
