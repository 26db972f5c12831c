import { describe, expect, it } from 'vitest';
import type { Instance, Rule } from '../../../src/planner/engine/instance.js';
import { NO_OBJECTIVES } from '../../../src/planner/engine/instance.js';
import { State } from '../../../src/planner/engine/state.js';

/** Three hosts; machines 0 and 1 are together on the first one, where the rule forbids it, machine 2 on the second. */
const crowd = (returns: boolean, hosts = 3): Instance => {
  const everywhere = Int32Array.from({ length: hosts }, (_, host) => host);
  const apart: Rule = { kind: 'apart', members: Int32Array.of(0, 1, 2), domain: 0, most: 1 };
  return {
    hosts,
    places: hosts,
    machines: 3,
    resources: 1,
    hostOf: everywhere,
    origin: Int32Array.of(0, 0, 1),
    fixed: new Uint8Array(3),
    demand: new Float64Array(3).fill(1),
    capacity: new Float64Array(hosts).fill(9),
    base: new Float64Array(hosts),
    transient: new Uint8Array(1),
    unary: null,
    rules: [returns ? { ...apart, returns: true } : apart],
    domains: [{ of: everywhere, count: hosts }],
    objectives: NO_OBJECTIVES,
  };
};

describe.each([
  ['counted', 3],
  ['kept in bits', 300],
])('The way home to a crowd of the start, %s', (_, hosts) => {
  it('is open where the rule says so, for those that were there alone', () => {
    for (const returns of [true, false]) {
      const state = new State(crowd(returns, hosts));
      state.shift(0, 2);
      expect(state.shiftDelta(0, 0)).toBe(returns ? 0 : Infinity);
      expect(state.shiftDelta(2, 0)).toBe(Infinity);
    }
  });

  it('is closed once a stranger stands there', () => {
    const state = new State(crowd(true, hosts));
    state.shift(0, 2);
    state.shift(1, hosts > 3 ? 3 : 1);
    state.shift(2, 0);
    expect(state.shiftDelta(0, 0)).toBe(Infinity);
  });
});
