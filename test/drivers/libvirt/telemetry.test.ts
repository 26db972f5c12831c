import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock/virtual.js';
import {
  LibvirtTelemetry,
  type HistoryStore,
  type HostInventory,
  type TelemetryOptions,
  type TrafficCounters,
} from '../../../src/drivers/libvirt/telemetry.js';
import type { LoadSample } from '../../../src/model/index.js';
import { ScriptedHost } from './load/scripted-load.js';

const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const inventory: HostInventory = { cpus: 4, lineMbps: 10_000, vfsOf: new Map() };

interface Known extends Partial<TelemetryOptions> {
  readonly vfs?: HostInventory['vfsOf'];
  readonly vfCounters?: () => Promise<ReadonlyMap<string, TrafficCounters>>;
  readonly known?: () => HostInventory | null;
  readonly clock?: VirtualClock;
}

function open({ vfs = new Map(), vfCounters, known, clock = new VirtualClock(START), ...options }: Known = {}) {
  const hosts = { a: new ScriptedHost(() => clock.now()), b: new ScriptedHost(() => clock.now()) };
  const telemetry = new LibvirtTelemetry({
    hosts: Object.entries(hosts).map(([name, { calls }]) => ({
      name,
      calls,
      inventory: known ?? (() => ({ ...inventory, vfsOf: name === 'a' ? vfs : new Map() })),
      ...(vfCounters === undefined || name !== 'a' ? {} : { vfCounters }),
    })),
    clock,
    ...options,
  });
  const samples = (windows = 1, windowSeconds = 300) =>
    telemetry.samples({ until: clock.now(), windowSeconds, windows });
  return { clock, hosts, telemetry, samples };
}

const of = (samples: readonly LoadSample[], name: string): Record<string, number> =>
  Object.fromEntries(
    samples.filter(({ subject }) => subject.name === name).map(({ metric, value }) => [metric, value]),
  );

describe('load by libvirt', () => {
  it('is known of each host and machine, in the units of the model', async () => {
    const { clock, hosts, telemetry, samples } = open();
    hosts.a.guests = { vm: { cpus: 1.5, rssMiB: 300, delay: 0.4, nics: { vnet0: [1_250_000, 125_000] } } };
    telemetry.start();
    await clock.sleep(6 * MINUTE);
    const found = await samples();
    expect(of(found, 'vm')).toEqual({ cpu: 1.5, memory: 300, network: 10, 'cpu-delay': 0.1, 'vf-packets': 0 });
    expect(of(found, 'a')).toEqual({ cpu: 0.25, memory: 0.4, network: 0.001, 'cpu-delay': 0.1, 'vf-packets': 0 });
    expect(of(found, 'b')).toEqual({ cpu: 0.25, memory: 0.4, network: 0, 'cpu-delay': 0, 'vf-packets': 0 });
    expect(found.every(({ at, windowSeconds }) => at === START + 5 * MINUTE && windowSeconds === 300)).toBe(true);
    telemetry.close();
  });

  it('is told window by window, oldest first, each by what was then', async () => {
    const { clock, hosts, telemetry, samples } = open();
    telemetry.start();
    for (const cpus of [1, 2, 3]) {
      hosts.a.guests = { vm: { cpus, id: cpus } };
      await clock.sleep(5 * MINUTE);
    }
    await clock.sleep(1000);
    const found = (await samples(3)).filter(({ subject, metric }) => subject.name === 'vm' && metric === 'cpu');
    expect(found.map(({ value, at }) => [value, (at - START) / MINUTE])).toEqual([
      [1, 5],
      [2, 10],
      [3, 15],
    ]);
    telemetry.close();
  });

  it('has no samples before anybody measured, and none of windows without any', async () => {
    const { clock, telemetry, samples } = open();
    expect(await samples(3)).toEqual([]);
    telemetry.start();
    await clock.sleep(6 * MINUTE);
    expect(new Set((await samples(3)).map(({ at }) => at))).toEqual(new Set([START + 5 * MINUTE]));
    telemetry.close();
  });

  it('leaves a gap where a host does not answer, and the other host goes on', async () => {
    const { clock, hosts, telemetry, samples } = open();
    telemetry.start();
    await clock.sleep(5 * MINUTE);
    hosts.a.silent = true;
    await clock.sleep(4 * MINUTE);
    hosts.a.silent = false;
    await clock.sleep(2 * MINUTE);
    const found = await samples(2);
    const ends = (name: string) =>
      found.filter((one) => one.subject.name === name && one.metric === 'cpu').map(({ at }) => (at - START) / MINUTE);
    expect(ends('a')).toEqual([5]);
    expect(ends('b')).toEqual([5, 10]);
    telemetry.close();
  });

  it('bridges one look that was lost, for counters go on', async () => {
    const { clock, hosts, telemetry, samples } = open();
    hosts.a.guests = { vm: { cpus: 1 } };
    telemetry.start();
    for (let look = 0; look < 60; look++) {
      hosts.a.silent = look % 3 === 1;
      await clock.sleep(5000);
    }
    await clock.sleep(1000);
    expect(of(await samples(), 'vm')['cpu']).toBeCloseTo(1);
    telemetry.close();
  });

  it('begins anew with a machine that was started again or has moved, without a spike', async () => {
    const { clock, hosts, telemetry, samples } = open();
    hosts.a.guests = { vm: { cpus: 2, id: 1 } };
    telemetry.start();
    await clock.sleep(2 * MINUTE);
    hosts.a.guests = { vm: { cpus: 2, id: 2 } };
    await clock.sleep(1 * MINUTE);
    hosts.a.guests = {};
    hosts.b.guests = { vm: { cpus: 2, id: 7 } };
    await clock.sleep(3 * MINUTE);
    const found = await samples();
    expect(of(found, 'vm')['cpu']).toBeCloseTo(2);
    expect(found.filter(({ subject }) => subject.name === 'vm' && subject.kind === 'machine')).toHaveLength(5);
    telemetry.close();
  });

  it('says nothing of traffic that bypasses the host where nobody counts it', async () => {
    const { clock, hosts, telemetry, samples } = open({ vfs: new Map([['vm', ['0000:3b:02.1']]]) });
    hosts.a.guests = { vm: { cpus: 1, nics: { vnet0: [1000, 1000] } }, plain: { nics: { vnet1: [125_000, 0] } } };
    telemetry.start();
    await clock.sleep(6 * MINUTE);
    const found = await samples();
    expect(Object.keys(of(found, 'vm'))).toEqual(['cpu', 'memory', 'cpu-delay']);
    expect(of(found, 'plain')['network']).toBe(1);
    expect(Object.keys(of(found, 'a'))).toEqual(['cpu', 'memory', 'cpu-delay']);
    telemetry.close();
  });

  it('adds what VFs carry where a reader counts it', async () => {
    const clock = new VirtualClock(START);
    const seconds = () => (clock.now() - START) / 1000;
    const vfCounters = () => {
      const counters = { rxBytes: 1_250_000 * seconds(), txBytes: 0, rxPackets: 14_880 * seconds(), txPackets: 10 };
      return Promise.resolve(
        new Map([
          ['0000:3b:02.1', counters],
          ['0000:3b:02.2', counters],
          ['0000:3b:02.3', counters],
        ]),
      );
    };
    const vfs = new Map([['vm', ['0000:3b:02.1', '0000:3b:02.2']]]);
    const { hosts, telemetry, samples } = open({ clock, vfs, vfCounters });
    hosts.a.guests = { vm: { nics: { vnet0: [625_000, 0] } } };
    telemetry.start();
    await clock.sleep(6 * MINUTE);
    const found = await samples();
    expect(of(found, 'vm')).toMatchObject({ network: 25, 'vf-packets': expect.closeTo(0.002, 3) as number });
    expect(of(found, 'a')).toMatchObject({ network: 0.0025, 'vf-packets': expect.closeTo(0.002, 3) as number });
    telemetry.close();
  });

  it('says nothing of a machine whose VFs are not all counted, or when the reader fails', async () => {
    const counters = { rxBytes: 1, txBytes: 1, rxPackets: 1, txPackets: 1 };
    const vfs = new Map([['vm', ['0000:3b:02.1', '0000:3b:02.2']]]);
    for (const vfCounters of [
      () => Promise.resolve(new Map([['0000:3b:02.1', counters]])),
      () => Promise.reject(new Error('x')),
    ]) {
      const { clock, hosts, telemetry, samples } = open({ vfs, vfCounters });
      hosts.a.guests = { vm: {} };
      telemetry.start();
      await clock.sleep(6 * MINUTE);
      expect(of(await samples(), 'vm')).not.toHaveProperty('network');
      telemetry.close();
    }
  });

  it('gives shares of a host only when the host was looked at', async () => {
    const { clock, hosts, telemetry, samples } = open({ known: () => null });
    hosts.a.guests = { vm: { cpus: 1 } };
    telemetry.start();
    await clock.sleep(6 * MINUTE);
    const found = await samples();
    expect(Object.keys(of(found, 'a'))).toEqual(['cpu', 'memory']);
    expect(Object.keys(of(found, 'vm'))).toEqual(['cpu', 'memory']);
    telemetry.close();
  });

  it('asks each host every few seconds, and no more after it was closed', async () => {
    const { clock, hosts, telemetry } = open({ sampleSeconds: 10 });
    telemetry.start();
    telemetry.start();
    await clock.sleep(MINUTE + 1);
    expect(hosts.a.asked).toBe(3 * 7);
    telemetry.close();
    telemetry.start();
    await clock.sleep(MINUTE);
    expect(hosts.a.asked).toBe(3 * 7);
  });
});

describe('load that a process before this one has measured', () => {
  function store(): HistoryStore & { saved: unknown; saves: number } {
    return {
      saved: null,
      saves: 0,
      load() {
        return this.saved;
      },
      save(history) {
        this.saved = JSON.parse(JSON.stringify(history));
        this.saves++;
      },
    };
  }

  it('is told by a command that measures nothing itself', async () => {
    const shared = store();
    const daemon = open({ store: shared });
    daemon.hosts.a.guests = { vm: { cpus: 1, delay: 0.4 } };
    daemon.telemetry.start();
    await daemon.clock.sleep(6 * MINUTE);
    const expected = await daemon.samples();
    const command = open({ store: shared, clock: new VirtualClock(daemon.clock.now()), known: () => null });
    expect(await command.samples()).toEqual(expected);
    expect(command.hosts.a.asked).toBe(0);
    daemon.telemetry.close();
  });

  it('is saved once a minute and at the end, and not by who measured nothing', async () => {
    const shared = store();
    const { clock, telemetry } = open({ store: shared });
    telemetry.start();
    await clock.sleep(3 * MINUTE + 1000);
    expect(shared.saves).toBe(3);
    telemetry.close();
    expect(shared.saves).toBe(4);
    open({ store: shared }).telemetry.close();
    expect(shared.saves).toBe(4);
  });

  it('is no reason to fail when it cannot be read or written', async () => {
    const fail = (): never => {
      throw new Error('disk');
    };
    const { clock, telemetry, samples } = open({ store: { load: fail, save: fail } });
    telemetry.start();
    await clock.sleep(6 * MINUTE);
    expect(of(await samples(), 'a')).toHaveProperty('cpu');
    telemetry.close();
  });
});
