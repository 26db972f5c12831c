import { parse } from 'yaml';
import type { Condition, ConditionType, Shape } from '../model/index.js';
import { readShape } from '../model/index.js';
import { list, oneOf, record, text } from '../model/shape.js';

/** A condition before it is known since when it holds. */
export type Finding = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

export function finding(type: ConditionType, status: Condition['status'], reason: string, message = ''): Finding {
  return { type, status, reason, message };
}

/** Dates each finding: `lastTransitionTime` stays as it was while the status does. */
export function settle(
  findings: readonly Finding[],
  previous: readonly Condition[],
  at: { readonly now: number; readonly revision: string },
): readonly Condition[] {
  return findings.map((found) => {
    const old = previous.find((condition) => condition.type === found.type);
    const lastTransitionTime = old?.status === found.status ? old.lastTransitionTime : new Date(at.now).toISOString();
    return { ...found, lastTransitionTime, observedRevision: at.revision };
  });
}

const documentShape: Shape<{ readonly status: { readonly conditions: readonly Condition[] } }> = record({
  status: record({
    conditions: list(
      record<Condition>({
        type: oneOf(
          'Ready',
          'Reconciling',
          'Stalled',
          'Healthy',
          'Reserved',
          'Reconfigured',
          'Migrated',
          'Communicating',
          'Forwarding',
          'Degraded',
        ),
        status: oneOf('True', 'False', 'Unknown'),
        reason: text,
        message: text,
        lastTransitionTime: text,
        observedRevision: text,
      }),
    ),
  }),
});

/** Brackets that our own status documents never come near; so many would exhaust the YAML library. */
const MOST_BRACKETS = 500;

/** The conditions of a status document that stands on the branch; none when it is absent or not ours. */
export function readConditions(document: string | undefined): readonly Condition[] {
  if (document === undefined || (document.match(/[[{]/g)?.length ?? 0) > MOST_BRACKETS) return [];
  try {
    const read = readShape(documentShape, parse(document, { maxAliasCount: 0, logLevel: 'silent' }));
    return read.ok ? read.value.status.conditions : [];
  } catch {
    return [];
  }
}
