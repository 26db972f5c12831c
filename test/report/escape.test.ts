import { describe, expect, it } from 'vitest';
import type { Problem } from '../../src/model/index.js';
import { problem } from '../../src/model/index.js';
import {
  diffText,
  encodePlan,
  eventsText,
  explainText,
  formatProblem,
  githubAnnotations,
  planMarkdown,
  planSarif,
  planText,
  problemsSarif,
  worldText,
} from '../../src/report/index.js';
import { EVIL, planNamed, SPECIMEN } from './specimen.js';

// eslint-disable-next-line no-control-regex -- the point of the test
const TERMINAL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
const COMMAND = /^\s*::|##\[/m;

const plain = { color: false };
const world = (name: string) => ({
  ...SPECIMEN.world,
  hosts: SPECIMEN.world.hosts.map((host) => ({ ...host, name })),
  machines: SPECIMEN.world.machines.map((machine) => ({ ...machine, name, host: name })),
});
const found = (name: string): Problem =>
  problem({
    code: 'Bad',
    message: name,
    hint: name,
    place: { file: name, line: 1, column: 1, pointer: '', excerpt: name },
  });

const texts: readonly { report: string; print: (name: string) => string }[] = [
  { report: 'a plan', print: (name) => planText(planNamed(name), plain) },
  { report: 'a diff', print: (name) => diffText(planNamed(name), plain) },
  { report: 'a world', print: (name) => worldText(world(name), SPECIMEN.desired, plain) },
  { report: 'a problem', print: (name) => formatProblem(found(name)) },
  {
    report: 'an event',
    print: (name) =>
      eventsText(
        [
          {
            ...{ involvedObject: { kind: 'Host', name }, severity: 'info', reason: name, message: name },
            ...{ revision: name, reportingController: 'berth', timestamp: name },
          },
        ],
        plain,
      ),
  },
  {
    report: 'an explanation',
    print: (name) =>
      explainText(
        {
          machine: name,
          host: name,
          decision: {
            ...{ kind: 'goes', to: name, strategy: 'cold', cause: { kind: 'drain', host: name } },
            reasoning: {
              gains: [],
              runnerUp: { host: name, difference: 1, objective: 'imbalance' },
              without: name,
            },
          },
          candidates: [{ host: name, here: true, feasible: false, constraint: name, message: name, score: null }],
        },
        plain,
      ),
  },
  { report: 'the Markdown of a plan', print: (name) => planMarkdown(planNamed(name)) },
];

describe.each(texts)('$report on a terminal or in a CI log', ({ print }) => {
  it.each(EVIL)('is not taken over by the name %j', (name) => {
    const text = print(name);
    expect(text).not.toMatch(TERMINAL);
    expect(text).not.toMatch(COMMAND);
  });
});

describe('the Markdown of a plan', () => {
  it.each(EVIL)('shows the name %j as it is', (name) => {
    const body = planMarkdown(planNamed(name)).split('\n').slice(1).join('\n').replaceAll('<br>', ' ');
    expect(body).not.toMatch(/<(?!!--)|<!--|\]\((?!\u200b)|(?<!\\)\]\(|:\/\/|@[a-z]/);
    for (const row of body.split('\n').filter((line) => line.startsWith('| '))) {
      expect(row.match(/(?<!\\)\|/g)).toHaveLength(7);
    }
  });
});

describe('annotations', () => {
  it.each(EVIL)('stay one command a line with the name %j', (name) => {
    const lines = githubAnnotations([found(name)]).split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^::error file=[^:,]*,line=1,col=1,title=Bad::/);
  });

  it('are at most ten of a kind, and the last one counts the rest', () => {
    const many = Array.from({ length: 25 }, () => found('x'));
    const lines = githubAnnotations([...many, { ...found('y'), severity: 'warning' }])
      .trimEnd()
      .split('\n');
    expect(lines.filter((line) => line.startsWith('::error'))).toHaveLength(10);
    expect(lines.filter((line) => line.startsWith('::warning'))).toHaveLength(1);
    expect(lines[9]).toBe('::error title=berth::16 more, see the SARIF report');
  });
});

describe('JSON and SARIF', () => {
  it.each(EVIL)('stay well formed with the name %j', (name) => {
    for (const text of [encodePlan(planNamed(name)), planSarif(planNamed(name), null), problemsSarif([found(name)])]) {
      expect(() => JSON.parse(text) as unknown).not.toThrow();
      // eslint-disable-next-line no-control-regex -- the point of the test
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    }
  });
});
