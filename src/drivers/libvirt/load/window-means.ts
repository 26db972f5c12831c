import type { LoadSample, Metric } from '../../../model/index.js';
import type { LoadHistory, Mean, Part, Track } from './history.js';

/** Digits behind the point of a value; more would only show how sums are rounded. */
const DIGITS = 6;

/** A host's mean counts only when this share of the window was measured, because it may ask for moves. */
const LEAST_COVERAGE = 0.5;

/** Bytes that the smallest Ethernet frame takes on the wire: 64 of the frame, 8 before it and 12 between two (IEEE 802.3). */
const SMALLEST_FRAME_BYTES = 84;

/** All that is known of the window that ends at `end` (epoch milliseconds), subject by subject. */
export function windowMeans(history: LoadHistory, end: number, windowSeconds: number): readonly LoadSample[] {
  const tracks = [...history.tracks].sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
  return tracks.flatMap((track) => {
    const least = track.subject.kind === 'host' ? LEAST_COVERAGE * windowSeconds * 1000 : 0;
    const mean = (part: Part): number | null => {
      const found: Mean | null = history.mean(track, part, end - windowSeconds * 1000, end);
      return found === null || found.coveredMs < least ? null : found.value;
    };
    const values = track.subject.kind === 'host' ? ofHost(history, track, mean) : ofMachine(history, track, mean);
    return (Object.entries(values) as [Metric, number | null][]).flatMap(([metric, value]): readonly LoadSample[] =>
      value === null || !Number.isFinite(value)
        ? []
        : [{ subject: track.subject, metric, value: Number(value.toFixed(DIGITS)), at: end, windowSeconds }],
    );
  });
}

type Values = Readonly<Record<Metric, number | null>>;
type MeanOf = (part: Part) => number | null;

function ofMachine(history: LoadHistory, { subject }: Track, mean: MeanOf): Values {
  const host = history.capacities.get(history.places.get(subject.name) ?? '');
  return {
    cpu: mean('cpu'),
    memory: mean('memory'),
    network: networkMbps(mean),
    'cpu-delay': over(mean('delay'), host?.cpus),
    'vf-packets': over(busier(mean('vf-rx-packets'), mean('vf-tx-packets')), packetsPerSecond(host?.lineMbps)),
  };
}

function ofHost(history: LoadHistory, { subject }: Track, mean: MeanOf): Values {
  const host = history.capacities.get(subject.name);
  return {
    cpu: mean('cpu'),
    memory: mean('memory'),
    network: over(networkMbps(mean), host?.lineMbps),
    'cpu-delay': over(mean('delay'), host?.cpus),
    'vf-packets': over(busier(mean('vf-rx-packets'), mean('vf-tx-packets')), packetsPerSecond(host?.lineMbps)),
  };
}

/** Lines carry both ways at once, so that the way with more counts. */
function networkMbps(mean: MeanOf): number | null {
  return busier(both(mean('tap-rx'), mean('vf-rx')), both(mean('tap-tx'), mean('vf-tx')));
}

function packetsPerSecond(lineMbps: number | undefined): number {
  return ((lineMbps ?? 0) * 1e6) / 8 / SMALLEST_FRAME_BYTES;
}

function both(left: number | null, right: number | null): number | null {
  return left === null || right === null ? null : left + right;
}

function busier(left: number | null, right: number | null): number | null {
  return left === null || right === null ? null : Math.max(left, right);
}

function over(value: number | null, capacity: number | undefined): number | null {
  return value === null || capacity === undefined || capacity <= 0 ? null : value / capacity;
}

function keyOf({ subject }: Track): string {
  return `${subject.kind} ${subject.name}`;
}
