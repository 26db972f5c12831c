import type { Refusal } from '../../model/index.js';
import { percent } from '../percent.js';
import type { Answer, Feasible } from '../place/search.js';
import type { HotHost } from './hot-hosts.js';
import { migrationSeconds } from './judgement.js';
import type { Reliever } from './reliever.js';

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
  const horizonSeconds = Math.max(policy.cooldownSeconds, policy.windowSeconds * policy.holdWindows);
  const cost = migrationSeconds(machine, target);
  if (cost <= gain * horizonSeconds) return null;
  const message = `moving ${machine.name} costs ${Math.round(cost)} s and gains ${Math.round(gain * horizonSeconds)} s of load`;
  return refuse('NoBenefit', 'benefit', message);
}

/** Each host that was asked: its own constraint, or that the move is not worth it. */
function candidatesOf(all: readonly Answer[], constraint: string, message: string): Refusal['candidates'] {
  return all.map((answer) =>
    answer.kind === 'refused'
      ? { host: answer.host, constraint: answer.constraint, message: answer.message }
      : { host: answer.host, constraint, message },
  );
}
