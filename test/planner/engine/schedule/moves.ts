import { NO_OBJECTIVES } from '../../../../src/planner/engine/instance.js';
import type { Problem } from '../../../../src/planner/engine/schedule/index.js';
import { streamLimits } from '../../../../src/planner/engine/schedule/index.js';

/** Hosts with so much room each, and machines `[from, to, size]`; a move takes as many seconds as the machine is large. */
export function moves(room: readonly number[], machines: readonly (readonly [number, number, number])[]): Problem {
  const hosts = room.length;
  const hostOf = Int32Array.from(room.keys());
  return {
    instance: {
      hosts,
      places: hosts,
      machines: machines.length,
      resources: 1,
      hostOf,
      origin: Int32Array.from(machines, ([from]) => from),
      fixed: new Uint8Array(machines.length),
      demand: Float64Array.from(machines, ([, , size]) => size),
      capacity: Float64Array.from(room),
      base: new Float64Array(hosts),
      transient: Uint8Array.of(1),
      unary: null,
      rules: [],
      domains: [{ of: hostOf, count: hosts }],
      objectives: NO_OBJECTIVES,
    },
    target: Int32Array.from(machines, ([, to]) => to),
    seconds: Float64Array.from(machines, ([, , size]) => size),
    limits: streamLimits(hosts, 1),
    budgets: [],
    yielding: null,
  };
}
