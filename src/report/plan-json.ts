import { canonicalJson, hashPlan, planShape, problem, readShape, sha256 } from '../model/index.js';
import type { Plan, Problem, Result } from '../model/index.js';

const MAJOR = '1';

/** Fields that the plan format names otherwise than by rule. */
const RENAMED: Readonly<Record<string, string>> = {
  causes: 'cause',
  preconditions: 'precondition',
  deadlineSeconds: 'deadline',
};

/**
 * The plan file: snake_case JSON with times in RFC 3339, ending in a newline. Keys come in the order of the plan's shape, so that a plan
 * has one text, whether it was just made or read from a file. The checksum covers what the plan hash leaves out, such as the times
 * between which the plan is good: it shows an accident or a careless edit, and stops nobody who writes the file anew.
 */
export function encodePlan(plan: Plan): string {
  // A simulated clock may stand between two milliseconds; the file's times do not.
  const times = { createdAt: Math.trunc(plan.createdAt), expiresAt: Math.trunc(plan.expiresAt) };
  const ordered = readShape(planShape, { ...plan, ...times });
  if (!ordered.ok) throw new Error(`a plan has the wrong shape: ${ordered.fault}`);
  const stored = withInstants(ordered.value);
  return `${JSON.stringify(renameKeys({ ...stored, checksum: checksumOf(ordered.value) }), null, 2)}\n`;
}

/**
 * Reads a plan file. Unknown keys are ignored; an unknown major version, a wrong shape, or content that does not have
 * the hash that the file claims is refused.
 */
export function decodePlan(text: string): Result<Plan> {
  const json = parseJson(text);
  if (!isRecord(json))
    return refuse('InvalidPlan', 'the plan file is not a JSON object', 'make it again with `berth plan`');
  const version = json['format_version'];
  if (typeof version === 'string' && version.split('.')[0] !== MAJOR) {
    return refuse(
      'UnsupportedPlanVersion',
      `the plan file has format_version ${JSON.stringify(version.slice(0, 20))}; this Berth reads ${MAJOR}.x`,
      'make the plan with the Berth that applies it',
    );
  }
  const stored = {
    ...json,
    format_version: typeof version === 'string' ? '1.0' : version,
    created_at: epoch(json['created_at']),
    expires_at: epoch(json['expires_at']),
  };
  const read = readShape(planShape, stored, keyOf);
  if (!read.ok)
    return refuse('InvalidPlan', `the plan file is damaged: ${read.fault}`, 'make it again with `berth plan`');
  if (hashPlan(read.value) !== read.value.planHash || checksumOf(read.value) !== json['checksum']) {
    return refuse('PlanHashMismatch', 'the plan file was changed after it was made', 'make it again with `berth plan`');
  }
  return { ok: true, value: read.value, warnings: [] };
}

function checksumOf(plan: Plan): string {
  return sha256(canonicalJson(withInstants(plan)));
}

function withInstants(plan: Plan) {
  return { ...plan, createdAt: instant(plan.createdAt), expiresAt: instant(plan.expiresAt) };
}

function refuse(
  code: string,
  message: string,
  hint: string,
): { readonly ok: false; readonly problems: readonly Problem[] } {
  return { ok: false, problems: [problem({ code, message, hint })] };
}

function keyOf(field: string): string {
  return RENAMED[field] ?? field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function renameKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renameKeys);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [keyOf(key), renameKeys(entry)]));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function instant(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

function epoch(value: unknown): unknown {
  return typeof value === 'string' ? new Date(value).getTime() : value;
}
