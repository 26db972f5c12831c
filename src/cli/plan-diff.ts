import type { Plan } from '../model/index.js';
import { causeSentence, plain, type Paint } from '../report/index.js';

/** What becomes of one machine under one plan and under another; null where the plan leaves it alone. */
export interface Difference {
  readonly subject: string;
  readonly base: string | null;
  readonly head: string | null;
}

/** Machines of which two plans, made from the same observed state, make something else. */
export function comparePlans(base: Plan, head: Plan): readonly Difference[] {
  const [before, after] = [fates(base), fates(head)];
  return [...new Set([...before.keys(), ...after.keys()])]
    .sort()
    .map((subject) => ({ subject, base: before.get(subject) ?? null, head: after.get(subject) ?? null }))
    .filter((one) => one.base !== one.head);
}

/** What a plan makes of what it touches or speaks of, one sentence a subject. */
export function fates(plan: Plan): ReadonlyMap<string, string> {
  const fates = new Map<string, string>();
  const add = (subject: string, text: string): void => {
    const before = fates.get(subject);
    fates.set(subject, before === undefined ? text : `${before}; ${text}`);
  };
  for (const { machine, from, to, strategy, cause } of plan.moves) {
    const why = plan.causes[cause];
    const way = from === null ? `starts on ${to}` : `${from} → ${to} (${strategy})`;
    add(`VirtualMachine/${machine}`, why === undefined ? way : `${way}, because ${causeSentence(why)}`);
  }
  for (const { machine, reason, message } of plan.refusals) add(`VirtualMachine/${machine}`, `${reason}: ${message}`);
  for (const { subject, code, message } of plan.drift) add(subject, `${code}: ${message}`);
  return fates;
}

/** Differences in the manner of a unified diff; empty when there are none. */
export function differencesText(
  differences: readonly Difference[],
  names: readonly [string, string],
  ink: Paint,
): string {
  if (differences.length === 0) return '';
  const lines = differences.flatMap(({ subject, base, head }) => [
    ink.bold(plain(subject)),
    ...(base === null ? [] : [ink.red(`-  ${plain(base)}`)]),
    ...(head === null ? [] : [ink.green(`+  ${plain(head)}`)]),
  ]);
  return `${[ink.red(`--- ${plain(names[0])}`), ink.green(`+++ ${plain(names[1])}`), ...lines].join('\n')}\n`;
}
