import { fabricContract } from '../../contracts/fabric.js';
import { hypervisorContract } from '../../contracts/hypervisor.js';
import type { Bench } from '../../contracts/bench.js';
import { GUEST_ADDRESS, host, macOf, open, scenarioOf, vf, vm } from './cluster-of.js';

const nics = [{ netdev: 'ens1f0', bdf: '0000:3b:00.0', vfs: 4, liveMigratable: true }];

function bench(): Promise<Bench> {
  const { hypervisor, fabric, clock, operator } = open(
    scenarioOf([host('left', { nics }), host('right', { nics })], [vm('guest', 'left', { vf: vf(0), vcpus: 2 })]),
  );
  const held = { claim: 'net', device: vf(0), guestAddress: GUEST_ADDRESS, mac: macOf('guest') };
  return Promise.resolve({
    hypervisor,
    fabric,
    clock,
    source: 'left',
    target: 'right',
    machine: {
      name: 'guest',
      vcpus: 2,
      memoryMiB: 2048,
      hugepageSizeKiB: 0,
      numaNode: null,
      isolatedCpus: false,
      diskGiB: 20,
      sharedDisks: true,
      devices: [{ ...held, vlan: null }],
    },
    held,
    free: [vf(1), vf(2)],
    cut: (name) => {
      operator.setHost(name, 'unknown');
      return Promise.resolve();
    },
    close: () => hypervisor.close(),
  });
}

hypervisorContract(
  'the simulator',
  {
    strategies: ['vfio-live', 'failover', 'hotplug', 'cold'],
    deviceAssignment: true,
    reconfigure: true,
  },
  bench,
);
fabricContract('the simulator', bench);
