import { Cron } from 'croner';
import type { MigrationPolicy } from '../model/index.js';

/** True when a maintenance window of the policy is open at that time (epoch milliseconds, windows in UTC), or it has none. */
export function isOpenAt(policy: Pick<MigrationPolicy, 'windows'>, at: number): boolean {
  if (policy.windows.length === 0) return true;
  return policy.windows.some(({ cron, durationMinutes }) => {
    const opened = nextStart(cron, at - durationMinutes * 60_000);
    return opened !== null && opened <= at;
  });
}

/** One sentence about the closed windows of a policy: when the next one opens. */
export function closedSentence(policy: Pick<MigrationPolicy, 'name' | 'windows'>, at: number): string {
  const next = nextOpening(policy, at);
  const when = next === null ? 'never' : new Date(next).toISOString();
  return `the maintenance windows of migration policy ${policy.name} are closed; the next one opens: ${when}`;
}

/** When the next window opens after that time, null when none ever does. */
export function nextOpening(policy: Pick<MigrationPolicy, 'windows'>, at: number): number | null {
  const starts = policy.windows.map(({ cron }) => nextStart(cron, at)).filter((start) => start !== null);
  return starts.length === 0 ? null : Math.min(...starts);
}

function nextStart(cron: string, after: number): number | null {
  return new Cron(cron, { timezone: 'UTC', paused: true }).nextRun(new Date(after))?.getTime() ?? null;
}
