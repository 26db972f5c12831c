import type { LoadHistory, Part } from './history.js';

/** Where a history outlives the process. What cannot be read counts as nothing: it is measured again. */
export interface HistoryStore {
  /** What was last saved; null when there is nothing. */
  load(): unknown;
  save(history: unknown): void;
}

const FORMAT = 1;

const PARTS: ReadonlySet<string> = new Set<Part>([
  'cpu',
  'memory',
  'delay',
  'tap-rx',
  'tap-tx',
  'vf-rx',
  'vf-tx',
  'vf-rx-packets',
  'vf-tx-packets',
]);

/** A mean needs no more digits in a file. */
const DIGITS = 7;

/** The history as plain data, series by series: `[kind, name, part, [[at, mean, milliseconds], …]]`. */
export function storedHistory(history: LoadHistory): unknown {
  return {
    format: FORMAT,
    pieceMs: history.pieceMs,
    hosts: [...history.capacities].map(([name, { cpus, lineMbps }]) => [name, cpus, lineMbps]),
    places: [...history.places],
    series: [...history.tracks].flatMap(({ subject, parts }) =>
      [...parts].map(([part, cells]) => [
        subject.kind,
        subject.name,
        part,
        [...cells].map(([at, { sum, ms }]) => [at, Number((sum / ms).toPrecision(DIGITS)), Math.round(ms)]),
      ]),
    ),
  };
}

/** Adds what was stored to a history. Of each piece the one that knows more counts, so that two processes may measure at once. */
export function adoptStored(history: LoadHistory, stored: unknown): void {
  if (!isRecord(stored) || stored['format'] !== FORMAT || stored['pieceMs'] !== history.pieceMs) return;
  for (const [name, cpus, lineMbps] of rows(stored['hosts'])) {
    if (typeof name !== 'string' || !isAmount(cpus) || !isAmount(lineMbps) || history.capacities.has(name)) continue;
    history.setCapacity(name, { cpus, lineMbps });
  }
  for (const [machine, host] of rows(stored['places'])) {
    if (typeof machine !== 'string' || typeof host !== 'string' || history.places.has(machine)) continue;
    history.setPlace(machine, host);
  }
  for (const [kind, name, part, cells] of rows(stored['series'])) {
    if ((kind !== 'host' && kind !== 'machine') || typeof name !== 'string' || !isPart(part)) continue;
    for (const [at, value, coveredMs] of rows(cells)) {
      if (!isAmount(at) || at % history.pieceMs !== 0 || !isAmount(value) || !isAmount(coveredMs) || coveredMs === 0)
        continue;
      history.adopt({ kind, name }, part, at, { value, coveredMs: Math.min(coveredMs, history.pieceMs) });
    }
  }
}

function rows(value: unknown): readonly (readonly unknown[])[] {
  return Array.isArray(value) ? value.filter((row): row is unknown[] => Array.isArray(row)) : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isPart(value: unknown): value is Part {
  return typeof value === 'string' && PARTS.has(value);
}
