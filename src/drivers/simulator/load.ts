import { chance } from './chance.js';

/** What a machine's guest does over time. Percentages are of its vCPUs. */
export interface MachineLoad {
  readonly cpu: CpuLoad;
  /** Share of its memory that is in use, in percent. */
  readonly memoryPercent: number;
  readonly networkMbps: number;
}

export type CpuLoad =
  | { readonly kind: 'constant'; readonly percent: number }
  | {
      readonly kind: 'generator';
      readonly meanPercent: number;
      /** A wave of this height above and below the mean, such as day and night. */
      readonly amplitudePercent: number;
      readonly periodSeconds: number;
      readonly noisePercent: number;
      readonly seed: number;
    }
  /** One value a period from the scenario's start on, over and over, backwards in time as well. */
  | { readonly kind: 'trace'; readonly percents: readonly number[]; readonly periodSeconds: number };

/** Noise of a generator holds for this long. */
const NOISE_MS = 60_000;

/** CPU use in percent of the machine's vCPUs at a time; times are epoch milliseconds. */
export function cpuPercentAt(load: CpuLoad, at: number, startsAt: number): number {
  switch (load.kind) {
    case 'constant':
      return load.percent;
    case 'trace': {
      const period = Math.floor((at - startsAt) / (load.periodSeconds * 1000));
      const count = load.percents.length;
      return load.percents[((period % count) + count) % count] ?? 0;
    }
    case 'generator': {
      const wave = Math.sin((2 * Math.PI * (at - startsAt)) / (load.periodSeconds * 1000));
      const noise = 2 * chance(load.seed, String(Math.floor(at / NOISE_MS))) - 1;
      const percent = load.meanPercent + load.amplitudePercent * wave + load.noisePercent * noise;
      return Math.min(100, Math.max(0, percent));
    }
  }
}

/** A row of a trace file in PlanetLab's format (a name, then CPU percentages), by its name or its number from 1; null when absent. */
export function traceRow(text: string, row: string | number): readonly number[] | null {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const line = typeof row === 'number' ? lines[row - 1] : lines.find((other) => other.split(',', 1)[0] === row);
  const percents = line?.split(',').slice(1).map(Number) ?? [];
  return percents.length > 0 && percents.every((value) => value >= 0 && value <= 100) ? percents : null;
}
