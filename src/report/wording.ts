import type { Cause, Estimate, Metric, Move, Objective, Plan, Reasoning, RunnerUp, Step } from '../model/index.js';
import { bytesText, countText, downtimeText, percentText, secondsText } from './quantity.js';

/** One sentence: why the planner wanted to change something. */
export function causeSentence(cause: Cause): string {
  switch (cause.kind) {
    case 'load':
      return `host ${cause.host}: ${cause.metric} at ${percentText(cause.value)}, above ${percentText(cause.threshold)} (load policy ${cause.policy})`;
    case 'balance':
      return `${cause.metric} deviates by ${percentText(cause.deviation)} between hosts (standard deviation), more than ${percentText(cause.tolerance)} (load policy ${cause.policy})`;
    case 'consolidate':
      return `host ${cause.host} can be emptied (load policy ${cause.policy})`;
    case 'defragment':
      return `${cause.machine === '' ? 'a slot' : cause.machine} finds no room (load policy ${cause.policy})`;
    case 'drain':
      return `host ${cause.host} is drained for maintenance`;
    case 'deploy':
      return `machine ${cause.machine} runs nowhere yet`;
    case 'placement':
      return `machine ${cause.machine} is placed against ${cause.constraint}: ${cause.message}`;
    case 'requested':
      return `machine ${cause.machine}: ${cause.message}`;
  }
}

/** `12 s, 16.0 GiB, 150 ms downtime`. */
export function estimatePhrase(estimate: Estimate): string {
  return `${secondsText(estimate.seconds)}, ${bytesText(estimate.bytes)}, ${downtimeText(estimate.downtimeMs)} downtime`;
}

/** The plan in one sentence. */
export function summarySentence(plan: Plan): string {
  const { moves, deployments, refusals } = plan.summary;
  if (moves + deployments === 0) {
    if (refusals === 0) return idleSentence(plan);
    return `Nothing can be done: ${countText(refusals, 'change')} refused.`;
  }
  const parts = [countText(moves, 'move'), countText(deployments, 'deployment'), `${refusals} refused`];
  return `${parts.join(', ')}; about ${estimatePhrase(plan.summary)}.`;
}

function idleSentence({ drift }: Plan): string {
  if (drift.some(({ code }) => code === 'MoveInFlight')) return 'Nothing new to do: a move is under way.';
  const left = drift.filter(({ code }) => code === 'ExpiredDummy').length;
  return left === 0
    ? 'Nothing to do.'
    : `Nothing to move; the next reconcile removes ${countText(left, 'expired dummy VM')}.`;
}

/** What the move is, beyond from and to. */
export function moveNote(move: Move): string {
  const notes = [
    move.bypass ? 'bypass, moves on later' : '',
    move.advice === 'Proceed' ? '' : `advice: ${move.advice}`,
  ];
  return notes.filter((note) => note !== '').join('; ');
}

/** Lines that say what a move changes, where the machine would go else, and what there would be without it. */
export function reasoningLines({ gains, runnerUp, alone, without }: Reasoning): readonly string[] {
  const changes = gains.map(({ objective, gain }) => `${OBJECTIVE_WORDS[objective]} ${changeText(objective, -gain)}`);
  return [
    ...(changes.length === 0 ? [] : [`changes: ${changes.join(', ')}`]),
    ...(runnerUp === null ? [] : [runnerUpPhrase(runnerUp)]),
    ...(alone === undefined ? [] : [`runner-up: none, ${alone}`]),
    `without it: ${without}`,
  ];
}

function runnerUpPhrase({ host, difference, objective }: RunnerUp): string {
  const worse = difference.toFixed(2);
  if (Number(worse) <= 0) return `runner-up: ${host}, no worse by any objective`;
  return `runner-up: ${host}, worse by ${worse}, most of it ${OBJECTIVE_WORDS[objective]}`;
}

const OBJECTIVE_WORDS: Readonly<Record<Objective, string>> = {
  overload: 'load above high',
  imbalance: 'imbalance',
  migration: 'migration',
  fragmentation: 'fragmentation',
  groupCrossing: 'group crossing',
  hostsInUse: 'hosts in use',
};

/** With a sign; by the unit of the objective. */
function changeText(objective: Objective, change: number): string {
  const sign = change < 0 ? '−' : '+';
  const amount = Math.abs(change);
  switch (objective) {
    case 'overload':
    case 'imbalance':
      return `${sign}${percentText(amount)}`;
    case 'migration':
      return `${sign}${secondsText(amount * 60)}`;
    case 'fragmentation':
    case 'groupCrossing':
    case 'hostsInUse':
      return `${sign}${Math.round(amount * 100) / 100}`;
  }
}

/** One line for each host whose load the plan changes: before and after, by metric. */
export function loadLines(plan: Plan): readonly string[] {
  const before = new Map(plan.projections.before.map((projection) => [projection.host, projection.load]));
  return plan.projections.after.flatMap(({ host, load }) => {
    const changes = METRICS.flatMap((metric) => {
      const [old, value] = [before.get(host)?.[metric], load[metric]];
      if (old === undefined || value === undefined || percentText(old) === percentText(value)) return [];
      return [`${metric} ${percentText(old)} → ${percentText(value)}`];
    });
    return changes.length === 0 ? [] : [`${host}  ${changes.join(', ')}`];
  });
}

const METRICS: readonly Metric[] = ['cpu', 'memory', 'network', 'cpu-delay', 'vf-packets'];

/** One line for each wave: the kinds of its steps, and the machines that take them. */
export function waveLines(plan: Plan): readonly string[] {
  const steps = new Map<string, Step>(plan.steps.map((step) => [step.id, step]));
  const machines = new Map<string, string>(plan.moves.map((move) => [move.id, move.machine]));
  return plan.waves.map((wave) => {
    const byKind = new Map<string, Set<string>>();
    for (const id of wave) {
      const step = steps.get(id);
      if (step === undefined) continue;
      const named = byKind.get(step.kind) ?? new Set<string>();
      byKind.set(step.kind, named.add(machines.get(step.move) ?? step.move));
    }
    return [...byKind].map(([kind, names]) => `${kind} ${shortList([...names])}`).join(' · ');
  });
}

function shortList(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(', ');
  return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown;
}
