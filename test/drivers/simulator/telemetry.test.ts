import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { cpuPercentAt, traceRow } from '../../../src/drivers/simulator/load.js';
import { parseScenario } from '../../../src/drivers/simulator/parse-scenario.js';
import type { Metric } from '../../../src/model/index.js';
import { context, host, open, scenarioOf, vm, type Opened } from './cluster-of.js';
import { migrate } from './orders.js';

const WINDOW_SECONDS = 300;
const WINDOW_MS = WINDOW_SECONDS * 1000;

async function values(simulator: Opened, name: string, metric: Metric, windows = 1): Promise<readonly number[]> {
  const query = { until: simulator.clock.now(), windowSeconds: WINDOW_SECONDS, windows };
  const samples = await simulator.telemetry.samples(query);
  return samples
    .filter(({ subject, metric: other }) => subject.name === name && other === metric)
    .map(({ value }) => value);
}

describe('telemetry', () => {
  it('tells what machines use, and of hosts the share that is used', async () => {
    const load = { cpuPercent: 50, memoryPercent: 25, networkMbps: 5000 };
    const machine = vm('m', 'a', { vcpus: 8, memoryMiB: 8192, load });
    const simulator = open(
      scenarioOf([host('a', { nics: [{ netdev: 'x', bdf: '0000:3b:00.0', speedMbps: 25_000 }] })], [machine]),
    );
    expect(await values(simulator, 'm', 'cpu')).toEqual([4]);
    expect(await values(simulator, 'm', 'memory')).toEqual([2048]);
    expect(await values(simulator, 'm', 'network')).toEqual([5000]);
    expect(await values(simulator, 'a', 'cpu')).toEqual([4 / 16]);
    expect(await values(simulator, 'a', 'memory')).toEqual([2048 / 32_768]);
    expect(await values(simulator, 'a', 'network')).toEqual([0.2]);
  });

  it('gives whole windows in order, none from before load was recorded', async () => {
    const simulator = open(scenarioOf([host('a')], [vm('m', 'a')], { historySeconds: 700 }));
    const query = { until: simulator.clock.now() + 12_345, windowSeconds: WINDOW_SECONDS, windows: 5 };
    const samples = (await simulator.telemetry.samples(query)).filter((sample) => sample.metric === 'cpu');
    const start = simulator.cluster.scenario.startsAt;
    expect(samples.map((sample) => [sample.subject.name, sample.at - start])).toEqual([
      ['m', -WINDOW_MS],
      ['a', -WINDOW_MS],
      ['m', 0],
      ['a', 0],
    ]);
  });

  it('follows a machine from host to host', async () => {
    const simulator = open(scenarioOf([host('a'), host('b')], [vm('m', 'a', { vcpus: 4, load: 100 })]));
    await simulator.clock.sleep(WINDOW_MS / 2);
    await simulator.hypervisor.perform(migrate('m', 'a', 'b'), context());
    await simulator.clock.sleep(2 * WINDOW_MS);
    const [on, off] = [await values(simulator, 'a', 'cpu', 2), await values(simulator, 'b', 'cpu', 2)];
    expect(on[0]).toBeCloseTo(0.125, 1);
    expect(off[0]).toBeCloseTo(0.125, 1);
    expect([on[1], off[1]]).toEqual([0, 0.25]);
    expect(await values(simulator, 'm', 'cpu', 2)).toEqual([4, 4]);
  });

  it('leaves out what nobody can measure: hosts that do not answer, and what runs there', async () => {
    const simulator = open(scenarioOf([host('a'), host('b')], [vm('m', 'a'), vm('n', 'b')]));
    simulator.operator.setHost('a', 'unknown');
    const query = { until: simulator.clock.now(), windowSeconds: WINDOW_SECONDS, windows: 1 };
    const subjects = (await simulator.telemetry.samples(query)).map((sample) => sample.subject.name);
    expect([...new Set(subjects)].sort()).toEqual(['b', 'n']);
  });

  it('shows a change of load from then on', async () => {
    const simulator = open(scenarioOf([host('a')], [vm('m', 'a', { vcpus: 2, load: 10 })]));
    simulator.operator.setLoad('m', { cpu: { kind: 'constant', percent: 90 }, memoryPercent: 60, networkMbps: 0 });
    await simulator.clock.sleep(WINDOW_MS);
    expect(await values(simulator, 'm', 'cpu', 2)).toEqual([0.2, 1.8]);
  });
});

describe('load', () => {
  it('of a trace goes round, before its start as well', () => {
    const trace = { kind: 'trace', percents: [10, 20, 30], periodSeconds: 60 } as const;
    const at = (seconds: number): number => cpuPercentAt(trace, 1_000_000 + seconds * 1000, 1_000_000);
    expect([-61, -60, -1, 0, 59, 60, 120, 180].map(at)).toEqual([20, 30, 30, 10, 10, 20, 30, 10]);
  });

  it('of a generator is a wave with noise, the same one from the same seed, never beyond 0 to 100', () => {
    const wave = {
      kind: 'generator',
      meanPercent: 50,
      amplitudePercent: 60,
      periodSeconds: 3600,
      noisePercent: 10,
    } as const;
    const draw = (seed: number): readonly number[] =>
      Array.from({ length: 60 }, (_, minute) => cpuPercentAt({ ...wave, seed }, minute * 60_000, 0));
    const hour = draw(1);
    expect(draw(1)).toEqual(hour);
    expect(draw(2)).not.toEqual(hour);
    expect([Math.min(...hour), Math.max(...hour)]).toEqual([0, 100]);
    expect(Math.abs((hour[0] ?? 0) - 50)).toBeLessThanOrEqual(10);
  });

  const rows: readonly (readonly [string, string | number, readonly number[] | null, string])[] = [
    ['a,1,2', 'a', [1, 2], 'by name'],
    ['a,1,2\nb,3', 2, [3], 'by number'],
    ['# says what\n\na,5', 1, [5], 'comments and empty lines do not count'],
    ['a,1,2', 'b', null, 'no such row'],
    ['a', 'a', null, 'a row without values'],
    ['a,1,x', 'a', null, 'a value that is no number'],
    ['a,1,101', 'a', null, 'a value that is no percentage'],
  ];

  it.each(rows)('of trace %j, row %s is %j: %s', (text, row, expected) => {
    expect(traceRow(text, row)).toEqual(expected);
  });
});

const CLUSTER = `startsAt: 2026-01-05T00:00:00Z
historySeconds: 0
hosts: [{ name: a, cells: [{ cpus: 8, memoryMiB: 32768 }] }]
machines:
  - { name: m, host: a, vcpus: 4, load: { trace: day.csv, row: ROW } }
`;

/** Means of the windows that a machine's trace gave over its first hours. */
async function driven(csv: string, row: string | number): Promise<readonly number[]> {
  const text = CLUSTER.replace('ROW', JSON.stringify(row));
  const result = await parseScenario(text, '.simulator/cluster.yaml', () => Promise.resolve(csv));
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const simulator = open(result.value);
  await simulator.clock.sleep(24 * WINDOW_MS);
  return values(simulator, 'm', 'cpu', 24);
}

function expected(csv: string, row: string | number): readonly number[] {
  return (traceRow(csv, row) ?? []).slice(0, 24).map((percent) => (4 * percent) / 100);
}

describe('a trace file', () => {
  it('of the examples drives a machine, value by value', async () => {
    const csv = readFileSync(fileURLToPath(new URL('../../../examples/traces/small.csv', import.meta.url)), 'utf8');
    for (const name of ['steady', 'office-day', 'evening-peak', 'night-batch', 'noisy']) {
      expect(traceRow(csv, name)?.length).toBe(288);
      expect(await driven(csv, name)).toEqual(expected(csv, name));
    }
  });

  const planetlab = fileURLToPath(new URL('../../../../shared/data/planetlab/20110303.csv.gz', import.meta.url));
  const absent = !existsSync(planetlab);
  it.skipIf(absent)(`of PlanetLab does so as well${absent ? ' (not run: ../shared/data absent)' : ''}`, async () => {
    const csv = gunzipSync(readFileSync(planetlab)).toString();
    const rows = csv.trimEnd().split('\n');
    expect(rows.length).toBeGreaterThan(1000);
    for (let row = 1; row <= rows.length; row += 200) {
      expect(traceRow(csv, row)?.length).toBe(288);
      expect(await driven(csv, row)).toEqual(expected(csv, row));
    }
  });
});
