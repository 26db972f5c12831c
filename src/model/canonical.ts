import { createHash } from 'node:crypto';
import type { Plan } from './plan.js';

/** JSON text that is the same for equal values: keys sorted by code unit, no spaces, keys with the value `undefined` left out. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) => (isRecord(entry) ? sorted(entry) : entry));
}

/** SHA-256 of the text's UTF-8 bytes, 64 hexadecimal digits. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** What an approval binds: the hash of all that a plan does and says, without its times (and without the hash itself). */
export function hashPlan(plan: Omit<Plan, 'planHash' | 'createdAt' | 'expiresAt'>): string {
  const times: Partial<Plan> = { planHash: undefined, createdAt: undefined, expiresAt: undefined };
  return sha256(canonicalJson({ ...plan, ...times }));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries);
}
