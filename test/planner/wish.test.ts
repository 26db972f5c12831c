import { describe, expect, it } from 'vitest';
import type { Cause } from '../../src/model/index.js';
import type { Wish } from '../../src/planner/select/wish.js';
import { sentOn } from '../../src/planner/select/wish.js';
import { viewOf } from '../../src/planner/view.js';
import { fixture } from './fixture.js';

const { desired, world } = fixture({ hosts: { h1: {} }, machines: { vm: { on: 'h1' } } });
const machine = viewOf(desired, world).machines.get('vm');

const hot: Cause = { kind: 'load', host: 'h1', metric: 'cpu', value: 0.9, threshold: 0.8, policy: 'load' };
const emptied: Cause = { kind: 'consolidate', host: 'h2', policy: 'night' };
const cheap = [
  { objective: 'hostsInUse' as const, gain: 1 },
  { objective: 'migration' as const, gain: -2 },
];

function relieved(also: readonly Cause[] = []): Wish {
  if (machine === undefined) throw new Error('the fixture has no vm');
  const target = { kind: 'feasible', host: 'h2' } as Wish['target'];
  const gains = [
    { objective: 'overload' as const, gain: 0.2 },
    { objective: 'migration' as const, gain: -1 },
  ];
  return {
    machine,
    source: null,
    target,
    cause: hot,
    gain: 0.2,
    advice: 'Proceed',
    judgement: { gains, runnerUp: null, also },
  };
}

describe('a machine that a goal sends on', () => {
  it('keeps its cause and what that gains, counts its costs once, and says for whose sake it goes on', () => {
    expect(sentOn(relieved(), emptied, { gains: cheap, runnerUp: null })).toEqual({
      cause: hot,
      gain: 0.2,
      judgement: { gains: [{ objective: 'overload', gain: 0.2 }, ...cheap], runnerUp: null, also: [emptied] },
    });
  });

  it('says so once of a policy that sends it on again', () => {
    const { judgement } = sentOn(relieved([emptied]), { ...emptied, host: 'h3' }, { gains: cheap, runnerUp: null });
    expect(judgement).toEqual({ gains: cheap, runnerUp: null, also: [emptied] });
  });

  it('that had no cause to move has that of the goal', () => {
    const judgement = { gains: cheap, runnerUp: null };
    expect(sentOn(undefined, emptied, judgement)).toEqual({ cause: emptied, gain: 0, judgement });
  });
});
