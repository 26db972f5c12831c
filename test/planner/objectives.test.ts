import { describe, expect, it } from 'vitest';
import { schemaOf } from '../../src/documents/index.js';
import { OBJECTIVE_NAMES } from '../../src/model/index.js';
import { OBJECTIVES, scoresOf, totalOf, weightsFor } from '../../src/planner/objectives.js';
import { fixture } from './fixture.js';

const DRAWBACKS = {
  ...{ load: 0.5, memory: 0.4, groupLoad: 0.2, groupCrossing: 1 },
  ...{ strategy: 1, waiting: 0, waste: 0.25, functions: 0.5 },
};
const [policy] = fixture({ hosts: { a1: {} } }).desired.loadPolicies;
if (policy === undefined) throw new Error('the fixture has a load policy');

describe('the table of objectives', () => {
  it('has the names and default weights that the schema of LoadPolicy tells', () => {
    const written = schemaOf('LoadPolicy').properties?.['spec']?.properties?.['weights']?.properties ?? {};
    const defaults = Object.entries(written).map(([name, field]) => [name, 'default' in field ? field.default : null]);
    expect(defaults).toEqual(OBJECTIVE_NAMES.map((name) => [name, OBJECTIVES[name].weight]));
  });

  it('counts what saves hosts only where machines shall come together', () => {
    expect(weightsFor({ ...policy, goal: 'consolidate' })).toMatchObject({ hostsInUse: 1, imbalance: 0 });
    expect(weightsFor({ ...policy, goal: 'balance' })).toMatchObject({ hostsInUse: 0, imbalance: 1 });
  });

  it('scores a place by the sum of what speaks against it', () => {
    const scores = scoresOf(DRAWBACKS, null);
    expect(scores).toMatchObject({ imbalance: 0.5 + 0.2 + 0.05, migration: 1, groupCrossing: 2, fragmentation: 0.25 });
    expect(totalOf(scores)).toBeCloseTo(4, 12);
  });

  it('lets a policy that weighs the crossing of groups twice as much count it twice as much', () => {
    const weights = { ...policy.weights, groupCrossing: 0.2 };
    expect(scoresOf(DRAWBACKS, weights)).toEqual({ ...scoresOf(DRAWBACKS, null), groupCrossing: 4 });
  });
});
