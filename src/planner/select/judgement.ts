import type { Cause, Objective, Reasoning, RunnerUp, Weights } from '../../model/index.js';
import { OBJECTIVE_NAMES } from '../../model/index.js';
import type { Answer, Feasible } from '../place/search.js';
import type { MachineView, View } from '../view.js';

/** What the choice of a move came from, kept so that the plan can tell it. */
export interface Judgement extends Pick<Reasoning, 'gains'> {
  /** Null for a place that a goal chose: its runner-up is looked for when all moves are known (`goal-choices.ts`). */
  readonly runnerUp: Reasoning['runnerUp'];
  /** Said of a move that was chosen with others: why it has no runner-up. */
  readonly together?: string;
  /** Goals that sent the machine on after its cause had sent it away. */
  readonly also?: readonly Cause[];
}

/** The judgement of a place that was chosen among the answers of hosts; `relieved`: excess load that the source is rid of. */
export function judgementOf(
  view: View,
  machine: MachineView,
  target: Feasible,
  all: readonly Answer[],
  relieved = 0,
): Judgement {
  const gains = [
    { objective: 'overload' as const, gain: relieved },
    { objective: 'migration' as const, gain: machine.running === null ? 0 : -migrationMinutes(machine, target) },
    { objective: 'groupCrossing' as const, gain: isCrossing(view, machine, target.host) ? -1 : 0 },
  ];
  return { gains: gains.filter(({ gain }) => gain !== 0), runnerUp: runnerUpOf(target, all) };
}

/** What is said of one of so many moves that do something, such as `open room for vm`, only together. */
export function togetherTo(moves: number, what: string): string {
  return moves === 1 ? `it was chosen to ${what}` : `it is one of ${moves} moves that ${what} only together`;
}

/** What the move costs: minutes of transfer, and of downtime by the machine's weight. */
export function migrationMinutes(machine: MachineView, { estimate }: Pick<Feasible, 'estimate'>): number {
  return migrationSeconds(machine, { estimate }) / 60;
}

/** The same in seconds. */
export function migrationSeconds({ desired }: MachineView, { estimate }: Pick<Feasible, 'estimate'>): number {
  return estimate.seconds + (estimate.downtimeMs / 1000) * desired.migrationWeight;
}

/** True when the machine would leave its access group. */
export function isCrossing(view: View, machine: MachineView, host: string): boolean {
  const from = view.hosts.get(machine.running?.host ?? '');
  return from !== undefined && from.desired.accessGroup !== view.hosts.get(host)?.desired.accessGroup;
}

/** The objective of which `worse` has most more than `better`. */
export function mostAgainst(worse: Weights, better: Weights): Objective {
  const more = (name: Objective) => worse[name] - better[name];
  return OBJECTIVE_NAMES.toSorted((a, b) => more(b) - more(a))[0] ?? 'migration';
}

/** The best other place, where the machine is not already. */
function runnerUpOf(target: Feasible, all: readonly Answer[]): RunnerUp | null {
  const next = all.find((answer) => answer.kind === 'feasible' && answer.host !== target.host);
  if (next?.kind !== 'feasible') return null;
  const difference = next.score - target.score;
  return { host: next.host, difference, objective: mostAgainst(next.scores, target.scores) };
}
