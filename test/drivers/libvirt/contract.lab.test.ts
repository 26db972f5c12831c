import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { SystemClock } from '../../../src/clock/system.js';
import type { Bench } from '../../contracts/bench.js';
import { hypervisorContract } from '../../contracts/hypervisor.js';
import { describeLab } from '../../lab/describe.js';
import { guestImage } from '../../lab/guest/image.js';
import { busyboxGuest, guestMac } from '../../lab/guest/machine.js';
import { openLab, type Lab } from '../../lab/namespaces/lab.js';
import { until } from '../../lab/namespaces/process-tree.js';
import { standIns } from '../../lab/stand-in.js';
import { cardXml, clear, defineAndStart, openLabDriver } from './lab-cluster.js';

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
  const { hosts } = await lab;
  const [left, right] = hosts;
  if (left === undefined || right === undefined) throw new Error('the lab has too few hosts');
  const { hypervisor, fabric } = openLabDriver(hosts);
  const image = await guestImage();
  const xml = busyboxGuest(image, { name: 'guest', number: 7, devices: cardXml(held), sparePorts: 6 });
  await defineAndStart(left, xml);
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
      devices: [{ ...held, vlan: null }],
    },
    held,
    free: [second, third],
    cut: async (name) => hosts.find((host) => host.name === name)?.killDaemon(),
    close: async () => {
      await hypervisor.close();
      for (const host of hosts)
        if (!(await host.exec(['virsh', '-q', 'hostname'])).stdout.includes(host.name)) await host.startDaemon();
      await clear(hosts);
    },
  };
}
