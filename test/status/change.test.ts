import { describe, expect, it } from 'vitest';
import type { Event, Plan, World } from '../../src/model/index.js';
import { encodePlan, planMarkdown } from '../../src/report/index.js';
import {
  decodeWorld,
  encodeWorld,
  materialChange,
  settleStatus,
  statusChanges,
  statusMessage,
} from '../../src/status/index.js';
import type { StatusDocuments, StatusFacts } from '../../src/status/index.js';
import { NOW } from '../planner/fixture.js';
import { facts, IDLE_PLAN, PLAN, WORLD } from './specimen.js';

const texts = { json: encodePlan(IDLE_PLAN), markdown: planMarkdown(IDLE_PLAN) };
const refusal = { machine: 'amf', reason: 'NoFeasibleHost', advice: 'AskOperator', candidates: [] } as const;
const refusing = (message: string): Plan => ({ ...IDLE_PLAN, refusals: [{ ...refusal, message }] });
const first = settleStatus(facts({ planTexts: texts, plan: refusing('cpu would be 95 %\nor more') }));

function later(changes: Partial<StatusFacts>): StatusDocuments {
  return settleStatus(
    facts({ planTexts: texts, plan: refusing('cpu would be 95 %'), now: NOW + 60_000, previous: first, ...changes }),
  );
}

const volatileWorld: World = {
  ...WORLD,
  at: NOW + 60_000,
  samples: [{ subject: { kind: 'host', name: 'h1' }, metric: 'cpu', value: 0.7, at: NOW + 60_000, windowSeconds: 300 }],
  machines: WORLD.machines.map((machine) => ({ ...machine, dirtyMibps: 77 })),
};
const newer = { ...IDLE_PLAN, createdAt: NOW + 60_000, expiresAt: NOW + 960_000, planHash: 'a'.repeat(64) };
const event: Event = {
  ...{ involvedObject: { kind: 'VirtualMachine', name: 'upf' }, severity: 'info', reason: 'Migrated', message: 'x' },
  ...{ revision: 'rev-1', reportingController: 'berth', timestamp: new Date(NOW + 60_000).toISOString() },
};

const cases: readonly { reason: string; changes: Partial<StatusFacts>; material: boolean }[] = [
  { reason: 'only time has passed', changes: {}, material: false },
  { reason: 'only loads and rates have changed', changes: { world: volatileWorld }, material: false },
  {
    reason: 'a plan that moves nothing was made again',
    changes: {
      plan: { ...newer, refusals: refusing('').refusals },
      planTexts: { json: encodePlan(newer), markdown: planMarkdown(newer) },
    },
    material: false,
  },
  {
    reason: 'a refusal gives another load',
    changes: { plan: refusing('cpu would be 96 %') },
    material: false,
  },
  {
    reason: 'a refusal has another reason',
    changes: { plan: { ...IDLE_PLAN, refusals: [{ ...refusal, reason: 'NoStrategy', message: '' }] } },
    material: true,
  },
  {
    reason: 'a plan moves something',
    changes: { plan: PLAN, planTexts: { json: encodePlan(PLAN), markdown: planMarkdown(PLAN) } },
    material: true,
  },
  { reason: 'the revision has changed', changes: { revision: 'rev-2' }, material: true },
  {
    reason: 'a machine is elsewhere',
    changes: { world: { ...WORLD, machines: WORLD.machines.map((machine) => ({ ...machine, host: 'h2' })) } },
    material: true,
  },
  { reason: 'a condition has changed', changes: { hold: { reason: 'Suspended', message: '' } }, material: true },
  { reason: 'something happened', changes: { events: [event] }, material: true },
];

describe('a status is published', () => {
  it.each(cases)('when $reason: $material', ({ changes, material }) => {
    const next = later(changes);
    expect(materialChange(first, next)).toBe(material);
    expect(statusChanges('test', first, next).size > 0).toBe(material);
  });

  it('with the fresh observation whenever it is published at all', () => {
    const changes = statusChanges('test', first, later({ world: volatileWorld, revision: 'rev-2' }));
    expect(changes.get('clusters/test/observed.json')).toBe(encodeWorld(volatileWorld));
    expect(changes.has('README.md')).toBe(false);
  });

  it('without documents of machines that are written no more, and leaves other clusters alone', () => {
    const previous = new Map([
      ...first,
      ['clusters/test/machines/old.yaml', 'x'],
      ['clusters/other/machines/old.yaml', 'x'],
    ]);
    expect([...statusChanges('test', previous, later({}))]).toContainEqual(['clusters/test/machines/old.yaml', null]);
    expect(statusChanges('test', previous, later({})).has('clusters/other/machines/old.yaml')).toBe(false);
  });

  it('and keeps every machine document while the documents are invalid', () => {
    const changes = statusChanges(
      'test',
      first,
      later({ desired: null, plan: null, planTexts: null, hold: { reason: 'InvalidDocument', message: '' } }),
    );
    expect([...changes.values()]).not.toContain(null);
  });
});

describe('the observed world', () => {
  it('comes back as it was', () => {
    expect(decodeWorld(encodeWorld(WORLD))).toEqual({ ok: true, value: WORLD, warnings: [] });
  });

  it.each(['', 'null', '{}', '[', encodeWorld(WORLD).replace('"up"', '"fine"')])(
    'is refused when it is damaged: %.20j',
    (text) => {
      const read = decodeWorld(text);
      expect(read.ok ? [] : read.problems.map(({ code }) => code)).toEqual(['InvalidWorld']);
    },
  );
});

describe('the commit message', () => {
  it('names revision, plan and result', () => {
    expect(statusMessage(facts({ plan: PLAN }))).toEqual({
      subject: 'test: Progressing, 1 move',
      trailers: [
        ['Berth-Source-Revision', 'rev-1'],
        ['Berth-Plan-Hash', PLAN.planHash],
        ['Berth-Result', 'Progressing'],
      ],
    });
  });

  it('gets no line from a value', () => {
    const evil = 'x\nBerth-Result: Succeeded\r\u2028y';
    const { subject, trailers } = statusMessage(
      facts({ cluster: evil, revision: evil, hold: { reason: evil, message: '' } }),
    );
    expect([subject, ...trailers.flat()].join('')).not.toMatch(/[\r\n\u2028]/);
  });
});
