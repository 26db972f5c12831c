import type { Approval, Check, Desired, MigrationPolicy, Move } from '../model/index.js';
import { percent } from './percent.js';
import type { View } from './view.js';
import { closedSentence, isOpenAt } from './windows.js';

/** The verdicts of the policies on a plan that would change something. */
export function checksOf(view: View, moves: readonly Move[], planHash: string): readonly Check[] {
  if (moves.length === 0) return [];
  const policies = policiesOf(view, moves);
  return [
    blastRadius(view, moves, policies),
    approval(view.desired, view.world.at, policies, planHash),
    window(view.world.at, policies),
  ];
}

/** Policies of the machines that move, each once, by name. */
export function policiesOf(view: View, moves: readonly Move[]): readonly MigrationPolicy[] {
  const found = moves.flatMap((move) => view.machines.get(move.machine)?.policy ?? []);
  return [...new Set(found)].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** A first start disturbs nobody, so that it does not count. */
function blastRadius(view: View, moves: readonly Move[], policies: readonly MigrationPolicy[]): Check {
  const moved = moves.filter((move) => move.from !== null);
  const share = new Set(moved.map((move) => move.machine)).size / Math.max(1, view.machines.size);
  for (const { name, blastRadius: budget } of policies) {
    if (moved.length > budget.maxMoves) {
      return denied(`the plan has ${counted(moved.length)}; migration policy ${name} allows ${budget.maxMoves}`);
    }
    if (share > budget.maxShare) {
      const allowed = percent(budget.maxShare);
      return denied(`the plan moves ${percent(share)} of the machines; migration policy ${name} allows ${allowed}`);
    }
  }
  return {
    name: 'blast-radius',
    result: 'passed',
    message: `${counted(moved.length)}, ${percent(share)} of the machines`,
  };
}

function counted(moves: number): string {
  return moves === 1 ? '1 move' : `${moves} moves`;
}

function denied(message: string): Check {
  return { name: 'blast-radius', result: 'denied', message };
}

function approval(desired: Desired, at: number, policies: readonly MigrationPolicy[], planHash: string): Check {
  const asking = policies.find((policy) => policy.approval === 'required');
  if (asking === undefined) return { name: 'approval', result: 'passed', message: 'no approval is required' };
  const given = desired.approvals.find((entry) => bareHash(entry) === planHash);
  if (given === undefined) {
    const message = `migration policy ${asking.name} requires an Approval of the plan ${planHash}`;
    return { name: 'approval', result: 'waiting', message };
  }
  if (given.expiresAt !== null && given.expiresAt <= at) {
    return { name: 'approval', result: 'waiting', message: `the approval ${given.name} has expired` };
  }
  return { name: 'approval', result: 'passed', message: `approved by ${given.approvedBy}` };
}

function bareHash({ planHash }: Approval): string {
  return planHash.replace(/^sha256:/, '');
}

function window(at: number, policies: readonly MigrationPolicy[]): Check {
  const closed = policies.find((policy) => !isOpenAt(policy, at));
  if (closed === undefined) return { name: 'window', result: 'passed', message: 'moves may start now' };
  return { name: 'window', result: 'waiting', message: closedSentence(closed, at) };
}
