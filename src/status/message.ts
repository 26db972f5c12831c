import type { StatusFacts } from './facts.js';
import { clusterFindings } from './cluster-status.js';

/** Subject and trailers of the commit that publishes a status; no value can bring a line of its own. */
export function statusMessage(facts: StatusFacts): {
  readonly subject: string;
  readonly trailers: readonly (readonly [name: string, value: string])[];
} {
  const ready = clusterFindings(facts, []).find((found) => found.type === 'Ready');
  const result = ready?.reason ?? 'Unknown';
  const moves = facts.plan?.moves.length ?? 0;
  const subject = `${facts.cluster}: ${result}${moves === 0 ? '' : `, ${moves} ${moves === 1 ? 'move' : 'moves'}`}`;
  return {
    subject: oneLine(subject),
    trailers: [
      ['Berth-Source-Revision', oneLine(facts.revision)],
      ...(moves === 0 ? [] : [['Berth-Plan-Hash', oneLine(facts.plan?.planHash ?? '')] as const]),
      ['Berth-Result', oneLine(result)],
    ],
  };
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}
