import { appendFileSync, existsSync, statSync } from 'node:fs';
import type { Plan } from '../model/index.js';
import { planMarkdown } from '../report/index.js';

/** GitHub drops a step's summary that is larger, in bytes. */
const SUMMARY_BYTES = 1024 * 1024;
/** A character takes no more than three bytes in UTF-8. */
const BYTES_A_CHARACTER = 3;

/** Adds a plan to the summary of a CI job's step, cut to the room that is left in it. */
export function appendSummary(file: string, plan: Plan): void {
  const used = existsSync(file) ? statSync(file).size : 0;
  const text = planMarkdown(plan, Math.floor((SUMMARY_BYTES - used) / BYTES_A_CHARACTER));
  if (used + Buffer.byteLength(text) <= SUMMARY_BYTES) appendFileSync(file, text);
}
