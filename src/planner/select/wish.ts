import type { Cause, Move, Refusal } from '../../model/index.js';
import type { Feasible, Refused } from '../place/search.js';
import type { Source } from '../strategy.js';
import type { MachineView } from '../view.js';
import type { Judgement } from './judgement.js';

/** A machine that shall be somewhere else (or start), before anything is said about the order. */
export interface Wish {
  readonly machine: MachineView;
  readonly source: Source;
  readonly target: Feasible;
  readonly cause: Cause;
  readonly gain: number;
  readonly advice: Move['advice'];
  readonly judgement: Judgement;
}

/**
 * What is said of a machine that a goal sends elsewhere: one that had to move anyhow keeps its cause and what that gains, and says for whose sake it
 * goes on.
 */
export function sentOn(
  before: Wish | undefined,
  cause: Cause,
  judgement: Judgement,
): Pick<Wish, 'cause' | 'gain' | 'judgement'> {
  if (before === undefined) return { cause, gain: 0, judgement };
  const { also = [], gains } = before.judgement;
  const isSame =
    'policy' in cause && [before.cause, ...also].some((one) => 'policy' in one && one.policy === cause.policy);
  const told = new Set(judgement.gains.map(({ objective }) => objective));
  const kept = isSame ? [] : gains.filter(({ objective }) => !told.has(objective));
  return {
    ...{ cause: before.cause, gain: before.gain },
    judgement: { ...judgement, gains: [...kept, ...judgement.gains], also: isSame ? also : [...also, cause] },
  };
}

export type Refusals = ReadonlyMap<string, Refusal>;

/** A refusal of a machine that no host can take, with the reason and the advice that its candidates give. */
export function noPlace(machine: string, message: string, refused: readonly Refused[]): Refusal {
  const only = (constraint: string) => refused.filter((answer) => answer.constraint === constraint);
  const candidates = refused.map(({ host, constraint, message: why }) => ({ host, constraint, message: why }));
  return {
    machine,
    reason: only('strategy').length > 0 ? 'NoStrategy' : 'NoFeasibleHost',
    message,
    advice: adviceFrom(refused),
    candidates,
  };
}

/** Ciano's three ways out, the nearest first: change the machine, take another host, ask a person; or wait for room. */
function adviceFrom(refused: readonly Refused[]): Refusal['advice'] {
  const binding = new Set(refused.map((answer) => answer.constraint));
  if (binding.has('strategy')) return 'Reconfigure';
  if (binding.has('requested-host') || binding.has('pin')) return 'OtherHost';
  if (
    ['capacity', 'free-devices', 'load', 'host-state', 'hugepages', 'isolated-cpus'].some((name) => binding.has(name))
  ) {
    return 'Wait';
  }
  return 'AskOperator';
}

/** How the chosen place relates to the plain move: another strategy than the first choice, or another host than the best. */
export function adviceOf(machine: MachineView, target: Feasible, refused: readonly Refused[]): Move['advice'] {
  if (machine.running === null) return 'Proceed';
  if (target.strategy !== machine.desired.strategies[0]) return 'Reconfigure';
  return refused.some((answer) => answer.constraint === 'strategy') ? 'OtherHost' : 'Proceed';
}
