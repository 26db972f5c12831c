import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { SystemClock } from '../../../src/clock/system.js';
import { openLibvirt } from '../../../src/drivers/libvirt/open.js';
import { parseLibvirtUri } from '../../../src/drivers/libvirt/rpc/index.js';
import type { LibvirtSettings } from '../../../src/drivers/libvirt/settings.js';
import { printXml } from '../../../src/drivers/libvirt/xml/index.js';
import type { Bench } from '../../contracts/bench.js';
import { hypervisorContract } from '../../contracts/hypervisor.js';
import { describeLab } from '../../lab/describe.js';
import { guestImage } from '../../lab/guest/image.js';
import { busyboxGuest, guestMac } from '../../lab/guest/machine.js';
import { openLab, type Lab } from '../../lab/namespaces/lab.js';
import { until } from '../../lab/namespaces/process-tree.js';
import { standInBacking, standInFunctions, standIns } from '../../lab/stand-in.js';

let lab: Promise<Lab> | null = null;
afterAll(async () => {
  await (await lab)?.close();
});

const [first = '', second = '', third = ''] = standIns;
const clock = new SystemClock();
const held = { claim: 'net', device: first, guestAddress: '0000:05:00.0', mac: guestMac(7, 1) };

describeLab('real hypervisors', ['guests', 'stand-in functions'], () => {
  hypervisorContract(
    'the driver for libvirt',
    { strategies: ['vfio-live', 'failover', 'hotplug', 'cold'], deviceAssignment: true, reconfigure: true },
    bench,
    ['vfio-live', 'hotplug'],
  );
});

async function bench(): Promise<Bench> {
  lab ??= openLab({ hosts: 2 });
  const { hosts, sharedFolder } = await lab;
  const [left, right] = hosts;
  if (left === undefined || right === undefined) throw new Error('the lab has too few hosts');
  const settings: LibvirtSettings = {
    hosts: hosts.map((host) => {
      const uri = parseLibvirtUri(host.uri);
      if (!uri.ok) throw new Error(uri.reason);
      return {
        name: host.name,
        uri: uri.value,
        peerUri: host.peerUri,
        migrationUri: host.migrationUri,
        commands: null,
        guardLedger: null,
      };
    }),
    resyncSeconds: 60,
    shutdownSeconds: 0,
    unplugSeconds: 20,
    sharedPaths: [],
    image: null,
    liveMigratable: [],
    tls: false,
  };
  const { hypervisor, fabric } = openLibvirt(settings, { clock, backing: standInBacking });
  const [, device] = standInFunctions;
  if (device === undefined) throw new Error('there is no stand-in');
  const card = printXml(standInBacking.element({ ...held, device, managed: true }));
  const image = await guestImage();
  const xml = busyboxGuest(image, { name: 'guest', number: 7, devices: card, sparePorts: 6 });
  const file = join(sharedFolder, 'guest.xml');
  writeFileSync(file, xml);
  await left.virsh('define', file);
  await left.virsh('start', 'guest');
  const console = join(left.folder, 'log', 'qemu', 'guest.console');
  await until('the guest is not ready', 60_000, () => /driver=igb/.test(readFileSync(console, 'utf8')));
  return {
    hypervisor,
    fabric,
    clock,
    source: left.name,
    target: right.name,
    machine: {
      name: 'guest',
      vcpus: 1,
      memoryMiB: 96,
      hugepageSizeKiB: 0,
      numaNode: null,
      isolatedCpus: false,
      diskGiB: 0,
      sharedDisks: true,
      devices: [held],
    },
    held,
    free: [second, third],
    cut: (name) => hosts.find((host) => host.name === name)?.killDaemon(),
    close: async () => {
      await hypervisor.close();
      for (const host of hosts) {
        if (!(await host.exec(['virsh', '-q', 'hostname'])).stdout.includes(host.name)) await host.startDaemon();
        const names = (await host.virsh('list', '--all', '--name')).split('\n').filter((name) => name !== '');
        for (const name of names) {
          await host.exec(['virsh', 'destroy', name]);
          await host.exec(['virsh', 'undefine', name]);
        }
      }
    },
  };
}
