import { describe, expect, it } from 'vitest';
import type { Decision } from '../../src/model/index.js';
import { explain } from '../../src/planner/index.js';
import { fixture } from '../planner/fixture.js';
import { explainText } from '../../src/report/index.js';

const text = (host: string | null, decision: Decision): string =>
  explainText(
    {
      ...{ machine: 'vm', host, decision },
      candidates: [
        { host: 'h1', here: host === 'h1', feasible: true, constraint: '', message: '', score: 1 },
        { host: 'h2', here: false, feasible: false, constraint: 'load', message: 'too hot', score: null },
      ],
    },
    { color: false },
  );

describe('an explanation for people', () => {
  const deploy = { kind: 'deploy', machine: 'vm' } as const;
  const refused = { kind: 'refused', reason: 'Cooldown', message: 'it moved', advice: 'Wait' } as const;
  it.each<{ host: string | null; decision: Decision; says: string }>([
    {
      ...{ host: 'h1', says: 'it goes to h2 by cold: host h1 is drained for maintenance' },
      decision: { kind: 'goes', to: 'h2', strategy: 'cold', cause: { kind: 'drain', host: 'h1' } },
    },
    {
      ...{ host: null, says: 'it starts on h1: machine vm runs nowhere yet' },
      decision: { kind: 'goes', to: 'h1', strategy: 'cold', cause: deploy },
    },
    { host: 'h1', decision: refused, says: 'its move is refused: Cooldown: it moved (advice: Wait)' },
    { host: null, decision: refused, says: 'it cannot start: Cooldown: it moved (advice: Wait)' },
    { host: 'h1', decision: { kind: 'stays', message: 'nothing asks it' }, says: 'it stays: nothing asks it' },
  ])('says: $says', ({ host, decision, says }) => {
    expect(text(host, decision).split('\n')[1]).toBe(`  ${says}`);
  });

  it('says what a move changes, where the machine would go else, and what there would be without it', () => {
    const reasoning = {
      gains: [
        { objective: 'overload' as const, gain: 0.11 },
        { objective: 'migration' as const, gain: -0.25 },
        { objective: 'groupCrossing' as const, gain: -1 },
      ],
      runnerUp: { host: 'h3', difference: 2.125, objective: 'imbalance' as const },
      without: 'cpu of h1 would be 91 %, above 80 %',
    };
    const shown = text('h1', {
      kind: 'goes',
      to: 'h2',
      strategy: 'cold',
      cause: { kind: 'drain', host: 'h1' },
      reasoning,
    });
    expect(shown.split('\n').slice(2, 5)).toEqual([
      '  changes: load above high −11 %, migration +15 s, group crossing +1',
      '  runner-up: h3, worse by 2.13, most of it imbalance',
      '  without it: cpu of h1 would be 91 %, above 80 %',
    ]);
  });

  it('says where a machine steps aside to, and why a move has no runner-up', () => {
    const shown = text('h1', {
      ...{ kind: 'goes', to: 'h2', strategy: 'cold', cause: { kind: 'drain', host: 'h1' } },
      asides: [{ host: 'h3', reason: 'vm and a machine on h2 would wait for each other' }],
      reasoning: { gains: [], runnerUp: null, alone: 'no other host could take it', without: 'vm would stay' },
    });
    expect(shown.split('\n').slice(2, 5)).toEqual([
      '  it steps aside to h3 first; otherwise vm and a machine on h2 would wait for each other',
      '  runner-up: none, no other host could take it',
      '  without it: vm would stay',
    ]);
  });

  it('names the hosts of a machine that runs twice, and never says that it runs nowhere', () => {
    const { desired, world } = fixture({ hosts: { h1: {}, h2: {} }, machines: { vm: { on: 'h1' } } });
    const machines = world.machines.flatMap((copy) => [copy, { ...copy, host: 'h2' }]);
    const shown = explainText(explain(desired, { ...world, machines }, 'vm'), { color: false });
    expect(shown.split('\n').slice(0, 2)).toEqual([
      'vm runs more than once',
      '  vm runs on h1 and h2 at once; only a person can settle which copy is the right one',
    ]);
  });

  it('marks the present host, and tells which score is better', () => {
    expect(text('h1', { kind: 'stays', message: '' })).toMatch(
      /lower the score, the better[^]*✓ h1 +here {2}score 1\.000/,
    );
    expect(text(null, { kind: 'stays', message: '' })).not.toMatch(/ here /);
  });
});
