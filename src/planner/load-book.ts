import { isActive } from '../model/index.js';
import type { Desired, Host, LoadPolicy, LoadSample, Metric, World } from '../model/index.js';

/**
 * The load samples of a world, looked up by subject. A sample that is older than two windows says nothing about now. Plans reckon with means over
 * the windows that policies hold: what a machine does for one window only shall not move it.
 */
export interface LoadBook {
  /** Mean load of the host over its held windows, 0 to 1; null when the newest is not known. */
  ratio(host: string, metric: Metric): number | null;
  /** Mean share of the machine over its held windows, in the unit of its samples; null when the newest is not known. */
  share(machine: string, metric: Metric): number | null;
  /** What a ratio of 1 is on the host, in the unit of the machines' samples. */
  full(host: string, metric: Metric): number;
  /** The last held windows of the host, oldest first; null when one of them is missing. */
  held(host: string, metric: Metric, policy: LoadPolicy): readonly number[] | null;
  /** Metrics that at least one policy looks at. */
  readonly metrics: readonly Metric[];
}

/** Sorts the samples by subject. */
export function loadBook(desired: Desired, world: World): LoadBook {
  const series = new Map<string, LoadSample[]>();
  for (const sample of world.samples) {
    const key = keyOf(sample.subject.kind, sample.subject.name, sample.metric);
    const list = series.get(key);
    if (list === undefined) series.set(key, [sample]);
    else list.push(sample);
  }
  for (const list of series.values()) list.sort((a, b) => a.at - b.at);
  const hosts = new Map(world.hosts.map((host) => [host.name, host]));
  const fulls = new Map<string, number>();
  const means = new Map<string, number | null>();
  const meanOf = (key: string): number | null => {
    const known = means.get(key);
    if (known !== undefined) return known;
    const mean = meanOfHeld(series.get(key) ?? [], longestHold(desired), world.at);
    means.set(key, mean);
    return mean;
  };
  const share = (machine: string, metric: Metric): number | null => meanOf(keyOf('machine', machine, metric));
  const shifts = shiftsOf(world, (machine, { metric, at, windowSeconds }) => {
    const samples = series.get(keyOf('machine', machine, metric)) ?? [];
    const then = samples.find((sample) => sample.at === at && sample.windowSeconds === windowSeconds);
    return then?.value ?? share(machine, metric) ?? 0;
  });
  for (const list of series.values()) {
    list.forEach((sample, index) => {
      if (sample.subject.kind !== 'host') return;
      const shift = shifts(sample);
      const full = fullOf(hosts.get(sample.subject.name), sample.metric);
      if (shift !== 0 && full > 0) list[index] = { ...sample, value: Math.max(0, sample.value + shift / full) };
    });
  }
  return {
    metrics: [...new Set(desired.loadPolicies.flatMap((policy) => policy.thresholds.map(({ metric }) => metric)))],
    ratio: (host, metric) => meanOf(keyOf('host', host, metric)),
    share,
    full: (host, metric) => {
      const key = `${host} ${metric}`;
      const full = fulls.get(key) ?? fullOf(hosts.get(host), metric);
      fulls.set(key, full);
      return full;
    },
    held: (host, metric, policy) => heldWindows(series.get(keyOf('host', host, metric)) ?? [], policy, world.at),
  };
}

/**
 * What machines that moved since a host's window would have added to it or taken from it, had they been where they are now, in the
 * unit of the machines' samples. Without it a host that was just relieved stays hot until its old windows have passed, and
 * gives away more than it must.
 */
function shiftsOf(world: World, share: (machine: string, then: LoadSample) => number): (sample: LoadSample) => number {
  const places = new Map(world.machines.filter(isActive).map(({ name, host }) => [name, host]));
  return (sample) => {
    const {
      subject: { name: host },
      at,
      windowSeconds,
    } = sample;
    return sum(
      world.lastMoves.map((moved) => {
        const sign = Number(places.get(moved.machine) === host) - Number(moved.from === host);
        const before = (moved.at - (at - 1000 * windowSeconds)) / (1000 * windowSeconds);
        return sign === 0 ? 0 : sign * share(moved.machine, sample) * Math.min(1, Math.max(0, before));
      }),
    );
  };
}

/** The mean of the newest sample and those of the windows before it that count with it; null when the newest is too old. */
function meanOfHeld(samples: readonly LoadSample[], windows: (seconds: number) => number, at: number): number | null {
  const last = samples.at(-1);
  if (last === undefined || at - last.at >= 2000 * last.windowSeconds) return null;
  const { windowSeconds } = last;
  // Half a window of slack: windows do not end exactly one after the other.
  const since = last.at - (windows(windowSeconds) - 0.5) * 1000 * windowSeconds;
  const held = samples.filter((sample) => sample.windowSeconds === windowSeconds && sample.at > since);
  return sum(held.map(({ value }) => value)) / held.length;
}

/** How many windows of a length policies hold, the longest of them. */
function longestHold({ loadPolicies }: Desired): (windowSeconds: number) => number {
  return (seconds) =>
    Math.max(1, ...loadPolicies.filter((p) => p.windowSeconds === seconds).map(({ holdWindows }) => holdWindows));
}

function heldWindows(samples: readonly LoadSample[], policy: LoadPolicy, at: number): readonly number[] | null {
  const windowMs = policy.windowSeconds * 1000;
  const last = samples.filter((sample) => sample.windowSeconds === policy.windowSeconds).slice(-policy.holdWindows);
  if (last.length < policy.holdWindows) return null;
  // Half a window of slack: windows do not end exactly when the world is looked at.
  const complete = last.every((sample, index) => {
    const next = last[index + 1]?.at ?? at;
    return next - sample.at < 1.5 * windowMs;
  });
  return complete ? last.map((sample) => sample.value) : null;
}

/** `cpu` counts CPUs, `memory` MiB, `network` Mbit/s; a machine's share of the others is a share of the host already. */
function fullOf(host: Host | undefined, metric: Metric): number {
  switch (metric) {
    case 'cpu':
      return sum((host?.numaNodes ?? []).map((node) => node.cpus));
    case 'memory':
      return sum((host?.numaNodes ?? []).map((node) => node.memoryMiB));
    case 'network':
      return sum((host?.devices ?? []).map(({ function: f }) => (f.kind === 'pf' ? f.speedMbps : 0)));
    case 'cpu-delay':
    case 'vf-packets':
      return 1;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function keyOf(kind: LoadSample['subject']['kind'], name: string, metric: Metric): string {
  return `${kind} ${name} ${metric}`;
}
