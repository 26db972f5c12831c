import { problem } from '../model/index.js';
import type { Desired, Place, Plan, Problem } from '../model/index.js';

/** What a reviewer should see of a plan, as problems at the places where the machines are written. */
export function planFindings(plan: Plan, desired: Desired | null): readonly Problem[] {
  const places = new Map<string, Place>(desired?.machines.map((machine) => [machine.name, machine.place]));
  const cluster = desired?.cluster.place ?? null;
  return [
    ...plan.checks
      .filter((check) => check.result !== 'passed')
      .map(({ name, result, message }) =>
        problem({
          code: `Check${result === 'denied' ? 'Denied' : 'Waiting'}`,
          severity: result === 'denied' ? 'error' : 'warning',
          message: `${name}: ${message}`,
          place: cluster,
        }),
      ),
    ...plan.refusals.map(({ machine, reason, message, advice }) =>
      problem({
        ...{ code: reason, severity: 'warning', message: `${machine} is not moved: ${message}` },
        ...{ place: places.get(machine) ?? cluster, hint: `advice: ${advice}` },
      }),
    ),
    ...plan.drift.map(({ subject, code, message }) =>
      problem({ code, severity: 'warning', message: `${subject}: ${message}`, place: cluster }),
    ),
  ];
}
