import type {
  DomainFigures,
  DomainJob,
  DomainRef,
  HostCalls,
} from '../../../../src/drivers/libvirt/inventory/index.js';
import { fixture, netXml, pciXml } from './fixture.js';

interface ScriptedDomain {
  readonly id: number | null;
  readonly xml: string;
  readonly state?: DomainFigures['state']['kind'];
  readonly reason?: string;
  readonly job?: DomainJob;
  readonly diskBytes?: ReadonlyMap<string, number>;
  /** Sizes that it tells to whoever waits. */
  readonly sizesInTime?: ReadonlyMap<string, number>;
}

/**
 * A host that a test can change between two passes. It answers a round of calls at a time, so that the test can count how often
 * somebody had to wait for it.
 */
export class ScriptedHost implements HostCalls {
  readonly domainsByName = new Map<string, ScriptedDomain>();
  readonly devicesByName = new Map<string, string>();
  capabilitiesXml = fixture('capabilities.xml');
  /** Calls since the last `take`, such as `domainXml du-1`. */
  #asked: string[] = [];
  #rounds = 0;
  #waiting: (() => void)[] = [];
  silent = false;
  /** Done while a call is answered. */
  onCall: (call: string) => void = () => undefined;

  /** What was asked since the last time, sorted, and in how many rounds. */
  take(): { readonly asked: readonly string[]; readonly rounds: number } {
    const taken = { asked: [...this.#asked].sort(), rounds: this.#rounds };
    this.#asked = [];
    this.#rounds = 0;
    return taken;
  }

  capabilities = () => this.#answer('capabilities', () => this.capabilitiesXml);
  domainCapabilities = () => this.#answer('domainCapabilities', () => null);
  domains = () =>
    this.#answer('domains', () =>
      [...this.domainsByName].map(([name, one]) => ({
        domain: refOf(name, one.id),
        state: {
          kind: one.state ?? (one.id === null ? 'shutOff' : 'running'),
          reason: one.reason ?? 'unknown',
        } as const,
        diskBytes: one.diskBytes ?? new Map(),
        vcpus: 3,
        memoryMiB: 256,
        dirtyMibps: null,
      })),
    );
  domainXml = ({ name }: DomainRef) =>
    this.#answer(`domainXml ${name}`, () => this.domainsByName.get(name)?.xml ?? null);
  domainJob = ({ name }: DomainRef) =>
    this.#answer(`domainJob ${name}`, () => this.domainsByName.get(name)?.job ?? { kind: 'none' as const });
  diskBytes = ({ name }: DomainRef) =>
    this.#answer(`diskBytes ${name}`, () => this.domainsByName.get(name)?.sizesInTime ?? new Map<string, number>());
  nodeDevices = () => this.#answer('nodeDevices', () => [...this.devicesByName.keys()]);
  nodeDeviceXml = (name: string) => this.#answer(`nodeDeviceXml ${name}`, () => this.devicesByName.get(name) ?? null);

  async #answer<T>(call: string, value: () => T): Promise<T> {
    this.#asked.push(call);
    if (this.#waiting.length === 0) {
      this.#rounds++;
      setImmediate(() => {
        const waiting = this.#waiting;
        this.#waiting = [];
        for (const go of waiting) go();
      });
    }
    await new Promise<void>((go) => this.#waiting.push(go));
    if (this.silent) throw new Error('the host does not answer');
    const answer = value();
    this.onCall(call);
    return answer;
  }
}

export function refOf(name: string, id: number | null): DomainRef {
  return { name, uuid: `uuid-of-${name}`, id };
}

export const PF = '0000:01:00.0';
export const VFS = ['0000:01:10.0', '0000:01:10.2', '0000:01:10.4'] as const;

/** A domain with VFs of the host; its claims are named `net0`, `net1`… */
export function guestXml(name: string, devices: readonly string[] = []): string {
  const nics = devices.map((bdf, index) => {
    const [domain, bus, slot, fn] = bdf.split(/[:.]/);
    return `<interface type='hostdev'><mac address='52:54:00:00:00:0${index}'/><source><address type='pci' domain='0x${domain}' bus='0x${bus}' slot='0x${slot}' function='0x${fn}'/></source><alias name='ua-net${index}'/></interface>`;
  });
  return `<domain><name>${name}</name><memory unit='MiB'>512</memory><vcpu>1</vcpu><devices>${nics.join('')}</devices></domain>`;
}

/** A host with a NIC of three VFs, one machine that has the first of them, and one that is defined only. */
export function smallHost(): ScriptedHost {
  const host = new ScriptedHost();
  host.domainsByName.set('du-1', { id: 1, xml: guestXml('du-1', [VFS[0]]), diskBytes: new Map() });
  host.domainsByName.set('idle', { id: null, xml: guestXml('idle', [VFS[0]]) });
  host.devicesByName.set('pf', pciXml({ bdf: PF, driver: 'igb', vfs: VFS, maxVfs: 7, group: 6 }));
  host.devicesByName.set('net', netXml(PF, 'ens1'));
  for (const [index, bdf] of VFS.entries())
    host.devicesByName.set(`vf${index}`, pciXml({ bdf, parent: PF, group: 7 + index, driver: 'igbvf' }));
  return host;
}
