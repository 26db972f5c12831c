import type { Plan } from '../../../../src/model/index.js';
import type { Dice } from '../../walk/walk.js';
import { pick } from './mutation.js';

/** Changes that replay accepts on purpose: they describe the plan, or make it stricter than it must be. */
export const HARMLESS: readonly {
  readonly reason: string;
  readonly change: (plan: Plan, dice: Dice) => Plan;
}[] = [
  {
    reason: 'a step waits for more than it must',
    change: (plan, dice) => {
      const order = inOrder(plan);
      const later = dice(order.length);
      const earlier = order[dice(Math.max(1, later))];
      return {
        ...plan,
        steps: plan.steps.map((step) =>
          step === order[later] && earlier !== undefined && earlier !== step
            ? { ...step, dependsOn: [...new Set([...step.dependsOn, earlier.id])] }
            : step,
        ),
      };
    },
  },
  {
    reason: 'a step makes sure of more than it must',
    change: (plan, dice) => {
      const step = pick(dice, plan.steps);
      const fact = { kind: 'host-up', host: plan.moves[0]?.to ?? '' } as const;
      const more = step === null ? [] : [...step.preconditions, fact];
      return { ...plan, steps: plan.steps.map((one) => (one === step ? { ...step, preconditions: more } : one)) };
    },
  },
  {
    reason: 'estimates are stale',
    change: (plan) => {
      const estimate = { seconds: 1, bytes: 2, downtimeMs: 3 };
      const moves = plan.moves.map((move) => ({ ...move, estimate }));
      return { ...plan, moves, steps: plan.steps.map((step) => ({ ...step, estimate })) };
    },
  },
  {
    reason: 'causes, gains, advice and reasons are worded otherwise',
    change: (plan) => {
      const told = { cause: 0, gain: 0.5, strategyReason: 'because', advice: 'Proceed' } as const;
      const causes = [{ kind: 'drain', host: 'h1' } as const];
      return { ...plan, causes, moves: plan.moves.map((move) => ({ ...move, ...told })) };
    },
  },
  {
    reason: 'a move says that it goes by a bypass host, or does not',
    change: (plan) => ({ ...plan, moves: plan.moves.map((move) => ({ ...move, bypass: !move.bypass })) }),
  },
  {
    reason: 'waves are grouped otherwise',
    change: (plan) => ({ ...plan, waves: [plan.steps.map(({ id }) => id)] }),
  },
  {
    reason: 'steps are listed in another order',
    change: (plan, dice) => ({ ...plan, steps: shuffled(plan.steps, dice) }),
  },
  {
    reason: 'refusals, drift, checks, projections and the summary are left out',
    change: (plan) => ({
      ...plan,
      ...{ refusals: [], drift: [], checks: [], projections: { before: [], after: [] } },
      summary: { moves: 0, deployments: 0, refusals: 0, seconds: 0, bytes: 0, downtimeMs: 0 },
    }),
  },
  {
    reason: 'it allows fewer moves at once',
    change: (plan) => ({ ...plan, limits: { perHost: 1, perGroup: 1, perCluster: 1 } }),
  },
  {
    reason: 'it expires earlier',
    change: (plan) => ({ ...plan, expiresAt: plan.createdAt + 1 }),
  },
  {
    reason: 'steps may take less time, and migrations less bandwidth and a shorter pause',
    change: (plan) => ({
      ...plan,
      steps: plan.steps.map((step) => ({
        ...step,
        deadlineSeconds: 1,
        actions: step.actions.map((action) =>
          action.kind === 'migrate' ? { ...action, maxDowntimeMs: 1, bandwidthMibps: 1, connections: 1 } : action,
        ),
      })),
    }),
  },
];

function inOrder({ steps }: Plan): Plan['steps'] {
  const done = new Set<string>();
  const order: Plan['steps'][number][] = [];
  while (order.length < steps.length) {
    const ready = steps.filter((step) => !done.has(step.id) && step.dependsOn.every((id) => done.has(id)));
    for (const step of ready) done.add(step.id);
    order.push(...ready);
    if (ready.length === 0) break;
  }
  return order;
}

function shuffled<T>(all: readonly T[], dice: Dice): readonly T[] {
  const left = [...all];
  const out: T[] = [];
  while (left.length > 0) out.push(...left.splice(dice(left.length), 1));
  return out;
}
