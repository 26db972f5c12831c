import { describe, expect, it } from 'vitest';
import { problem } from '../../src/model/index.js';
import type { Machine, World } from '../../src/model/index.js';
import { readConditions, settleStatus } from '../../src/status/index.js';
import type { StatusFacts } from '../../src/status/index.js';
import { NOW } from '../planner/fixture.js';
import { DESIRED, facts, IDLE_PLAN, PLAN, WORLD } from './specimen.js';

function conditions(path: string, given: StatusFacts): Readonly<Record<string, string>> {
  const found = readConditions(settleStatus(given).get(`clusters/test/${path}`));
  return Object.fromEntries(found.map(({ type, status, reason }) => [type, `${status} ${reason}`]));
}

const suspended = { ...DESIRED, machines: DESIRED.machines.map((machine) => ({ ...machine, suspended: true })) };
const place = { file: 'a.yaml', line: 3, column: 5, pointer: '', excerpt: '' };
const refusal = { machine: 'amf', message: 'no', candidates: [] } as const;
const moved = { move: 'upf.1', message: '', done: ['reconfigure', 'migrate'] } as const;

const clusters: readonly { reason: string; facts: Partial<StatusFacts>; expected: Readonly<Record<string, string>> }[] =
  [
    { reason: 'all is as written', facts: {}, expected: { Ready: 'True Succeeded', Healthy: 'True Succeeded' } },
    {
      reason: 'a document is invalid',
      facts: { problems: [problem({ code: 'UnknownKey', message: 'x', place })] },
      expected: { Ready: 'False InvalidDocument', Stalled: 'True InvalidDocument', Healthy: 'True Succeeded' },
    },
    {
      reason: 'the history was rewound',
      facts: { hold: { reason: 'SourceRewound', message: 'x' } },
      expected: { Ready: 'False SourceRewound', Stalled: 'True SourceRewound', Healthy: 'True Succeeded' },
    },
    {
      reason: 'it is frozen',
      facts: { frozen: { reason: 'TwoCopies', message: 'x', machine: 'upf' } },
      expected: { Ready: 'False Frozen', Stalled: 'True Frozen', Healthy: 'True Succeeded' },
    },
    {
      reason: 'it is suspended',
      facts: { hold: { reason: 'Suspended', message: '' } },
      expected: { Ready: 'False Suspended', Healthy: 'True Succeeded' },
    },
    {
      reason: 'a person must approve',
      facts: { plan: PLAN, hold: { reason: 'ApprovalRequired', message: '' } },
      expected: { Ready: 'False ApprovalRequired', Healthy: 'True Succeeded' },
    },
    {
      reason: 'Git does not answer',
      facts: { hold: { reason: 'GitUnreachable', message: '' } },
      expected: { Ready: 'False GitUnreachable', Reconciling: 'True ProgressingWithRetry', Healthy: 'True Succeeded' },
    },
    {
      reason: 'a move is under way',
      facts: { plan: PLAN, moves: [{ ...moved, result: 'running' }] },
      expected: { Ready: 'Unknown Progressing', Reconciling: 'True Progressing', Healthy: 'True Succeeded' },
    },
    {
      reason: 'a move was undone',
      facts: { plan: PLAN, moves: [{ ...moved, result: 'undone' }] },
      expected: { Ready: 'False Failed', Reconciling: 'True ProgressingWithRetry', Healthy: 'True Succeeded' },
    },
    {
      reason: 'every move is done',
      facts: { plan: PLAN, moves: [{ ...moved, result: 'succeeded' }] },
      expected: { Ready: 'True Succeeded', Healthy: 'True Succeeded' },
    },
    {
      reason: 'something cannot be placed',
      facts: { plan: { ...IDLE_PLAN, refusals: [{ ...refusal, reason: 'NoFeasibleHost', advice: 'AskOperator' }] } },
      expected: { Ready: 'False PlanInfeasible', Healthy: 'True Succeeded' },
    },
    {
      reason: 'a change only waits',
      facts: { plan: { ...IDLE_PLAN, refusals: [{ ...refusal, reason: 'Cooldown', advice: 'Wait' }] } },
      expected: { Ready: 'True Succeeded', Healthy: 'True Succeeded' },
    },
    {
      reason: 'there is drift',
      facts: {
        plan: { ...IDLE_PLAN, drift: [{ subject: 'VirtualMachine/x', code: 'UnmanagedMachine', message: '' }] },
      },
      expected: { Ready: 'True DriftDetected', Healthy: 'True Succeeded' },
    },
    {
      reason: 'machines do not run that are suspended',
      facts: { desired: suspended, world: { ...WORLD, machines: [] } },
      expected: { Ready: 'True Succeeded', Healthy: 'True Succeeded' },
    },
    {
      reason: 'nothing could be observed',
      facts: { world: null },
      expected: { Ready: 'True Succeeded', Healthy: 'Unknown NotObserved' },
    },
  ];

describe('the conditions of a cluster when', () => {
  it.each(clusters)('$reason', ({ facts: given, expected }) => {
    expect(conditions('status.yaml', facts(given))).toEqual(expected);
  });
});

function changed(change: (machine: Machine) => readonly Machine[]): World {
  return {
    ...WORLD,
    machines: WORLD.machines.flatMap((machine) => (machine.name === 'upf' ? change(machine) : [machine])),
  };
}

const still = {
  Reserved: 'True Succeeded',
  Communicating: 'True Succeeded',
  Degraded: 'False Succeeded',
  Healthy: 'True Succeeded',
};

const machines: readonly { reason: string; facts: Partial<StatusFacts>; expected: Readonly<Record<string, string>> }[] =
  [
    { reason: 'it runs as written', facts: {}, expected: { Ready: 'True Succeeded', ...still } },
    {
      reason: 'its move is prepared',
      facts: { plan: PLAN, moves: [{ ...moved, result: 'running', done: ['reserve', 'reconfigure'] }] },
      expected: {
        Ready: 'Unknown Progressing',
        ...still,
        Reconfigured: 'True Succeeded',
        Migrated: 'False Progressing',
      },
    },
    {
      reason: 'it has moved',
      facts: { plan: PLAN, moves: [{ ...moved, result: 'succeeded' }] },
      expected: { Ready: 'True Succeeded', ...still, Reconfigured: 'True Succeeded', Migrated: 'True Succeeded' },
    },
    {
      reason: 'its move was undone',
      facts: { plan: PLAN, moves: [{ ...moved, result: 'undone', done: ['reconfigure'] }] },
      expected: { Ready: 'False Failed', ...still, Reconfigured: 'True Succeeded', Migrated: 'False Failed' },
    },
    {
      reason: 'its traffic is forwarded',
      facts: { world: { ...WORLD, forwards: [{ mac: '52:54:00:00:00:00', from: 'h2', to: 'h1', expiresAt: NOW }] } },
      expected: { Ready: 'True Succeeded', ...still, Forwarding: 'True Progressing' },
    },
    {
      reason: 'the switch has not learned its address',
      facts: { world: { ...WORLD, switchPorts: [] } },
      expected: { Ready: 'True Succeeded', ...still, Communicating: 'Unknown NotLearned' },
    },
    {
      reason: 'it has lost its device',
      facts: { world: changed((machine) => [{ ...machine, assignments: [] }]) },
      expected: {
        Ready: 'False Degraded',
        Reserved: 'True Succeeded',
        Degraded: 'True DeviceMissing',
        Healthy: 'False Degraded',
      },
    },
    {
      reason: 'it runs twice',
      facts: { world: changed((machine) => [machine, { ...machine, host: 'h2' }]) },
      expected: { Ready: 'False RunsTwice', ...still, Healthy: 'False RunsTwice' },
    },
    {
      reason: 'it runs nowhere',
      facts: { world: changed(() => []) },
      expected: {
        Ready: 'False NotRunning',
        Reserved: 'True Succeeded',
        Degraded: 'False Succeeded',
        Healthy: 'False NotRunning',
      },
    },
    {
      reason: 'it runs nowhere and is suspended',
      facts: { desired: suspended, world: changed(() => []) },
      expected: {
        Ready: 'False Suspended',
        Reserved: 'True Succeeded',
        Degraded: 'False Succeeded',
        Healthy: 'Unknown Suspended',
      },
    },
    {
      reason: 'it runs nowhere, has no device and is suspended',
      facts: { desired: suspended, world: { ...changed(() => []), reservations: [] } },
      expected: {
        Ready: 'False Suspended',
        Reserved: 'False Suspended',
        Degraded: 'False Succeeded',
        Healthy: 'Unknown Suspended',
      },
    },
    {
      reason: 'it runs and is suspended',
      facts: { desired: suspended },
      expected: { Ready: 'False Suspended', ...still },
    },
    {
      reason: 'it is suspended, and the host on which it may run does not answer',
      facts: {
        ...{ desired: suspended, world: changed(() => []) },
        silences: new Map([['upf', 'upf may run on h1, which does not answer']]),
      },
      expected: {
        Ready: 'False Suspended',
        Reserved: 'True Succeeded',
        Degraded: 'False Succeeded',
        Healthy: 'Unknown HostUnreachable',
      },
    },
    {
      reason: 'the host on which it may run does not answer, so that nobody sees it',
      facts: { world: changed(() => []), silences: new Map([['upf', 'upf may run on h1, which does not answer']]) },
      expected: {
        Ready: 'Unknown HostUnreachable',
        Reserved: 'True Succeeded',
        Degraded: 'False Succeeded',
        Healthy: 'Unknown HostUnreachable',
      },
    },
    {
      reason: 'it was seen last on a host that does not answer now',
      facts: { silences: new Map([['upf', 'upf may run on h1, which does not answer']]) },
      expected: { Ready: 'Unknown HostUnreachable', ...still, Healthy: 'Unknown HostUnreachable' },
    },
    {
      reason: 'it is the one that is frozen',
      facts: { frozen: { reason: 'TwoCopies', message: '', machine: 'upf' } },
      expected: { Ready: 'False Frozen', ...still },
    },
  ];

describe('the conditions of a machine when', () => {
  it.each(machines)('$reason', ({ facts: given, expected }) => {
    expect(conditions('machines/upf.yaml', facts(given))).toEqual(expected);
  });

  it('it has moved in an earlier pass still tell so', () => {
    const previous = settleStatus(facts({ plan: PLAN, moves: [{ ...moved, result: 'succeeded' }] }));
    expect(conditions('machines/upf.yaml', facts({ previous }))['Migrated']).toBe('True Succeeded');
  });
});

describe('the time of a transition', () => {
  const first = settleStatus(facts());
  const time = (given: Partial<StatusFacts>): string | undefined =>
    readConditions(
      settleStatus(facts({ previous: first, now: NOW + 60_000, ...given })).get('clusters/test/status.yaml'),
    ).find(({ type }) => type === 'Ready')?.lastTransitionTime;

  it('stays while the status stays, whatever the reason', () => {
    expect(time({ plan: { ...IDLE_PLAN, drift: [{ subject: 'x', code: 'y', message: '' }] } })).toBe(
      '2026-01-05T12:00:00.000Z',
    );
  });

  it('is that of the pass in which the status changed', () => {
    expect(time({ hold: { reason: 'Suspended', message: '' } })).toBe('2026-01-05T12:01:00.000Z');
  });

  it.each(['not: [yaml', '['.repeat(3000), 'status: 7', 'status: {conditions: [{type: Fine}]}'])(
    'starts anew when the branch holds %.20s',
    (text) => {
      expect(readConditions(text)).toEqual([]);
    },
  );
});
