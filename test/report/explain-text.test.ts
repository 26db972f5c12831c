import { describe, expect, it } from 'vitest';
import type { Decision } from '../../src/model/index.js';
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

  it('marks the present host, and tells which score is better', () => {
    expect(text('h1', { kind: 'stays', message: '' })).toMatch(
      /lower the score, the better[^]*✓ h1 +here {2}score 1\.000/,
    );
    expect(text(null, { kind: 'stays', message: '' })).not.toMatch(/ here /);
  });
});
