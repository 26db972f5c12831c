import { problem } from '../../model/index.js';
import type { Problem } from '../../model/index.js';
import { policyOf } from './story.js';
import type { Story } from './story.js';

/** The plan claims no more for itself than the cluster and the policies of its machines grant: moves at once, and time to be applied. */
export function checkLimits(story: Story): readonly Problem[] {
  const { plan, desired } = story;
  const policies = story.acts.flatMap((act) => policyOf(story, act) ?? []);
  const problems: Problem[] = [];
  for (const key of ['perHost', 'perGroup', 'perCluster'] as const) {
    const most = Math.min(desired.cluster.limits[key], ...policies.map((policy) => policy.limits[key]));
    if (plan.limits[key] >= 1 && plan.limits[key] <= most) continue;
    problems.push(problem({ code: 'WrongLimits', message: `${key} is ${plan.limits[key]}, the most is ${most}` }));
  }
  const ttls = (policies.length > 0 ? policies : desired.migrationPolicies).map((policy) => policy.planTtlSeconds);
  if (plan.expiresAt > plan.createdAt + Math.min(...ttls) * 1000) {
    const message = `it is good for ${(plan.expiresAt - plan.createdAt) / 1000} s, the policies say ${Math.min(...ttls)} s`;
    problems.push(problem({ code: 'InvalidPlan', message }));
  }
  return problems;
}
