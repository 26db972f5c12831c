import type { Strategy } from '../../src/model/index.js';
import { burden, type ClaimName, type Site, type SiteHost } from './site.js';

/** One way in which a machine's device is replaced. */
export interface Crossing {
  readonly claim: ClaimName;
  readonly strategy: Strategy;
}

/** A virtual function of a NIC's port, by each strategy. */
export const VF_CROSSINGS: readonly Crossing[] = [
  { claim: 'fronthaul', strategy: 'vfio-live' },
  { claim: 'fronthaul', strategy: 'failover' },
  { claim: 'fronthaul', strategy: 'hotplug' },
  { claim: 'fronthaul', strategy: 'cold' },
];

/** A whole PCIe function, by the strategies that it can take. */
export const PCIE_CROSSINGS: readonly Crossing[] = [
  { claim: 'gpu', strategy: 'hotplug' },
  { claim: 'gpu', strategy: 'cold' },
  { claim: 'nvme', strategy: 'hotplug' },
  { claim: 'nvme', strategy: 'cold' },
  { claim: 'fpga', strategy: 'hotplug' },
  { claim: 'fpga', strategy: 'cold' },
];

/** Rows of a table of cases, with a name for their titles. */
export function named(crossings: readonly Crossing[]): readonly (readonly [name: string, crossing: Crossing])[] {
  return crossings.map((crossing) => [`${NAMES[crossing.claim]} (${crossing.strategy})`, crossing]);
}

const NAMES: Readonly<Record<ClaimName, string>> = {
  fronthaul: 'VF',
  midhaul: 'VF',
  gpu: 'GPU',
  nvme: 'NVMe drive',
  fpga: 'FPGA',
};

/** The machine of these stories. */
export const MACHINE = 'vm-1';

/** All machines of these stories. */
export const EVERYBODY = [MACHINE, 'burden-edge-1'];

/** A machine with one device on a host that is too busy; `strategy` is the only one that is allowed. */
export function overloaded({ claim, strategy }: Crossing, burdenCpus = 24): Site {
  return {
    machines: [
      {
        name: MACHINE,
        at: 'edge-1',
        claims: [claim],
        spec: { strategies: [strategy], maxDowntimeMs: strategy === 'cold' ? 60_000 : 300 },
      },
      burden('edge-1', burdenCpus),
    ],
  };
}

/** Three hosts behind one switch, some of them changed. */
export function hosts(...changed: readonly SiteHost[]): readonly SiteHost[] {
  const names = ['edge-1', 'edge-2', 'edge-3'];
  return names.map((name) => changed.find((host) => host.name === name) ?? { name });
}

/** A NIC whose VFs cannot carry their state. */
export const PLAIN_NICS = [
  { netdev: 'ens1f0', bdf: '0000:3b:00.0', vfs: 6, liveMigratable: false },
  { netdev: 'ens2f0', bdf: '0000:5e:00.0', vfs: 6, liveMigratable: false },
];
export const PLAIN = { hardware: { nics: PLAIN_NICS } };
/** A platform that lacks what the others have. */
export const OLD_CPU = { hardware: { cpuModel: 'Haswell', cpuFeatures: ['aes'] } };

/** The machine on its busy host, with its strategies as they are written. */
export function busy(strategies: readonly Strategy[], changed: readonly SiteHost[], spec = {}): Site {
  const machine = { name: MACHINE, at: 'edge-1', claims: ['fronthaul'] as const, spec: { strategies, ...spec } };
  return { hosts: hosts(...changed), machines: [machine, burden('edge-1', 24)] };
}

/** A DU with its two ports on a host that is too busy. */
export const BUSY_DU: Site = {
  machines: [
    {
      name: 'du-1',
      at: 'edge-1',
      claims: ['fronthaul', 'midhaul'],
      spec: { role: 'DU' },
      hardware: { hugepageSizeKiB: 1_048_576, isolatedCpus: true, numaNode: 0 },
    },
    burden('edge-1', 24),
  ],
};
