import { createHash } from 'node:crypto';
import type { Plan } from './plan.js';

/** JSON text that is the same for equal values: keys sorted by code unit, no spaces, keys with the value `undefined` left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((entry: unknown) => canonicalJson(entry ?? null)).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const keys = Object.keys(value).filter((key) => value[key] !== undefined);
  return `{${keys
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`)
    .join(',')}}`;
}

/** SHA-256 of the text's UTF-8 bytes, 64 hexadecimal digits. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/**
 * What an approval binds: all that a plan does to which state of which cluster. What only explains or measures it (causes,
 * estimates, projections, refusals) is left out, for it changes with every load sample; and so are revision and checks, for the
 * commit that brings the approval changes them.
 */
export function hashPlan(
  plan: Pick<Plan, 'formatVersion' | 'cluster' | 'observedFingerprint' | 'limits' | 'moves' | 'steps'>,
): string {
  const { formatVersion, cluster, observedFingerprint, limits } = plan;
  const moves = plan.moves.map(({ id, machine, from, to, strategy, assignments, numaNode, bypass }) => {
    return { id, machine, from, to, strategy, assignments, numaNode, bypass };
  });
  const steps = plan.steps.map((step) => ({ ...step, estimate: undefined }));
  return sha256(canonicalJson({ formatVersion, cluster, observedFingerprint, limits, moves, steps }));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
