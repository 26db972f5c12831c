import type { Explanation } from '../model/index.js';
import { causeSentence } from './wording.js';
import { paint } from './paint.js';
import { plain } from './escape.js';

/** Why a machine is where it is, and for each host why it could or could not be there. */
export function explainText(explanation: Explanation, options: { readonly color: boolean }): string {
  const ink = paint(options.color);
  const place = explanation.host === null ? 'runs nowhere' : `runs on ${plain(explanation.host)}`;
  const causes = explanation.causes.map((cause) => `  it should move: ${plain(causeSentence(cause))}`);
  const rows = explanation.candidates.map(({ host, feasible, constraint, message, score }) => {
    const name = plain(host).padEnd(16);
    if (feasible)
      return `  ${ink.green('✓')} ${name} ${score === null ? '' : ink.dim(`score ${score.toFixed(3)}`)} ${plain(message)}`.trimEnd();
    return `  ${ink.red('✗')} ${name} ${ink.bold(plain(constraint))}: ${plain(message)}`;
  });
  return `${[`${ink.bold(plain(explanation.machine))} ${place}`, ...causes, ...rows].join('\n')}\n`;
}
