import type { Explanation } from '../model/index.js';
import { causeSentence } from './wording.js';
import { paint } from './paint.js';
import { plain } from './escape.js';

/** What the plan does with a machine and why, and for each host why it could or could not be there. */
export function explainText(explanation: Explanation, options: { readonly color: boolean }): string {
  const ink = paint(options.color);
  const { machine, host, candidates } = explanation;
  const place = host === null ? 'runs nowhere' : `runs on ${plain(host)}`;
  const rows = candidates.map(({ host: name, here, feasible, constraint, message, score }) => {
    const shown = `${plain(name).padEnd(16)} ${here ? 'here  ' : ''}`;
    if (!feasible) return `  ${ink.red('✗')} ${shown}${ink.bold(plain(constraint))}: ${plain(message)}`;
    return `  ${ink.green('✓')} ${shown}${score === null ? '' : ink.dim(`score ${score.toFixed(3)}`)}`.trimEnd();
  });
  const scored = candidates.some(({ score }) => score !== null);
  const legend = scored ? [ink.dim('  hosts, best first; the lower the score, the better:')] : [];
  return `${[`${ink.bold(plain(machine))} ${place}`, `  ${plain(decisionSentence(explanation))}`, ...legend, ...rows].join('\n')}\n`;
}

function decisionSentence({ host, decision }: Explanation): string {
  switch (decision.kind) {
    case 'goes': {
      const way = host === null ? `it starts on ${decision.to}` : `it goes to ${decision.to} by ${decision.strategy}`;
      return `${way}: ${causeSentence(decision.cause)}`;
    }
    case 'refused': {
      const what = host === null ? 'it cannot start' : 'its move is refused';
      return `${what}: ${decision.reason}: ${decision.message} (advice: ${decision.advice})`;
    }
    case 'stays':
      return `${host === null ? 'nothing is done' : 'it stays'}: ${decision.message}`;
  }
}
