import type { Domain } from './domain.js';
import type { Capabilities } from './capabilities.js';
import { Changes } from './changes.js';
import type { Finding } from './finding.js';
import { DiskSizes } from './disk-sizes.js';
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
  /** A domain whose XML cannot be asked for yet: its size, and no devices. */
  readonly nameOnly: (figures: DomainFigures) => Reading<Domain>;
  readonly nodeDevice: (xml: string, name: string) => Reading<NodeDevice | null>;
}

export type HostModel = Pick<Capabilities, 'cpuModel' | 'cpuFeatures'>;

/** All that one host told, as of the last pass. */
export interface Snapshot {
  readonly capabilities: Reading<Capabilities>;
  readonly hostModel: Reading<HostModel | null>;
  readonly domains: readonly {
    readonly reading: Reading<Domain>;
    readonly figures: DomainFigures;
    readonly job: DomainJob;
  }[];
  readonly devices: readonly Reading<NodeDevice | null>[];
  /** How often the pass had to wait for answers before it could ask on. */
  readonly roundTrips: number;
}

/**
 * One host's answers, kept from pass to pass. The first pass asks for everything in two rounds, three when there are domains that do not
 * run; a later one for the figures of all domains in one call, and then for what is new, what an event named, and what the figures show to have been started again.
 */
export class HostCache {
  readonly #calls: HostCalls;
  readonly #readers: Readers;
  readonly #resyncMs: number;
  readonly #sizes: DiskSizes;
  #changes = new Changes(true);
  #syncedAt = 0;
  #static: Pick<Snapshot, 'capabilities' | 'hostModel'> | null = null;
  #domains = new Map<string, { readonly ref: DomainRef; readonly reading: Reading<Domain> }>();
  #devices = new Map<string, Reading<NodeDevice | null>>();
  #incomingSince = new Map<string, number>();

  constructor(calls: HostCalls, readers: Readers, resyncMs: number) {
    this.#calls = calls;
    this.#readers = readers;
    this.#resyncMs = resyncMs;
    this.#sizes = new DiskSizes(calls);
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
      const snapshot = await this.#ask(changes, at);
      if (changes.everything) this.#syncedAt = at;
      if (!snapshot.domains.some(isTorn)) return snapshot;
      const again = await this.#ask(new Changes(false), at);
      return { ...again, roundTrips: snapshot.roundTrips + again.roundTrips };
    } catch (error) {
      this.#changes.addAll(changes);
      throw error;
    }
  }

  async #ask(changes: Changes, at: number): Promise<Snapshot> {
    const whole = changes.everything || this.#static === null;
    const running = [...this.#domains.values()].flatMap(({ ref }) => (ref.id === null ? [] : [ref]));
    const [figures, known, names, early] = await Promise.all([
      this.#calls.domains(),
      whole || this.#static === null ? this.#askStatic() : this.#static,
      whole ? this.#calls.nodeDevices() : NONE,
      this.#jobsOf(running, NO_JOBS),
      whole ? undefined : this.#askDevices([...changes.devices]),
    ]);
    if (whole) this.#devices = new Map([...this.#devices].filter(([name]) => names.includes(name)));
    const stale = figures.filter(({ domain }) => whole || changes.domains.has(domain.uuid) || this.#isStale(domain));
    const [plain, delicate] = [stale.filter((one) => !isDelicate(one)), stale.filter(isDelicate)];
    const before = this.#held();
    const [jobs] = await Promise.all([
      this.#jobsOf([...figures.filter(isActive), ...delicate].map(refOf), early),
      this.#askDomains(plain.map(refOf)),
      this.#askDevices(names),
    ]);
    const jobOf = ({ domain }: DomainFigures): DomainJob => jobs.get(keyOf(domain)) ?? NO_JOB;
    const incoming = figures.filter((one) => jobOf(one).kind === 'incoming').map(({ domain }) => domain.uuid);
    this.#incomingSince = new Map(incoming.map((uuid) => [uuid, this.#incomingSince.get(uuid) ?? at]));
    const quiet = delicate.filter((one) => {
      const since = this.#incomingSince.get(one.domain.uuid);
      return !isStarting(one) && (since === undefined || at - since >= PREPARE_MS);
    });
    const moved = whole ? NONE : this.#devicesThatChangedHands(before);
    await Promise.all([this.#askDomains(quiet.map(refOf)), this.#askDevices(moved)]);
    this.#static = known;
    const listed = new Set(figures.map(({ domain }) => domain.uuid));
    this.#domains = new Map([...this.#domains].filter(([uuid]) => listed.has(uuid)));
    const sized = await this.#sizes.complete(figures, (one) => this.#hasDisks(one));
    const rounds = [true, stale.length > 0 || names.length > 0, quiet.length > 0 || moved.length > 0, sized.hasAsked];
    return {
      ...known,
      domains: sized.figures.flatMap((one) => {
        const job = jobOf(one);
        const cached = this.#domains.get(one.domain.uuid)?.reading;
        const begins = isStarting(one) || job.kind === 'incoming';
        const reading = cached ?? (begins ? this.#readers.nameOnly(one) : undefined);
        return reading === undefined ? [] : [{ reading, figures: one, job }];
      }),
      devices: [...this.#devices.values()],
      roundTrips: rounds.filter(Boolean).length,
    };
  }

  async #askStatic(): Promise<Pick<Snapshot, 'capabilities' | 'hostModel'>> {
    const [capabilities, hostModel] = await Promise.all([this.#calls.capabilities(), this.#calls.domainCapabilities()]);
    return {
      capabilities: this.#readers.capabilities(capabilities),
      hostModel: this.#readers.hostModel(hostModel),
    };
  }

  /** True when sizes of disks are to be told, and waiting for them holds nothing up. */
  #hasDisks(one: DomainFigures): boolean {
    const disks = this.#domains.get(one.domain.uuid)?.reading.value.disks ?? [];
    return isActive(one) && !isDelicate(one) && disks.some(({ device }) => device === 'disk' || device === 'lun');
  }

  /** New, or started or stopped since its XML was read. */
  #isStale(domain: DomainRef): boolean {
    const cached = this.#domains.get(domain.uuid);
    return cached === undefined || cached.ref.id !== domain.id;
  }

  /** Jobs of domains that run, but for those that were asked already: with a list that is at hand, they need no round of their own. */
  async #jobsOf(domains: readonly DomainRef[], known: Jobs): Promise<Jobs> {
    const open = domains.filter((domain) => !known.has(keyOf(domain)));
    const jobs = await Promise.all(open.map((domain) => this.#calls.domainJob(domain)));
    return new Map([...known, ...open.map((domain, index) => [keyOf(domain), jobs[index] ?? NO_JOB] as const)]);
  }

  async #askDomains(domains: readonly DomainRef[]): Promise<void> {
    const answers = await Promise.all(domains.map((domain) => this.#calls.domainXml(domain)));
    for (const [index, domain] of domains.entries()) {
      const xml = answers[index] ?? null;
      if (xml === null) this.#domains.delete(domain.uuid);
      else this.#domains.set(domain.uuid, { ref: domain, reading: this.#readers.domain(xml, domain) });
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
    const pairs = [...this.#domains].flatMap(([uuid, { ref, reading }]) =>
      ref.id === null ? [] : reading.value.devices.map(({ device }) => [device, uuid] as const),
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

/**
 * Paused for a migration, but without one: most likely it ended between the two answers, of which the older one tells the state. Only a
 * daemon that was started again in the middle of it leaves a domain so.
 */
function isTorn({ figures: { state }, job }: Snapshot['domains'][number]): boolean {
  return job.kind === 'none' && state.kind === 'paused' && state.reason === 'migration';
}

/**
 * While libvirt prepares to receive a migration, a question for the XML is not answered, and the migration does not go on, until libvirt
 * gives up the question after 30 s (seen with 11.3). The domain is listed first as one that does not run, then as one that is paused. So
 * of those only the ones that receive nothing are asked, or receive for so long that the preparation must be over.
 */
function isDelicate(one: DomainFigures): boolean {
  const { kind, reason } = one.state;
  return !isActive(one) || isStarting(one) || (kind === 'paused' && reason === 'migration');
}

const PREPARE_MS = 15_000;

/** A domain that only begins to start has the same trouble, but not for long. */
function isStarting({ state }: DomainFigures): boolean {
  return state.kind === 'paused' && state.reason === 'startingUp';
}

function isActive({ domain }: DomainFigures): boolean {
  return domain.id !== null;
}

function refOf({ domain }: DomainFigures): DomainRef {
  return domain;
}

const NONE: readonly string[] = [];
const NO_JOB: DomainJob = { kind: 'none' };

/** By domain and run of it. */
type Jobs = ReadonlyMap<string, DomainJob>;
const NO_JOBS: Jobs = new Map();

function keyOf({ uuid, id }: DomainRef): string {
  return `${uuid} ${id ?? ''}`;
}
