import type { Check, Desired, MigrationPolicy, Plan } from '../model/index.js';
import { closedSentence, isOpenAt, nextOpening } from '../planner/index.js';
import type { Hold } from './facts.js';

/**
 * What policies say to a plan right before it is carried out, whoever made it and whenever: budget, consent, time.
 * The answers of an older plan may be out of date, so they are not read.
 */
export function gates(plan: Plan, desired: Desired, now: number): readonly Check[] {
  const policies = policiesOf(plan, desired);
  if (plan.moves.length === 0) return [];
  return [
    ...policies.map((policy) => blastRadius(plan, desired, policy)),
    ...policies.map((policy) => approval(plan, desired, policy, now)),
    ...policies.map((policy) => window(policy, now)),
  ];
}

/** When the first of the windows opens for which a plan waited at that time (epoch milliseconds); null when it waits for none that ever does. */
export function firstOpening(plan: Plan, desired: Desired, at: number): number | null {
  const closed = policiesOf(plan, desired).filter((policy) => !isOpenAt(policy, at));
  const openings = closed.map((policy) => nextOpening(policy, at)).filter((opening) => opening !== null);
  return openings.length === 0 ? null : Math.min(...openings);
}

/** The first check that is not passed, as the reason to begin nothing. */
export function holdOf(checks: readonly Check[]): Hold | null {
  const closed = checks.find((check) => check.result !== 'passed');
  if (closed === undefined) return null;
  switch (closed.name) {
    case 'blast-radius':
      return { reason: 'BlastRadius', message: closed.message };
    case 'approval':
      return { reason: 'ApprovalRequired', message: closed.message };
    case 'window':
      return { reason: 'WindowClosed', message: closed.message };
    case 'replay':
      return { reason: 'PlanRejected', message: closed.message };
  }
}

function policiesOf(plan: Plan, desired: Desired): readonly MigrationPolicy[] {
  const moving = new Set(plan.moves.map((move) => move.machine));
  const names = new Set(
    desired.machines.filter((machine) => moving.has(machine.name)).map((machine) => machine.migrationPolicy),
  );
  return desired.migrationPolicies.filter((policy) => names.has(policy.name));
}

/** A first start disturbs nobody and does not count. */
function blastRadius(plan: Plan, desired: Desired, policy: MigrationPolicy): Check {
  const moves = plan.moves.filter((move) => move.from !== null);
  const share = new Set(moves.map((move) => move.machine)).size / Math.max(1, desired.machines.length);
  const { maxMoves, maxShare } = policy.blastRadius;
  const percent = (ratio: number): string => `${Math.round(ratio * 100)} %`;
  const counted = moves.length === 1 ? '1 move' : `${moves.length} moves`;
  const size = `${counted}, ${percent(share)} of the machines`;
  if (moves.length <= maxMoves && share <= maxShare) return { name: 'blast-radius', result: 'passed', message: size };
  const message = `${size}; policy ${policy.name} allows ${maxMoves} at most, and ${percent(maxShare)}`;
  return { name: 'blast-radius', result: 'denied', message };
}

function approval(plan: Plan, desired: Desired, policy: MigrationPolicy, now: number): Check {
  if (policy.approval === 'none') return { name: 'approval', result: 'passed', message: 'not required' };
  const given = desired.approvals.find(
    (consent) =>
      consent.planHash.replace(/^sha256:/, '') === plan.planHash &&
      (consent.expiresAt === null || consent.expiresAt > now),
  );
  return given === undefined
    ? {
        name: 'approval',
        result: 'waiting',
        message: `policy ${policy.name} asks for an Approval of plan ${plan.planHash}`,
      }
    : { name: 'approval', result: 'passed', message: `${given.approvedBy} approved it (${given.name})` };
}

function window(policy: MigrationPolicy, now: number): Check {
  if (policy.windows.length === 0) return { name: 'window', result: 'passed', message: 'always open' };
  return isOpenAt(policy, now)
    ? { name: 'window', result: 'passed', message: 'open now' }
    : { name: 'window', result: 'waiting', message: closedSentence(policy, now) };
}
