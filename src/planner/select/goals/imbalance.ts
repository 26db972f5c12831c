import type { Cause, LoadPolicy, Metric } from '../../../model/index.js';
import type { Occupancy } from '../../occupancy.js';
import type { HostView } from '../../view.js';
import type { Draft } from '../draft.js';

/**
 * The metric whose load differs most between the hosts, as a cause to balance them: it does by more than the tolerance in every window
 * that the policy holds, and still will after all that the draft moves. Null when there is none.
 */
export function imbalanceOf(draft: Draft, policy: LoadPolicy, hosts: readonly HostView[]): Cause | null {
  const { name, thresholds, tolerance } = policy;
  const found = thresholds.flatMap(({ metric }) => {
    const windows = heldDeviations(draft, policy, hosts, metric);
    const projected = deviationAfter(draft.final, hosts, metric);
    const isHeld = windows.length > 0 && [...windows, projected].every((value) => value > tolerance);
    return isHeld ? [{ metric, deviation: windows.at(-1) ?? 0 }] : [];
  });
  const [worst] = found.toSorted((a, b) => b.deviation - a.deviation);
  return worst === undefined ? null : { kind: 'balance', ...worst, tolerance, policy: name };
}

/** Population standard deviation of the projected load over the hosts, with one machine's share on another host; those unknown do not count. */
export function deviationAfter(
  final: Occupancy,
  hosts: readonly HostView[],
  metric: Metric,
  changes: ReadonlyMap<string, number> = new Map(),
): number {
  return deviation(
    hosts.flatMap(({ name }) => {
      const load = final.load(name, metric);
      return load === null ? [] : [load + (changes.get(name) ?? 0)];
    }),
  );
}

/**
 * One standard deviation a held window, oldest first; none when a window of a host is missing. What the draft moves and starts counts as
 * if it had been so all the time.
 */
function heldDeviations(
  { view: { loads }, final }: Draft,
  policy: LoadPolicy,
  hosts: readonly HostView[],
  metric: Metric,
): readonly number[] {
  const series = hosts.map(({ name }) => {
    const change = (final.load(name, metric) ?? 0) - (loads.ratio(name, metric) ?? 0);
    return (loads.held(name, metric, policy) ?? []).map((value) => value + change);
  });
  const windows = Math.min(...series.map((values) => values.length));
  if (!Number.isFinite(windows)) return [];
  return Array.from({ length: windows }, (_, window) => deviation(series.map((values) => values[window] ?? 0)));
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length));
}
