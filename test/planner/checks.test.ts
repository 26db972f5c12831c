import { describe, expect, it } from 'vitest';
import type { Check } from '../../src/model/index.js';
import { hashPlan, plan } from '../../src/planner/index.js';
import type { FixtureLines } from './fixture-lines.js';
import { NOW, fixture } from './fixture.js';

const drain: FixtureLines = {
  hosts: { h1: { maintenance: 'drain' }, h2: {} },
  machines: { a: { on: 'h1' }, b: { on: 'h1' }, c: { on: 'h2' } },
};

function checks(lines: FixtureLines): readonly string[] {
  const { desired, world } = fixture(lines);
  return plan(desired, world).checks.map(({ name, result }: Check) => `${name} ${result}`);
}

function hashOf(lines: FixtureLines): string {
  const { desired, world } = fixture(lines);
  return plan(desired, world).planHash;
}

describe('the size of a plan', () => {
  it.each([
    { machines: { a: { on: 'h1' }, c: { on: 'h2' } }, message: '1 move, 50 % of the machines' },
    { machines: drain.machines, message: '2 moves, 66.7 % of the machines' },
  ])('is told as $message', ({ machines, message }) => {
    const { desired, world } = fixture({ ...drain, ...(machines === undefined ? {} : { machines }) });
    expect(plan(desired, world).checks[0]?.message).toBe(message);
  });
});

describe('the checks of a plan', () => {
  const required: FixtureLines = { ...drain, migration: { approval: 'required' } };
  const approved = (change: object): FixtureLines => ({
    ...required,
    approvals: [{ planHash: hashOf(required), ...change }],
  });
  const passed = ['blast-radius passed', 'approval passed', 'window passed'];
  const cases: readonly { reason: string; lines: FixtureLines; found: readonly string[] }[] = [
    { reason: 'all pass where nothing is asked for', lines: drain, found: passed },
    { reason: 'nothing to do needs no check', lines: { hosts: {} }, found: [] },
    {
      reason: 'more moves than the budget are denied',
      lines: { ...drain, migration: { blastRadius: { maxMoves: 1, maxShare: 1 } } },
      found: ['blast-radius denied', 'approval passed', 'window passed'],
    },
    {
      reason: 'a larger share of the machines than the budget is denied',
      lines: { ...drain, migration: { blastRadius: { maxMoves: 9, maxShare: 0.5 } } },
      found: ['blast-radius denied', 'approval passed', 'window passed'],
    },
    {
      reason: 'first starts disturb nobody',
      lines: { hosts: { h2: {} }, machines: { a: {} }, migration: { blastRadius: { maxMoves: 0, maxShare: 0 } } },
      found: passed,
    },
    {
      reason: 'an approval that is required is waited for',
      lines: required,
      found: ['blast-radius passed', 'approval waiting', 'window passed'],
    },
    { reason: 'an approval of this plan', lines: approved({}), found: passed },
    {
      reason: 'an approval may write the name of the hash as well',
      lines: approved({ planHash: `sha256:${hashOf(required)}` }),
      found: passed,
    },
    {
      reason: 'an approval that has expired is none',
      lines: approved({ expiresAt: NOW }),
      found: ['blast-radius passed', 'approval waiting', 'window passed'],
    },
    {
      reason: 'an approval of another plan is none',
      lines: approved({ planHash: '0'.repeat(64) }),
      found: ['blast-radius passed', 'approval waiting', 'window passed'],
    },
    {
      reason: 'an open window',
      lines: { ...drain, migration: { windows: [{ cron: '30 11 * * 1', durationMinutes: 60 }] } },
      found: passed,
    },
    {
      reason: 'a window that opens this very minute',
      lines: { ...drain, migration: { windows: [{ cron: '0 12 * * *', durationMinutes: 1 }] } },
      found: passed,
    },
    {
      reason: 'a window that has just closed',
      lines: { ...drain, migration: { windows: [{ cron: '0 11 * * *', durationMinutes: 60 }] } },
      found: ['blast-radius passed', 'approval passed', 'window waiting'],
    },
  ];
  it.each(cases)('$reason', ({ lines, found }) => {
    expect(checks(lines)).toEqual(found);
  });

  it('say when the next window opens', () => {
    const { desired, world } = fixture({
      ...drain,
      migration: { windows: [{ cron: '0 2 * * 6', durationMinutes: 60 }] },
    });
    expect(plan(desired, world).checks.at(-1)?.message).toContain('2026-01-10T02:00:00.000Z');
  });
});

describe('the hash of a plan', () => {
  const loaded = (cpu: number): FixtureLines => ({ ...drain, hosts: { ...drain.hosts, h2: { cpu } } });

  it('stays when the revision, the checks or the loads change', () => {
    const { desired, world } = fixture(drain);
    expect(plan({ ...desired, revision: 'rev-2' }, world).planHash).toBe(hashOf(drain));
    expect(hashOf({ ...drain, migration: { approval: 'required' } })).toBe(hashOf(drain));
    expect(hashOf(loaded(0.1))).toBe(hashOf(loaded(0.2)));
  });

  it('changes with every move and every step', () => {
    const { desired, world } = fixture(drain);
    const made = plan(desired, world);
    const [move, ...moves] = made.moves;
    const [step, ...steps] = made.steps;
    if (move === undefined || step === undefined) throw new Error('the plan moves something');
    expect(hashPlan({ ...made, moves: [{ ...move, to: 'h3' }, ...moves] })).not.toBe(made.planHash);
    expect(hashPlan({ ...made, steps: [{ ...step, deadlineSeconds: 1 }, ...steps] })).not.toBe(made.planHash);
    expect(hashPlan({ ...made, steps })).not.toBe(made.planHash);
  });
});
