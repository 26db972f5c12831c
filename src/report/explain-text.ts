import type { Explanation } from '../model/index.js';
import { causeSentence, reasoningLines } from './wording.js';
import { paint } from './paint.js';
import { plain } from './escape.js';

/** What the plan does with a machine and why, and for each host why it could or could not be there. */
export function explainText(explanation: Explanation, options: { readonly color: boolean }): string {
  const ink = paint(options.color);
  const { machine, candidates } = explanation;
  const rows = candidates.map(({ host: name, here, feasible, constraint, message, score }) => {
    const shown = `${plain(name).padEnd(16)} ${here ? 'here  ' : ''}`;
    if (!feasible) return `  ${ink.red('✗')} ${shown}${ink.bold(plain(constraint))}: ${plain(message)}`;
    const note = message === '' ? '' : `  ${plain(message)}`;
    return `  ${ink.green('✓')} ${shown}${score === null ? '' : ink.dim(`score ${score.toFixed(3)}`)}${note}`.trimEnd();
  });
  const scored = candidates.some(({ score }) => score !== null);
  const legend = scored ? [ink.dim('  hosts, best first; the lower the score, the better:')] : [];
  const { decision } = explanation;
  const reasoning = decision.kind === 'goes' ? decision.reasoning : undefined;
  const asides = (decision.kind === 'goes' ? (decision.asides ?? []) : []).map(
    ({ host, reason }) => `  it steps aside to ${plain(host)} first; otherwise ${plain(reason)}`,
  );
  const reasons = reasoning === undefined ? [] : reasoningLines(reasoning).map((line) => `  ${plain(line)}`);
  const head = [`${ink.bold(plain(machine))} ${placeOf(explanation)}`, `  ${plain(decisionSentence(explanation))}`];
  return `${[...head, ...asides, ...reasons, ...legend, ...rows].join('\n')}\n`;
}

function placeOf({ host, decision }: Explanation): string {
  if (decision.kind === 'refused' && decision.reason === 'Duplicate') return 'runs more than once';
  return host === null ? 'runs nowhere' : `runs on ${plain(host)}`;
}

function decisionSentence({ host, decision }: Explanation): string {
  switch (decision.kind) {
    case 'goes': {
      const way = host === null ? `it starts on ${decision.to}` : `it goes to ${decision.to} by ${decision.strategy}`;
      return `${way}: ${causeSentence(decision.cause)}`;
    }
    case 'refused': {
      if (decision.reason === 'Duplicate')
        return `${decision.message}; only a person can settle which copy is the right one`;
      const what = host === null ? 'it cannot start' : 'its move is refused';
      return `${what}: ${decision.reason}: ${decision.message} (advice: ${decision.advice})`;
    }
    case 'stays':
      return `${host === null ? 'nothing is done' : 'it stays'}: ${decision.message}`;
  }
}
