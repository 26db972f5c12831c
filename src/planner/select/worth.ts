import type { LoadPolicy, Refusal } from '../../model/index.js';
import { percent } from '../percent.js';
import type { Answer, Feasible } from '../place/search.js';
import type { HotHost } from './hot-hosts.js';
import { migrationSeconds } from './judgement.js';
import type { Reliever } from './reliever.js';
import type { Wish } from './wish.js';

/** Why a move of load relief does not gain enough, or costs more than it gains until the machine may move again; null when it does. */
export function notWorthIt(
  hot: HotHost,
  { machine, gain }: Reliever,
  target: Feasible,
  all: readonly Answer[],
): Refusal | null {
  const { policy } = hot;
  const refuse = (reason: 'GainTooSmall' | 'NoBenefit', constraint: string, message: string): Refusal => {
    return {
      machine: machine.name,
      reason,
      message,
      advice: 'Wait',
      candidates: candidatesOf(all, constraint, message),
    };
  };
  if (gain < policy.minimumGain) {
    const message = `${machine.name} would relieve ${hot.host.name} by ${percent(gain)} only`;
    return refuse('GainTooSmall', 'minimum-gain', message);
  }
  const worth = gain * horizonSeconds(policy);
  const cost = migrationSeconds(machine, target);
  if (cost <= worth) return null;
  const message = `moving ${machine.name} costs ${Math.round(cost)} s and gains ${Math.round(worth)} s of load`;
  return refuse('NoBenefit', 'benefit', message);
}

/** Whether moves that relieve a host together gain enough: each as much as one must, on average, and more than they cost. */
export function isWorthAll({ policy }: HotHost, gain: number, wishes: readonly Wish[]): boolean {
  const cost = wishes.reduce((sum, { machine, target }) => sum + migrationSeconds(machine, target), 0);
  return gain >= policy.minimumGain * wishes.length && cost <= gain * horizonSeconds(policy);
}

/** For so long a machine that moved stays where it is. */
function horizonSeconds({ cooldownSeconds, windowSeconds, holdWindows }: LoadPolicy): number {
  return Math.max(cooldownSeconds, windowSeconds * holdWindows);
}

/** Each host that was asked: its own constraint, or that the move is not worth it. */
function candidatesOf(all: readonly Answer[], constraint: string, message: string): Refusal['candidates'] {
  return all.map((answer) =>
    answer.kind === 'refused'
      ? { host: answer.host, constraint: answer.constraint, message: answer.message }
      : { host: answer.host, constraint, message },
  );
}
