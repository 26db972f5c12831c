import type { Place, Problem } from '../model/index.js';
import { commandData, commandProperty, plain } from './escape.js';

/** GitHub shows no more than this many annotations of a kind for a step. */
const MOST = 10;

/** Workflow commands that annotate a pull request: at most ten errors and ten warnings, the last of which counts the rest. */
export function githubAnnotations(problems: readonly Problem[]): string {
  const lines = (['error', 'warning'] as const).flatMap((severity) => {
    const own = problems.filter((problem) => problem.severity === severity);
    if (own.length <= MOST) return own.map(command);
    const rest = own.length - MOST + 1;
    return [...own.slice(0, MOST - 1).map(command), `::${severity} title=berth::${rest} more, see the SARIF report`];
  });
  return lines.map((line) => `${line}\n`).join('');
}

function command(problem: Problem): string {
  const place = problem.place === null ? '' : `${properties(problem.place)},`;
  const hint = problem.hint === '' ? '' : `\n${plain(problem.hint)}`;
  const title = commandProperty(plain(problem.code));
  return `::${problem.severity} ${place}title=${title}::${commandData(`${plain(problem.message)}${hint}`)}`;
}

function properties({ file, line, column }: Place): string {
  return `file=${commandProperty(plain(file))},line=${line},col=${column}`;
}
