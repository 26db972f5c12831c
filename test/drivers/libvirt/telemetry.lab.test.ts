import { afterAll, beforeAll, expect, it } from 'vitest';
import { SystemClock } from '../../../src/clock/system.js';
import type { LibvirtClient } from '../../../src/drivers/libvirt/rpc/index.js';
import { LibvirtTelemetry, type HistoryStore } from '../../../src/drivers/libvirt/telemetry.js';
import type { LoadSample } from '../../../src/model/index.js';
import { describeLab } from '../../lab/describe.js';
import { firmwareGuest } from '../../lab/guest/machine.js';
import type { LabHost } from '../../lab/namespaces/host.js';
import { openLab, type Lab } from '../../lab/namespaces/lab.js';
import { openClient } from './rpc/lab-client.js';

const WINDOW_SECONDS = 6;
const WINDOW_MS = WINDOW_SECONDS * 1000;

describeLab('load of real hosts', ['hypervisors'], () => {
  const clock = new SystemClock();
  const memory = { saved: null as unknown };
  const store: HistoryStore = { load: () => memory.saved, save: (history) => void (memory.saved = history) };
  let lab: Lab;
  let hosts: readonly LabHost[];
  let clients: readonly LibvirtClient[];
  let telemetry: LibvirtTelemetry;

  const opened = () =>
    new LibvirtTelemetry({
      hosts: clients.map((calls, index) => ({
        name: hosts[index]?.name ?? '',
        calls,
        inventory: () => ({ cpus: 2, lineMbps: 1000, vfsOf: new Map() }),
      })),
      clock,
      store,
      sampleSeconds: 1,
    });

  beforeAll(async () => {
    lab = await openLab({ hosts: 2 });
    ({ hosts } = lab);
    clients = await Promise.all(hosts.map((host) => openClient(host.uri)));
    telemetry = opened();
    telemetry.start();
  });
  afterAll(async () => {
    telemetry.close();
    await Promise.all(clients.map((client) => client.close()));
    await lab.close();
  });

  /** The newest samples, after two windows from now have passed. */
  async function afterWindows(): Promise<readonly LoadSample[]> {
    const end = (Math.ceil(clock.now() / WINDOW_MS) + 1) * WINDOW_MS;
    await clock.sleep(end + 1500 - clock.now());
    return telemetry.samples({ until: end, windowSeconds: WINDOW_SECONDS, windows: 1 });
  }
  const of = (
    samples: readonly LoadSample[],
    kind: 'host' | 'machine',
    name: string,
  ): Partial<Record<string, number>> =>
    Object.fromEntries(
      samples
        .filter(({ subject }) => subject.kind === kind && subject.name === name)
        .map((one) => [one.metric, one.value]),
    );

  it('comes in the units of the model, and leaves paused domains out', async () => {
    const [first] = clients as [LibvirtClient];
    await first.createXml(firmwareGuest({ name: 'guest', number: 1 }));
    await first.createXml(firmwareGuest({ name: 'dummy', number: 2 }), ['paused']);
    const samples = await afterWindows();
    const guest = of(samples, 'machine', 'guest');
    expect(guest['cpu']).toBeGreaterThanOrEqual(0);
    expect(guest['cpu']).toBeLessThan(4);
    expect(guest['memory']).toBeGreaterThan(5);
    expect(guest['memory']).toBeLessThan(1000);
    expect(guest['network']).toBeGreaterThanOrEqual(0);
    expect(guest['cpu-delay']).toBeGreaterThanOrEqual(0);
    expect(of(samples, 'machine', 'dummy')).toEqual({});
    for (const { name } of hosts) {
      const host = of(samples, 'host', name);
      for (const metric of ['cpu', 'memory']) {
        expect(host[metric]).toBeGreaterThan(0);
        expect(host[metric]).toBeLessThanOrEqual(1);
      }
      expect(host['network']).toBeLessThan(1);
    }
  });

  it('follows a machine to another host, where its counters begin anew', async () => {
    const [first, second] = clients as [LibvirtClient, LibvirtClient];
    const domain = await first.lookupDomainByName('guest');
    const target = hosts[1] as LabHost;
    const parameters = { migrateUri: target.migrationUri, bandwidthMiBps: 500 };
    const move = { domain, destinationUri: target.peerUri, flags: ['live'], parameters } as const;
    await first.migrate(move, { deadlineMs: 60_000 });
    const samples = await afterWindows();
    const cpus = samples.filter(({ subject, metric }) => subject.name === 'guest' && metric === 'cpu');
    expect(cpus).toHaveLength(1);
    expect(cpus[0]?.value).toBeLessThan(4);
    expect(await second.lookupDomainByName('guest')).toMatchObject({ name: 'guest' });
  });

  it('goes on when a daemon was started again, and is told by who comes later', async () => {
    const [host] = hosts as [LabHost];
    await host.killDaemon();
    await clock.sleep(3000);
    await host.startDaemon();
    expect(of(await afterWindows(), 'host', host.name)).toHaveProperty('cpu');
    const until = clock.now();
    telemetry.close();
    const query = { until, windowSeconds: WINDOW_SECONDS, windows: 3 };
    const told = await telemetry.samples(query);
    expect(await opened().samples(query)).toEqual(
      told.map((sample) => ({ ...sample, value: expect.closeTo(sample.value, 3) as number })),
    );
  });
});
