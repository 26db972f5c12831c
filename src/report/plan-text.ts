import type { Move, Plan } from '../model/index.js';
import {
  causeSentence,
  estimatePhrase,
  loadLines,
  moveNote,
  reasoningLines,
  summarySentence,
  waveLines,
} from './wording.js';
import { paint } from './paint.js';
import type { Paint } from './paint.js';
import { plain } from './escape.js';
import { shortHash, timeText } from './quantity.js';

/** A plan as a person reads it on a terminal; `color` switches ANSI colours on. */
export function planText(plan: Plan, options: { readonly color: boolean }): string {
  const ink = paint(options.color);
  const title = ink.bold(`Plan ${shortHash(plan.planHash)}`);
  const origin = `cluster ${plain(plan.cluster)}, revision ${plain(shortHash(plan.baseRevision))}`;
  const sections = [
    section(
      ink,
      'Why',
      plan.causes.map((cause) => `  ${plain(causeSentence(cause))}`),
    ),
    section(
      ink,
      'Moves',
      plan.moves.flatMap((move) => moveLines(ink, plan, move)),
    ),
    section(
      ink,
      'Waves',
      waveLines(plan).map((line, index) => `  ${index + 1}. ${plain(line)}`),
    ),
    section(
      ink,
      'Load, before → after',
      loadLines(plan).map((line) => `  ${plain(line)}`),
    ),
    section(
      ink,
      'Refused',
      plan.refusals.flatMap((refusal) => [
        `  ${ink.red('✗')} ${plain(refusal.machine)}  ${ink.bold(refusal.reason)}: ${plain(refusal.message)} (advice: ${refusal.advice})`,
        ...refusal.candidates.map(({ host, constraint, message }) =>
          ink.dim(`      ${plain(host)}  ${plain(constraint)}: ${plain(message)}`),
        ),
      ]),
    ),
    section(
      ink,
      'Drift',
      plan.drift.map(
        ({ subject, code, message }) => `  ${ink.yellow('!')} ${plain(subject)}  ${plain(code)}: ${plain(message)}`,
      ),
    ),
    section(
      ink,
      'Checks',
      plan.checks.map(({ name, result, message }) => `  ${mark(ink, result)} ${name}: ${plain(message)}`),
    ),
  ];
  return [
    `${title}  ${ink.dim(origin)}`,
    ink.dim(`  expires ${timeText(plan.expiresAt)}`),
    ...sections.flat(),
    '',
    ink.bold(summarySentence(plan)),
    '',
  ].join('\n');
}

function section(ink: Paint, title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', ink.bold(title), ...lines];
}

function moveLines(ink: Paint, plan: Plan, move: Move): readonly string[] {
  const path =
    move.from === null
      ? `${ink.green('+')} ${ink.bold(plain(move.machine))}  starts on ${plain(move.to)}`
      : `${ink.cyan('→')} ${ink.bold(plain(move.machine))}  ${plain(move.from)} → ${plain(move.to)}`;
  const cause = plan.causes[move.cause];
  const note = moveNote(move);
  return [
    `  ${path}  ${move.from === null ? '' : `${move.strategy}  `}${ink.dim(estimatePhrase(move.estimate))}`,
    ...move.assignments.map(
      ({ claim, from, to }) => `      ${plain(claim)}: ${from === null ? '' : `${plain(from)} → `}${plain(to)}`,
    ),
    ...(move.from === null ? [] : [ink.dim(`      strategy: ${plain(move.strategyReason)}`)]),
    ...(cause === undefined ? [] : [ink.dim(`      because: ${plain(causeSentence(cause))}`)]),
    ...reasonsOf(move).map((line) => ink.dim(`      ${plain(line)}`)),
    ...(note === '' ? [] : [ink.yellow(`      ${note}`)]),
  ];
}

/** Without a start, which says of itself what there would be without it. */
function reasonsOf({ from, reasoning }: Move): readonly string[] {
  if (reasoning === undefined) return [];
  const lines = reasoningLines(reasoning);
  return from === null ? lines.slice(0, -1) : lines;
}

function mark(ink: Paint, result: 'passed' | 'denied' | 'waiting'): string {
  switch (result) {
    case 'passed':
      return ink.green('✓');
    case 'denied':
      return ink.red('✗');
    case 'waiting':
      return ink.yellow('…');
  }
}
