import { describe, expect, it } from 'vitest';
import { decodePlan, encodePlan } from '../../src/report/index.js';
import type { Plan } from '../../src/model/index.js';
import { PLAN } from './specimen.js';

type Json = Record<string, unknown>;

function stored(change: (json: Json) => void): string {
  const json = JSON.parse(encodePlan(PLAN)) as Json;
  change(json);
  return JSON.stringify(json);
}

/** The same value, the keys of every record the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, entry]) => [key, reversed(entry)]),
  );
}

function codeOf(text: string): string {
  const read = decodePlan(text);
  return read.ok ? 'accepted' : read.problems.map((problem) => problem.code).join();
}

describe('the plan file', () => {
  it('comes back as the same plan', () => {
    expect(decodePlan(encodePlan(PLAN))).toEqual({ ok: true, value: PLAN, warnings: [] });
  });

  it('has one text, in whatever order its keys were written', () => {
    const read = decodePlan(encodePlan(PLAN));
    expect(read.ok ? encodePlan(read.value) : '').toBe(encodePlan(PLAN));
    expect(encodePlan(reversed(PLAN) as Plan)).toBe(encodePlan(PLAN));
  });

  it('takes times between two milliseconds', () => {
    const between = { createdAt: PLAN.createdAt + 0.5, expiresAt: PLAN.expiresAt + 0.5 };
    expect(decodePlan(encodePlan({ ...PLAN, ...between }))).toEqual({ ok: true, value: PLAN, warnings: [] });
  });

  it('may come from before moves had a reasoning', () => {
    const moves = PLAN.moves.map((move) => ({ ...move, reasoning: undefined }));
    const old = { ...PLAN, moves };
    expect(encodePlan(old)).not.toContain('reasoning');
    expect(decodePlan(encodePlan(old))).toEqual({ ok: true, value: old, warnings: [] });
  });

  it('tells why each move is in it', () => {
    const json = JSON.parse(encodePlan(PLAN)) as { moves: Json[] };
    expect(json.moves[0]?.['reasoning']).toEqual({
      gains: [
        { objective: 'overload', gain: 0.11 },
        { objective: 'migration', gain: -0.2 },
      ],
      runner_up: { host: 'edge-b1', difference: 2.125, objective: 'groupCrossing' },
      without: 'cpu of edge-a1 would be 91 %, above 80 %',
    });
  });

  it('has the keys of the plan format', () => {
    const json = JSON.parse(encodePlan(PLAN)) as Json & { steps: Json[] };
    expect(Object.keys(json)).toEqual(
      expect.arrayContaining(
        ['format_version', 'base_revision', 'observed_fingerprint', 'plan_hash', 'expires_at', 'cause', 'steps'].concat(
          ['waves', 'refusals', 'drift', 'checks', 'summary'],
        ),
      ),
    );
    expect(Object.keys(json.steps[0] ?? {})).toEqual(
      expect.arrayContaining(['id', 'depends_on', 'kind', 'subject', 'precondition', 'estimate', 'undo', 'deadline']),
    );
    expect(json['expires_at']).toBe('2026-01-05T12:15:00.000Z');
  });

  const cases: readonly { reason: string; text: string; code: string }[] = [
    { reason: 'an unknown key is ignored', text: stored((json) => (json['note'] = 'hello')), code: 'accepted' },
    {
      reason: 'a newer minor version is read',
      text: stored((json) => (json['format_version'] = '1.7')),
      code: 'accepted',
    },
    {
      reason: 'another major version is refused',
      text: stored((json) => (json['format_version'] = '2.0')),
      code: 'UnsupportedPlanVersion',
    },
    {
      reason: 'a missing version is refused',
      text: stored((json) => delete json['format_version']),
      code: 'InvalidPlan',
    },
    {
      reason: 'a changed plan is refused',
      text: stored((json) => (json['cluster'] = 'other')),
      code: 'PlanHashMismatch',
    },
    {
      reason: 'a changed hash is refused',
      text: stored((json) => (json['plan_hash'] = '0'.repeat(64))),
      code: 'PlanHashMismatch',
    },
    {
      reason: 'a later end is refused',
      text: stored((json) => (json['expires_at'] = '2030-01-01T00:00:00.000Z')),
      code: 'PlanHashMismatch',
    },
    {
      reason: 'a missing checksum is refused',
      text: stored((json) => delete json['checksum']),
      code: 'PlanHashMismatch',
    },
    { reason: 'a missing field is refused', text: stored((json) => delete json['steps']), code: 'InvalidPlan' },
    {
      reason: 'a field of the wrong type is refused',
      text: stored((json) => (json['waves'] = 'all')),
      code: 'InvalidPlan',
    },
    {
      reason: 'a time that is none is refused',
      text: stored((json) => (json['expires_at'] = 'soon')),
      code: 'InvalidPlan',
    },
    { reason: 'text that is no JSON is refused', text: encodePlan(PLAN).slice(0, 500), code: 'InvalidPlan' },
    { reason: 'another JSON value is refused', text: '[]', code: 'InvalidPlan' },
    {
      reason: 'a deep JSON value is refused',
      text: `{"format_version":"1.0","x":${'['.repeat(5000)}${']'.repeat(5000)}}`,
      code: 'InvalidPlan',
    },
  ];
  it.each(cases)('$reason', ({ text, code }) => {
    expect(codeOf(text)).toBe(code);
  });

  it('says where it is damaged', () => {
    const read = decodePlan(stored((json) => ((json['steps'] as Json[])[2] = { id: 7 })));
    expect(read.ok ? '' : read.problems[0]?.message).toBe(
      'the plan file is damaged: /steps/2/id: expected a text, found 7',
    );
  });
});
