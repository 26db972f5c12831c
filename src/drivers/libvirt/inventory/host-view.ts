import type { Bdf, Dummy, Host, Machine, PciDevice, VfAttributes } from '../../../model/index.js';
import { IDLE_VF } from '../../../model/index.js';
import type { DomainReading } from './domain.js';
import type { Finding, Note } from './finding.js';
import { vfioDevices } from './held-devices.js';
import { holdersOf } from './holders.js';
import { HostCache } from './host-cache.js';
import type { Snapshot } from './host-cache.js';
import type { HostCalls, HostChange } from './host-calls.js';
import { hostOf, NO_FACTS } from './host.js';
import type { HostFacts } from './host.js';
import { machineOf } from './machine.js';
import type { ObservedDomain } from './machine.js';
import type { NodeDevice } from './node-device.js';
import { pciDevices } from './pci-devices.js';
import type { DeviceFacts } from './pci-devices.js';
import { readersFor } from './readers.js';

/** One host at one time. */
export interface HostObservation {
  readonly host: Host;
  /** Identity of the host, by which it is known when it is reached under two names. */
  readonly uuid: string;
  readonly machines: readonly Machine[];
  readonly dummies: readonly Dummy[];
  /** All domains, machines and dummies, as their XML has them, by name. */
  readonly domains: ReadonlyMap<string, ObservedDomain>;
  /** Which domain has which device now. */
  readonly holders: ReadonlyMap<Bdf, string>;
  readonly findings: readonly Finding[];
  readonly roundTrips: number;
}

/** What a view needs besides the calls. Everything but the name of the host has a default. */
export interface HostViewOptions {
  readonly host: string;
  /** Epoch milliseconds now. */
  readonly now: () => number;
  /** Everything is asked for again when it was last asked for this long ago. */
  readonly resyncMs: number;
  readonly sharedPaths?: readonly string[];
  /** What libvirt does not tell of the host, as of now. */
  readonly facts?: () => HostFacts & Pick<DeviceFacts, 'vfAttributes'>;
  readonly liveMigratable?: DeviceFacts['liveMigratable'];
  readonly destinationOf?: (machine: string) => string;
  /** Host devices in a domain; those of VFIO, unless a lab has stand-ins. */
  readonly heldDevices?: DomainReading['devices'];
  /** Functions of the host, likewise. */
  readonly hostDevices?: (devices: readonly NodeDevice[], facts: DeviceFacts, note: Note) => readonly PciDevice[];
}

/** What one host is and what runs there, kept up to date by few calls. */
export class HostView {
  readonly #options: HostViewOptions;
  readonly #cache: HostCache;
  #last: Promise<unknown> = Promise.resolve();

  constructor(calls: HostCalls, options: HostViewOptions) {
    const { host, resyncMs, sharedPaths = [], heldDevices = vfioDevices } = options;
    this.#options = options;
    this.#cache = new HostCache(calls, readersFor(host, { devices: heldDevices, sharedPaths }), resyncMs);
  }

  /** Takes an event of the host. */
  changed(change: HostChange): void {
    this.#cache.changed(change);
  }

  /** Asks the host; rejected as its calls are when it does not answer. Two passes never run at once. */
  observe(): Promise<HostObservation> {
    const pass = this.#last.then(() => this.#observe());
    this.#last = pass.catch(() => undefined);
    return pass;
  }

  async #observe(): Promise<HostObservation> {
    const at = this.#options.now();
    return observation(await this.#cache.refresh(at), at, this.#options);
  }
}

/** What a host's answers mean. */
function observation(snapshot: Snapshot, at: number, options: HostViewOptions): HostObservation {
  const { host, facts, hostDevices = pciDevices, destinationOf = () => '', liveMigratable = () => false } = options;
  const { capabilities, hostModel } = snapshot;
  const findings: Finding[] = [capabilities, hostModel, ...snapshot.devices].flatMap((one) => one.findings);
  const note: Note = (finding) => findings.push(finding);
  const domains = snapshot.domains
    .map(({ reading, figures, job }) => ({ domain: reading.value, findings: reading.findings, figures, job }))
    .sort((left, right) => (left.domain.name < right.domain.name ? -1 : 1));
  findings.push(...domains.flatMap((one) => one.findings));
  const { vfAttributes, ...hostFacts } = facts?.() ?? { ...NO_FACTS, vfAttributes: new Map() };
  const cells = capabilities.value.cells;
  const deviceFacts: DeviceFacts = {
    vfAttributes: new Map([...attributesByXml(domains), ...vfAttributes]),
    liveMigratable,
    onlyCell: cells.length === 1 ? (cells[0]?.id ?? null) : null,
  };
  const nodeDevices = snapshot.devices.flatMap(({ value }) => value ?? []);
  const functions = hostDevices(nodeDevices, deviceFacts, note);
  const vfs = new Set(functions.filter((one) => one.function.kind === 'vf').map(({ bdf }) => bdf));
  const entries = domains.map((one) =>
    machineOf(one, { host, at, destinationOf, isVf: (device) => vfs.has(device) }, note),
  );
  const machines = entries.flatMap((one) => (one.kind === 'machine' ? [one.machine] : []));
  const dummies = entries.flatMap((one) => (one.kind === 'dummy' ? [one.dummy] : []));
  return {
    host: hostOf(host, capabilities.value, hostModel.value, functions, hostFacts),
    uuid: capabilities.value.uuid,
    machines,
    dummies,
    domains: new Map(domains.map(({ domain, figures, job }) => [domain.name, { domain, figures, job }])),
    holders: holdersOf(machines, dummies, note),
    findings,
    roundTrips: snapshot.roundTrips,
  };
}

/** The attributes that libvirt itself gives a VF when a domain gets it: address and VLAN. */
function attributesByXml(domains: readonly ObservedDomain[]): readonly (readonly [Bdf, VfAttributes])[] {
  return domains
    .filter(({ figures }) => figures.domain.id !== null)
    .flatMap(({ domain }) =>
      domain.devices.flatMap(({ device, mac, vlan }) =>
        mac === null ? [] : [[device, { ...IDLE_VF, adminMac: mac, vlan }] as const],
      ),
    );
}
