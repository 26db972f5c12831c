import { afterAll, beforeAll, expect, it } from 'vitest';
import { askHost, changeBy, WATCHED } from '../../../src/drivers/libvirt/ask-host.js';
import type { HostObservation } from '../../../src/drivers/libvirt/inventory/index.js';
import { HostView } from '../../../src/drivers/libvirt/inventory/index.js';
import { LibvirtClient, parseLibvirtUri } from '../../../src/drivers/libvirt/rpc/index.js';
import { firmwareGuest, standInFunction } from '../../lab/guest/machine.js';
import { describeLab } from '../../lab/describe.js';
import type { LabHost } from '../../lab/namespaces/host.js';
import type { Lab } from '../../lab/namespaces/lab.js';
import { openLab } from '../../lab/namespaces/lab.js';

/** A view of one host of the lab, and how many calls it made since it was asked last. */
interface Watched {
  readonly client: LibvirtClient;
  readonly view: HostView;
  /** What happened on the host, by its events. */
  readonly changes: string[];
  readonly calls: () => number;
}

async function watch(host: LabHost, sharedPaths: readonly string[]): Promise<Watched> {
  const uri = parseLibvirtUri(host.uri);
  if (!uri.ok) throw new Error(uri.reason);
  const client = await LibvirtClient.open(uri.value, { backoff: { firstMs: 50, longestMs: 200 } });
  let made = 0;
  const calls = new Proxy(askHost(client), {
    get: (target, name): unknown => {
      made++;
      return Reflect.get(target, name);
    },
  });
  const resyncMs = 3_600_000;
  const view = new HostView(calls, {
    host: host.name,
    now: Date.now,
    resyncMs,
    sharedPaths,
    destinationOf: () => 'h2',
  });
  const changes: string[] = [];
  await client.subscribe(WATCHED, (notice) => {
    changes.push(notice.kind);
    const change = changeBy(notice);
    if (change !== null) view.changed(change);
  });
  const count = (): number => {
    const since = made;
    made = 0;
    return since;
  };
  return { client, view, changes, calls: count };
}

/** Looks until it sees what is wanted; fails after ten seconds with what it saw last. */
async function eventually(
  view: Pick<HostView, 'observe'>,
  wanted: (seen: HostObservation) => boolean,
): Promise<HostObservation> {
  for (const end = Date.now() + 10_000; ;) {
    const seen = await view.observe();
    if (wanted(seen)) return seen;
    if (Date.now() > end) throw new Error(`not seen: ${JSON.stringify(seen.machines)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describeLab('the inventory of real hosts', ['hypervisors'], () => {
  let lab: Lab;
  let hosts: readonly LabHost[];
  let watched: readonly Watched[];
  const at = <T>(list: readonly T[], index: number): T => {
    const found = list[index];
    if (found === undefined) throw new Error(`there are only ${list.length}`);
    return found;
  };

  beforeAll(async () => {
    lab = await openLab({ hosts: 2 });
    hosts = lab.hosts;
    watched = await Promise.all(hosts.map((host) => watch(host, [lab.sharedFolder])));
    const [first] = hosts;
    if (first === undefined) throw new Error('the lab is empty');
    await first.exec(['truncate', '-s', '1G', `${lab.sharedFolder}/one.raw`, `${first.folder}/three.raw`]);
    const disks = [{ file: `${lab.sharedFolder}/one.raw` }];
    await define(first, firmwareGuest({ name: 'one', number: 1, memoryMiB: 96, disks }));
    await first.virsh('start', 'one');
    await define(first, firmwareGuest({ name: 'two', number: 2 }));
  });
  afterAll(async () => {
    await Promise.all(watched.map(({ client }) => client.close()));
    await lab.close();
  });

  async function define(host: LabHost, xml: string): Promise<void> {
    await host.exec(['sh', '-c', 'cat > /tmp/guest-$0.xml', host.name], xml);
    await host.virsh('define', `/tmp/guest-${host.name}.xml`);
  }

  it('sees in three round trips what the host is, what it runs and what it could run', async () => {
    const { view } = at(watched, 0);
    const { host, uuid, machines, roundTrips, findings } = await view.observe();
    expect(roundTrips).toBe(3);
    expect(uuid).toBe(at(hosts, 0).uuid);
    expect(host).toMatchObject({ name: 'h1', state: 'up' });
    expect(host.numaNodes.length).toBeGreaterThan(0);
    expect(host.machineTypes).toContain('pc-q35-7.2');
    expect(machines).toMatchObject([
      {
        name: 'one',
        state: 'running',
        memoryMiB: 96,
        vcpus: 1,
        diskGiB: 1,
        sharedDisks: true,
        assignments: [],
        job: null,
      },
      { name: 'two', state: 'stopped', memoryMiB: 64, diskGiB: 0 },
    ]);
    expect(findings.filter(({ code }) => code !== 'NoIommuGroup')).toEqual([]);
  });

  it('asks once, by two calls, when nothing happened', async () => {
    const { view, calls } = at(watched, 0);
    await view.observe();
    calls();
    expect((await view.observe()).roundTrips).toBe(1);
    expect(calls()).toBe(2);
  });

  it('sees what somebody else starts, pauses, writes into a domain, and stops', async () => {
    const [{ view }, host] = [at(watched, 0), at(hosts, 0)];
    const state = (seen: HostObservation): string | undefined =>
      seen.machines.find(({ name }) => name === 'two')?.state;
    await host.virsh('start', 'two');
    await eventually(view, (seen) => state(seen) === 'running');
    await host.virsh('suspend', 'two');
    await eventually(view, (seen) => state(seen) === 'paused');
    await host.virsh(
      ...['metadata', 'two', '--uri', 'urn:berth:machine:1', '--key', 'berth', '--live', '--set'],
      "<machine><staged claim='net' host='h2' device='0000:01:10.0'/></machine>",
    );
    const staged = [{ claim: 'net', host: 'h2', device: '0000:01:10.0' }];
    const seen = await eventually(view, ({ machines }) => machines.some((machine) => machine.staged.length > 0));
    expect(seen.machines.find(({ name }) => name === 'two')?.staged).toEqual(staged);
    await host.virsh('destroy', 'two');
    await eventually(view, (last) => state(last) === 'stopped');
    await host.virsh('undefine', 'two');
    await eventually(view, (last) => state(last) === undefined);
  });

  it('sees a card that is plugged in, and its going', async () => {
    const [{ view, changes }, host] = [at(watched, 0), at(hosts, 0)];
    const card = standInFunction({ mac: '52:54:00:77:09:01', alias: 'ua-net' }).replace(
      "model type='igb'",
      "model type='virtio'",
    );
    await host.exec(['sh', '-c', 'cat > /tmp/card.xml'], card);
    await host.virsh('attach-device', 'one', '/tmp/card.xml', '--live');
    const cards = ({ domains }: HostObservation): number =>
      domains
        .get('one')
        ?.domain.xml.children.flatMap((node) =>
          node.kind === 'element' && node.name === 'devices' ? node.children : [],
        )
        .filter((node) => node.kind === 'element' && node.name === 'interface').length ?? 0;
    await eventually(view, (seen) => cards(seen) === 2);
    expect(changes).toContain('deviceAdded');
  });

  it('sees both ends of a migration while it runs, and one copy afterwards', async () => {
    const [source, target] = [at(watched, 0), at(watched, 1)];
    const [from, to] = [at(hosts, 0), at(hosts, 1)];
    const disk = `${lab.localFolder}/three.raw`;
    await from.exec(['dd', 'if=/dev/urandom', `of=${disk}`, 'bs=1M', 'count=64']);
    await to.exec(['truncate', '-s', '64M', disk]);
    await define(from, firmwareGuest({ name: 'three', number: 3, disks: [{ file: disk }] }));
    await from.virsh('start', 'three');
    const three = ({ machines }: HostObservation) => machines.find(({ name }) => name === 'three');
    const move = (...options: readonly string[]): Promise<string> =>
      from.virsh('migrate', 'three', to.peerUri, '--live', '--p2p', '--persistent', '--undefinesource', ...options);

    const slow = move('--copy-storage-all', '--bandwidth', '1').catch(String);
    const leaving = await eventually(source.view, (seen) => (three(seen)?.job?.totalBytes ?? 0) > 0);
    expect(three(leaving)).toMatchObject({
      state: 'running',
      job: { to: 'h2' },
      diskGiB: 1,
      sharedDisks: false,
    });
    expect(Math.abs((three(leaving)?.job?.startedAt ?? 0) - Date.now())).toBeLessThan(60_000);
    const coming = await eventually(target.view, (seen) => three(seen) !== undefined);
    expect(three(coming)).toMatchObject({ host: 'h2', state: 'incoming', memoryMiB: 64, job: null });
    await from.virsh('domjobabort', 'three');
    expect(await slow).toContain('canceled by client');
    await eventually(source.view, (seen) => three(seen)?.job === null);
    await eventually(target.view, (seen) => three(seen) === undefined);

    await move('--copy-storage-all');
    const arrived = await eventually(target.view, (seen) => three(seen)?.state === 'running');
    expect(three(arrived)).toMatchObject({ host: 'h2', job: null });
    await eventually(source.view, (seen) => three(seen) === undefined);
  });

  it('does not answer for a host whose daemon is gone, and asks for everything when it is back', async () => {
    const [{ view, client, calls }, host] = [at(watched, 1), at(hosts, 1)];
    const state = (kind: string): Promise<void> =>
      new Promise((resolve) => {
        const stop = client.onState((now) => {
          if (now.kind !== kind) return;
          stop();
          resolve();
        });
      });
    await view.observe();
    calls();
    const gone = state('down');
    const asked = view.observe();
    await host.killDaemon();
    await gone;
    await Promise.allSettled([asked]);
    const back = state('connected');
    await host.startDaemon();
    await back;
    calls();
    expect(await view.observe()).toMatchObject({ machines: [{ name: 'three', state: 'running' }], roundTrips: 2 });
    expect(calls()).toBeGreaterThan(5);
  });
});
