import { describe, expect, it } from 'vitest';
import { IDLE_VF } from '../../../src/model/index.js';
import type { PciDevice, World } from '../../../src/model/index.js';
import { changeStep, dummyMac } from './corrupt.js';
import { codesOf, LIVE, UPF } from './refusal-case.js';
import type { RefusalCase } from './refusal-case.js';

const localClaim = {
  ...{
    name: 'n3',
    place: { file: '', line: 1, column: 1, pointer: '', excerpt: '' },
    class: 'vf',
    portProfile: 'profile',
  },
  ...{ mac: null, guestAddress: '', attributes: IDLE_VF, numaLocal: true },
};

function changeDevices(change: (device: PciDevice) => PciDevice): (world: World) => World {
  return (world) => ({
    ...world,
    hosts: world.hosts.map((host) => (host.name === 'h2' ? { ...host, devices: host.devices.map(change) } : host)),
  });
}

const cases: readonly RefusalCase[] = [
  {
    reason: 'two moves reserve one VF',
    codes: ['DeviceInUse'],
    lines: {
      hosts: UPF.hosts,
      machines: { a: { on: 'h1', claims: { n3: 'vf' } }, b: { on: 'h1', claims: { n3: 'vf' } } },
    },
    moves: [
      { machine: 'a', to: 'h2', devices: { n3: '0000:16:01.0' } },
      { machine: 'b', to: 'h2', devices: { n3: '0000:16:01.0' } },
    ],
  },
  {
    reason: 'a VF is reserved that another machine has',
    codes: ['DeviceInUse'],
    lines: {
      hosts: UPF.hosts,
      machines: { a: { on: 'h1', claims: { n3: 'vf' } }, b: { on: 'h2', claims: { n3: 'vf' } } },
    },
    moves: [{ machine: 'a', to: 'h2', devices: { n3: '0000:16:01.0' } }],
  },
  {
    reason: 'a VF is reserved while its owner is still leaving',
    codes: ['DeviceInUse'],
    lines: {
      hosts: UPF.hosts,
      machines: { a: { on: 'h1', claims: { n3: 'vf' } }, b: { on: 'h2', claims: { n3: 'vf' } } },
    },
    moves: [
      { machine: 'b', to: 'h3' },
      { machine: 'a', to: 'h2', devices: { n3: '0000:16:01.0' }, after: ['b.1'] },
    ],
    corrupt: changeStep('a.1/reserve/n3', () => ({ dependsOn: ['b.1/migrate'] })),
  },
  {
    reason: "a VF is reserved that a stranger's dummy holds",
    codes: ['DeviceInUse'],
    lines: {
      ...UPF,
      world: {
        dummies: [
          {
            name: 'stranger',
            host: 'h2',
            devices: ['0000:16:01.0'],
            mac: '02:00:00:00:00:01',
            reservation: 'h2/0000:16:01.0',
            expiresAt: 0,
          },
        ],
      },
    },
    moves: [{ machine: 'upf', to: 'h2', devices: { n3: '0000:16:01.0' } }],
  },
  {
    ...LIVE,
    reason: 'the device does not exist',
    codes: ['DeviceMissing', 'MissingAction', 'StrategyNotPossible'],
    moves: [{ machine: 'upf', to: 'h2', devices: { n3: '0000:99:00.0' } }],
  },
  {
    reason: 'the device is of another class',
    codes: ['DeviceUnsuitable'],
    lines: { hosts: { h1: { gpus: 1 }, h2: { gpus: 1 } }, machines: { ai: { on: 'h1', claims: { gpu: 'gpu' } } } },
    moves: [{ machine: 'ai', to: 'h2', strategy: 'cold', devices: { gpu: '0000:16:01.0' } }],
  },
  {
    ...LIVE,
    reason: 'the VF is bound to a driver that its class does not name',
    codes: ['DeviceUnsuitable'],
    lines: { ...UPF, classes: [{ name: 'vf', drivers: ['iavf'] }] },
    observe: changeDevices((device) => ({ ...device, driver: 'igbvf' })),
  },
  {
    ...LIVE,
    reason: 'the VF is bound to no driver, and its class names one',
    codes: ['DeviceUnsuitable'],
    lines: { ...UPF, classes: [{ name: 'vf', drivers: ['iavf'] }] },
    observe: changeDevices((device) => ({ ...device, driver: null })),
  },
  {
    reason: 'the VF is on another physical network',
    codes: ['DeviceUnsuitable'],
    lines: {
      ...UPF,
      hosts: { h1: {}, h2: { desired: { ports: [{ netdev: 'ens0f0', physicalNetwork: 'other', switchPort: '1' }] } } },
    },
    moves: LIVE.moves,
  },
  {
    ...LIVE,
    reason: 'only a part of an IOMMU group is reserved',
    codes: ['DeviceGroupSplit'],
    observe: changeDevices((device) => (device.bdf === '0000:16:01.1' ? { ...device, iommuGroup: 1 } : device)),
  },
  {
    reason: 'a MAC would be on two machines',
    codes: ['DuplicateMac'],
    lines: { hosts: UPF.hosts, machines: { a: { on: 'h1', claims: { n3: 'vf' } }, b: { claims: { n3: 'vf' } } } },
    moves: [{ machine: 'b', to: 'h2' }],
    observe: (world) => ({
      ...world,
      machines: world.machines.map((machine) => ({
        ...machine,
        assignments: machine.assignments.map((assignment) => ({ ...assignment, mac: '52:54:00:00:ff:00' })),
      })),
    }),
  },
  {
    ...LIVE,
    reason: 'an idle VF still carries the MAC of a machine that starts',
    codes: ['DuplicateMac'],
    lines: { hosts: UPF.hosts, machines: { upf: { claims: { n3: 'vf' } } } },
    observe: changeDevices((device) =>
      device.function.kind === 'vf' && device.function.index === 3
        ? { ...device, function: { ...device.function, attributes: { ...IDLE_VF, adminMac: '52:54:00:00:ff:00' } } }
        : device,
    ),
  },
  {
    ...LIVE,
    reason: 'two dummies carry one MAC',
    codes: ['DummyMac'],
    lines: { hosts: UPF.hosts, machines: { upf: { on: 'h1', claims: { n3: 'vf', n6: 'vf' } } } },
    corrupt: dummyMac('02:00:00:00:00:01'),
  },
  {
    ...LIVE,
    reason: 'a device cannot carry its state',
    codes: ['StrategyNotPossible'],
    lines: { ...UPF, hosts: { h1: {}, h2: { live: false } } },
  },
  {
    ...LIVE,
    reason: 'the device is of another model',
    codes: ['StrategyNotPossible'],
    observe: changeDevices((device) => ({ ...device, device: '10ed' })),
  },
  {
    reason: 'a cold move would leave local disks behind',
    codes: ['StrategyNotPossible'],
    lines: { ...UPF, machines: { upf: { on: 'h1', claims: { n3: 'vf' }, desired: { sharedDisks: false } } } },
    moves: [{ machine: 'upf', to: 'h2', strategy: 'cold' }],
  },
  {
    ...LIVE,
    reason: 'the CPUs of the target lack something',
    codes: ['StrategyNotPossible'],
    lines: { ...UPF, hosts: { h1: { observed: { cpuFeatures: ['avx512f'] } }, h2: {} } },
  },
  {
    reason: 'the device is on another cell than the machine',
    codes: ['NotNumaLocal'],
    lines: {
      hosts: { h1: {}, h2: { cells: 2 } },
      machines: { du: { on: 'h1', claims: { n3: 'vf' }, desired: { claims: [localClaim] } } },
    },
    moves: [{ machine: 'du', to: 'h2', numaNode: 1, devices: { n3: '0000:16:01.0' } }],
  },
  {
    ...LIVE,
    reason: 'the class does not allow the strategy',
    codes: ['StrategyNotAllowed'],
    lines: { ...UPF, classes: [{ name: 'vf', strategies: ['cold'] }] },
  },
  {
    reason: 'the machine does not allow the strategy',
    codes: ['StrategyNotAllowed'],
    lines: { hosts: UPF.hosts, machines: { du: { on: 'h1', desired: { strategies: ['vfio-live'] } } } },
    moves: [{ machine: 'du', to: 'h2', strategy: 'cold' }],
  },
  {
    reason: 'nothing can stand in for a GPU',
    codes: ['StrategyNotAllowed', 'StrategyNotPossible'],
    lines: { hosts: { h1: { gpus: 1 }, h2: { gpus: 1 } }, machines: { ai: { on: 'h1', claims: { gpu: 'gpu' } } } },
    moves: [{ machine: 'ai', to: 'h2', strategy: 'failover' }],
  },
];

describe('replay refuses a plan that gives a device away wrongly', () => {
  it.each(cases)('because $reason', (refusal) => {
    expect(codesOf(refusal)).toEqual(refusal.codes);
  });
});
