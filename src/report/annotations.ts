import type { Desired, Move, Place, Plan, Problem } from '../model/index.js';
import { commandData, commandProperty, plain } from './escape.js';
import { planFindings } from './findings.js';
import { causeSentence } from './wording.js';

/** GitHub shows no more than this many annotations of a kind for a step. */
const MOST = 10;

/** Workflow commands that annotate a pull request: at most ten errors and ten warnings, the last of which counts the rest. */
export function githubAnnotations(problems: readonly Problem[]): string {
  const all = (['error', 'warning'] as const).flatMap((severity) =>
    few(severity, problems.filter((problem) => problem.severity === severity).map(command), 'see the SARIF report'),
  );
  return all.map((line) => `${line}\n`).join('');
}

/** A plan as annotations: what a reviewer should see of it, and a notice for each move where the machine is written. */
export function planAnnotations(plan: Plan, desired: Desired): string {
  const places = new Map(desired.machines.map(({ name, place }) => [name, place]));
  const moves = plan.moves.map((move) => notice(plan, move, places.get(move.machine) ?? null));
  const notices = few('notice', moves, 'see the job summary').map((line) => `${line}\n`);
  return `${githubAnnotations(planFindings(plan, desired))}${notices.join('')}`;
}

function few(kind: string, lines: readonly string[], where: string): readonly string[] {
  if (lines.length <= MOST) return lines;
  const rest = lines.length - MOST + 1;
  return [...lines.slice(0, MOST - 1), `::${kind} title=berth::${rest} more, ${where}`];
}

function notice(plan: Plan, { machine, from, to, strategy, cause }: Move, place: Place | null): string {
  const why = plan.causes[cause];
  const way = from === null ? `${machine} starts on ${to}` : `${machine}: ${from} → ${to} (${strategy})`;
  const text = why === undefined ? way : `${way}, because ${causeSentence(why)}`;
  return `::notice ${placed(place)}title=${from === null ? 'Start' : 'Move'}::${commandData(plain(text))}`;
}

function command(problem: Problem): string {
  const hint = problem.hint === '' ? '' : `\n${plain(problem.hint)}`;
  const title = commandProperty(plain(problem.code));
  return `::${problem.severity} ${placed(problem.place)}title=${title}::${commandData(`${plain(problem.message)}${hint}`)}`;
}

function placed(place: Place | null): string {
  return place === null ? '' : `${properties(place)},`;
}

function properties({ file, line, column }: Place): string {
  return `file=${commandProperty(plain(file))},line=${line},col=${column}`;
}
