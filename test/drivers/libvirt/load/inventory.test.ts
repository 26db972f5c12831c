import { expect, it } from 'vitest';
import { silentHost } from '../../../../src/drivers/libvirt/inventory/index.js';
import { hostInventory } from '../../../../src/drivers/libvirt/telemetry.js';
import { IDLE_VF, type PciDevice } from '../../../../src/model/index.js';

function device(bdf: string, is: PciDevice['function']): PciDevice {
  return {
    ...{ bdf, vendor: '8086', device: '10ca', category: 'network', driver: null },
    ...{ iommuGroup: 1, numaNode: 0, liveMigratable: false, function: is },
  };
}
const pf = (bdf: string, netdev: string) =>
  device(bdf, { kind: 'pf', netdev, speedMbps: 1000, totalVfs: 7, mode: 'legacy', linkState: 'up' });
const vf = (bdf: string, parent: string) => device(bdf, { kind: 'vf', parent, index: 0, attributes: IDLE_VF });
const node = (cpus: number) => ({ id: 0, cpus, isolatedCpus: 0, memoryMiB: 1, hugepages: [] });

it('what measuring has to know of a host is its CPUs, its lines, and who has VFs of NICs', () => {
  const host = {
    ...silentHost('a', null),
    numaNodes: [node(4), node(8)],
    devices: [
      pf('1', 'p0'),
      pf('2', 'p1'),
      pf('3', ''),
      vf('1.1', '1'),
      vf('1.2', '1'),
      vf('2.1', '2'),
      vf('3.1', '3'),
    ],
  };
  const holders = new Map([
    ['1.1', 'vm'],
    ['2.1', 'vm'],
    ['3.1', 'crypto'],
    ['9', 'gpu'],
  ]);
  expect(hostInventory({ host, holders })).toEqual({
    cpus: 12,
    lineMbps: 2000,
    vfsOf: new Map([['vm', ['1.1', '2.1']]]),
  });
});
