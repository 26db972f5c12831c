import type { Place, Problem } from '../model/index.js';
import { plain } from './escape.js';
import { paint as paintOf, type Paint } from './paint.js';

/** Widest piece of a source line that is shown. */
const WIDTH = 100;

/**
 * A problem for people: `file:line:column`, what is wrong, the source line with a caret, the other places that take part,
 * and what to do. Several lines, without a newline at the end; nothing in them can speak to a terminal.
 */
export function formatProblem(problem: Problem, paint: Paint = paintOf(false)): string {
  const severity = problem.severity === 'error' ? paint.red('error') : paint.yellow('warning');
  const where = problem.place === null ? '' : `${paint.bold(at(problem.place))}: `;
  const lines = [`${where}${severity}: ${plain(problem.message)} ${paint.dim(`(${problem.code})`)}`];
  if (problem.place !== null) lines.push(...excerpt(problem.place, paint));
  for (const { message, place } of problem.related) {
    lines.push(`  ${paint.bold(at(place))}: ${plain(message)}`, ...excerpt(place, paint));
  }
  if (problem.hint !== '') lines.push(`  ${paint.cyan('hint:')} ${plain(problem.hint)}`);
  return lines.join('\n');
}

function at({ file, line, column }: Place): string {
  return `${plain(file)}:${line}:${column}`;
}

/** The source line and a caret below the column; nothing when the line is not known. */
function excerpt({ line, column, excerpt: text }: Place, paint: Paint): readonly string[] {
  if (text.trim() === '') return [];
  const from = column - 1 < WIDTH ? 0 : column - 1 - WIDTH / 2;
  const shown = visible(text).slice(from, from + WIDTH);
  const number = String(line).padStart(6);
  const margin = ' '.repeat(number.length);
  return [
    `${paint.dim(`${number} |`)} ${shown}`,
    `${paint.dim(`${margin} |`)} ${' '.repeat(column - 1 - from)}${paint.red('^')}`,
  ];
}

/** Every character one column wide, so that the caret stands where it should; `##[` would be a command to a CI runner. */
function visible(text: string): string {
  return text
    .replace(/\t/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?')
    .replace(/##\[/g, '#?[');
}
