import type { Bdf, PciDevice } from '../../src/model/index.js';
import { IDLE_VF } from '../../src/model/index.js';
import type { DeviceBacking } from '../../src/drivers/libvirt/domain/backing.js';
import { placeOf } from '../../src/drivers/libvirt/domain/backing.js';
import { claimOf, macOf, pciAddress } from '../../src/drivers/libvirt/inventory/index.js';
import { attr, child, element, findAll, put, type XmlElement } from '../../src/drivers/libvirt/xml/index.js';

/** The port that the stand-ins of every host belong to. */
const PORT = '0000:3b:00.0';

/** Virtual functions of a host's only port. */
export const standIns: readonly Bdf[] = [0, 1, 2, 3].map((index) => `0000:3b:01.${index}`);

/**
 * Virtual functions where there are none: an igb card of QEMU's on the bridge of the host. Which function it stands for is the name of its tap
 * device, and a host has each name only once: so a function that is taken cannot be taken again, as with a real one.
 */
export const standInBacking: DeviceBacking = {
  held: (domain) =>
    findAll(domain, 'devices', 'interface')
      .filter((nic) => attr(child(nic, 'model'), 'type') === 'igb')
      .flatMap((nic) => {
        const device = functionOf(attr(child(nic, 'target'), 'dev') ?? '');
        const alias = attr(child(nic, 'alias'), 'name') ?? '';
        if (device === null) return [];
        return {
          claim: claimOf(alias),
          device,
          guestAddress: pciAddress(child(nic, 'address')) ?? '',
          mac: macOf(attr(child(nic, 'mac'), 'address')),
          alias,
          vlan: null,
          standby: null,
          managed: true,
          element: nic,
        };
      }),
  functions: () => standInFunctions,
  element: ({ claim, device, guestAddress, mac }) =>
    element('interface', { type: 'bridge' }, [
      ...(mac === null ? [] : [element('mac', { address: mac })]),
      element('source', { bridge: 'br0' }),
      element('target', { dev: tapOf(device.bdf) }),
      element('model', { type: 'igb' }),
      element('rom', { enabled: 'no' }),
      ...placeOf(guestAddress),
      element('alias', { name: `ua-${claim}` }),
    ]),
  redirect: ({ element: nic }, { device }): XmlElement => put(nic, element('target', { dev: tapOf(device) })),
  prepare: () => Promise.resolve(),
};

/** What each host has: the port, and its functions. */
export const standInFunctions: readonly PciDevice[] = [
  port(),
  ...standIns.map((bdf, index) => virtualFunction(bdf, index)),
];

function tapOf(bdf: Bdf): string {
  return `vf-${bdf.slice(5).replace(/[:.]/g, '-')}`;
}

function functionOf(tap: string): Bdf | null {
  const [, bus, slot, fn] = /^vf-([0-9a-f]{2})-([0-9a-f]{2})-([0-7])$/.exec(tap) ?? [];
  return bus === undefined ? null : `0000:${bus}:${slot ?? ''}.${fn ?? ''}`;
}

function common() {
  return { vendor: '8086', device: '10ca', category: 'network', driver: 'igbvf', numaNode: 0 } as const;
}

function port(): PciDevice {
  const function_ = {
    kind: 'pf',
    netdev: 'ens1f0',
    speedMbps: 1000,
    totalVfs: 4,
    mode: 'legacy',
    linkState: 'up',
  } as const;
  return {
    ...common(),
    bdf: PORT,
    device: '10c9',
    driver: 'igb',
    iommuGroup: 10,
    liveMigratable: false,
    function: function_,
  };
}

function virtualFunction(bdf: Bdf, index: number): PciDevice {
  const function_ = { kind: 'vf', parent: PORT, index, attributes: IDLE_VF } as const;
  return { ...common(), bdf, iommuGroup: 11 + index, liveMigratable: true, function: function_ };
}
