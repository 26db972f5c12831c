import type { Plan } from '../model/index.js';
import { paint } from './paint.js';
import { plain } from './escape.js';
import { shortHash } from './quantity.js';

/** How the observed cluster differs from what is committed, in the manner of a unified diff; empty when it does not. */
export function diffText(plan: Plan, options: { readonly color: boolean }): string {
  const ink = paint(options.color);
  const moved = [...new Set(plan.moves.map((move) => move.machine))].map((machine) => {
    const moves = plan.moves.filter((move) => move.machine === machine);
    const [first, last] = [moves[0], moves.at(-1)];
    const from = first?.from ?? null;
    const claims = (last?.assignments ?? []).flatMap(({ claim, to }) => {
      const old = first?.assignments.find((assignment) => assignment.claim === claim)?.from ?? null;
      return [
        ...(old === null ? [] : [ink.red(`-  ${plain(claim)}: ${plain(old)}`)]),
        ink.green(`+  ${plain(claim)}: ${plain(to)}`),
      ];
    });
    return [
      ink.bold(`VirtualMachine/${plain(machine)}`),
      ...(from === null ? [] : [ink.red(`-  host: ${plain(from)}`)]),
      ink.green(`+  host: ${plain(last?.to ?? '')}`),
      ...claims,
    ];
  });
  const refused = plan.refusals.map(({ machine, reason, message }) => [
    ink.bold(`VirtualMachine/${plain(machine)}`),
    ink.yellow(`!  ${reason}: ${plain(message)}`),
  ]);
  const drift = plan.drift.map(({ subject, code, message }) => [
    ink.bold(plain(subject)),
    ink.yellow(`!  ${plain(code)}: ${plain(message)}`),
  ]);
  const blocks = [...moved, ...refused, ...drift];
  if (blocks.length === 0) return '';
  const head = [
    ink.red(`--- observed ${plain(shortHash(plan.observedFingerprint))}`),
    ink.green(`+++ committed ${plain(shortHash(plan.baseRevision))}`),
  ];
  return `${[...head, ...blocks.flat()].join('\n')}\n`;
}
