import type { Domain } from './domain.js';
import type { Capabilities } from './capabilities.js';
import type { Finding } from './finding.js';
import type { DomainFigures, DomainJob, DomainRef, HostCalls, HostChange } from './host-calls.js';
import type { NodeDevice } from './node-device.js';

/** Something that was read from XML, with what was found about it. */
export interface Reading<T> {
  readonly value: T;
  readonly findings: readonly Finding[];
}

/** How answers are read; kept apart so that an answer is read once and not in each pass. */
export interface Readers {
  readonly capabilities: (xml: string) => Reading<Capabilities>;
  readonly hostModel: (xml: string | null) => Reading<HostModel | null>;
  readonly domain: (xml: string, ref: DomainRef) => Reading<Domain>;
  readonly nodeDevice: (xml: string, name: string) => Reading<NodeDevice | null>;
}

export type HostModel = Pick<Capabilities, 'cpuModel' | 'cpuFeatures'>;

/** All that one host told, as of the last pass. */
export interface Snapshot {
  readonly capabilities: Reading<Capabilities>;
  readonly hostModel: Reading<HostModel | null>;
  readonly domains: readonly { readonly reading: Reading<Domain>; readonly figures: DomainFigures; readonly job: DomainJob }[];
  readonly devices: readonly Reading<NodeDevice | null>[];
  /** How often the pass had to wait for answers before it could ask on. */
  readonly roundTrips: number;
}

/**
 * One host's answers, kept from pass to pass. The first pass asks for everything in two rounds; a later one for the figures of all domains
 * in one call, and then for what is new, what an event named, and what the figures show to have been started again.
 */
export class HostCache {
  readonly #calls: HostCalls;
  readonly #readers: Readers;
  readonly #resyncMs: number;
  #changes = new Changes(true);
  #syncedAt = 0;
  #static: Pick<Snapshot, 'capabilities' | 'hostModel'> | null = null;
  #domains = new Map<string, { readonly id: number | null; readonly reading: Reading<Domain> }>();
  #devices = new Map<string, Reading<NodeDevice | null>>();

  constructor(calls: HostCalls, readers: Readers, resyncMs: number) {
    this.#calls = calls;
    this.#readers = readers;
    this.#resyncMs = resyncMs;
  }

  /** Takes note that the next pass has to ask for something again. */
  changed(change: HostChange): void {
    this.#changes.add(change);
  }

  /** Asks the host. When it does not answer, everything that was to be asked stays to be asked. */
  async refresh(at: number): Promise<Snapshot> {
    const changes = this.#changes;
    if (at - this.#syncedAt >= this.#resyncMs || at < this.#syncedAt) changes.add({ kind: 'everything' });
    // What happens from here on is for the next pass: the answers may be older than it.
    this.#changes = new Changes(false);
    try {
      const snapshot = await this.#ask(changes);
      if (changes.everything) this.#syncedAt = at;
      return snapshot;
    } catch (error) {
      this.#changes.addAll(changes);
      throw error;
    }
  }

  async #ask(changes: Changes): Promise<Snapshot> {
    const whole = changes.everything || this.#static === null;
    const [figures, known, names] = await Promise.all([
      this.#calls.domains(),
      whole || this.#static === null ? this.#askStatic() : this.#static,
      whole ? this.#calls.nodeDevices() : NONE,
      whole ? undefined : this.#askDevices([...changes.devices]),
    ]);
    if (whole) this.#devices = new Map([...this.#devices].filter(([name]) => names.includes(name)));
    const stale = figures.filter(({ domain }) => whole || changes.domains.has(domain.uuid) || this.#isStale(domain));
    const before = this.#held();
    const [jobs] = await Promise.all([
      Promise.all(figures.map(({ domain }) => this.#jobOf(domain))),
      this.#askDomains(stale.map(({ domain }) => domain)),
      this.#askDevices(names),
    ]);
    this.#static = known;
    const listed = new Set(figures.map(({ domain }) => domain.uuid));
    this.#domains = new Map([...this.#domains].filter(([uuid]) => listed.has(uuid)));
    const moved = whole ? [] : this.#devicesThatChangedHands(before);
    await this.#askDevices(moved);
    const second = stale.length > 0 || whole || figures.some(({ domain }) => domain.id !== null);
    return {
      ...known,
      domains: figures.flatMap((one, index) => {
        const reading = this.#domains.get(one.domain.uuid)?.reading;
        const job = jobs[index] ?? { kind: 'none' };
        return reading === undefined ? [] : [{ reading, figures: one, job }];
      }),
      devices: [...this.#devices.values()],
      roundTrips: 1 + (second ? 1 : 0) + (moved.length > 0 ? 1 : 0),
    };
  }

  async #askStatic(): Promise<Pick<Snapshot, 'capabilities' | 'hostModel'>> {
    const [capabilities, hostModel] = await Promise.all([this.#calls.capabilities(), this.#calls.domainCapabilities()]);
    return {
      capabilities: this.#readers.capabilities(capabilities),
      hostModel: this.#readers.hostModel(hostModel),
    };
  }

  /** New, or started or stopped since its XML was read. */
  #isStale(domain: DomainRef): boolean {
    const cached = this.#domains.get(domain.uuid);
    return cached === undefined || cached.id !== domain.id;
  }

  /** Only what runs can have a job. */
  #jobOf(domain: DomainRef): Promise<DomainJob> | DomainJob {
    return domain.id === null ? { kind: 'none' } : this.#calls.domainJob(domain);
  }

  async #askDomains(domains: readonly DomainRef[]): Promise<void> {
    const answers = await Promise.all(domains.map((domain) => this.#calls.domainXml(domain)));
    for (const [index, domain] of domains.entries()) {
      const xml = answers[index] ?? null;
      if (xml === null) this.#domains.delete(domain.uuid);
      else this.#domains.set(domain.uuid, { id: domain.id, reading: this.#readers.domain(xml, domain) });
    }
  }

  async #askDevices(names: readonly string[]): Promise<void> {
    const answers = await Promise.all(names.map((name) => this.#calls.nodeDeviceXml(name)));
    for (const [index, name] of names.entries()) {
      const xml = answers[index] ?? null;
      if (xml === null) this.#devices.delete(name);
      else this.#devices.set(name, this.#readers.nodeDevice(xml, name));
    }
  }

  #held(): ReadonlyMap<string, string> {
    const pairs = [...this.#domains].flatMap(([uuid, { id, reading }]) =>
      id === null ? [] : reading.value.devices.map(({ device }) => [device, uuid] as const),
    );
    return new Map(pairs);
  }

  /** A device that changed hands was taken from one driver and given to another. */
  #devicesThatChangedHands(before: ReadonlyMap<string, string>): readonly string[] {
    const after = this.#held();
    const changed = (bdf: string): boolean => before.get(bdf) !== after.get(bdf);
    return [...this.#devices].flatMap(([name, { value }]) =>
      value?.kind === 'pci' && changed(value.bdf) ? [name] : [],
    );
  }
}

const NONE: readonly string[] = [];

/** What has to be asked for again. */
class Changes {
  readonly domains = new Set<string>();
  readonly devices = new Set<string>();

  constructor(public everything: boolean) {}

  add(change: HostChange): void {
    switch (change.kind) {
      case 'domain':
        this.domains.add(change.uuid);
        return;
      case 'device':
        this.devices.add(change.name);
        return;
      case 'everything':
        this.everything = true;
        return;
    }
  }

  addAll(other: Changes): void {
    for (const uuid of other.domains) this.domains.add(uuid);
    for (const name of other.devices) this.devices.add(name);
    this.everything ||= other.everything;
  }
}
