import type { Host } from '../../model/index.js';
import type { Clock } from '../../ports/index.js';
import { askHost, changeBy, WATCHED } from './ask-host.js';
import type { DeviceBacking } from './domain/backing.js';
import { Refused } from './errors.js';
import { openHostCommands, withVfAttributes, type HostCommands } from './host-commands/index.js';
import { HostView, NO_FACTS, silentHost, type HostFacts, type HostObservation } from './inventory/index.js';
import { LibvirtClient, textOf } from './rpc/index.js';
import type { HostSettings, LibvirtSettings } from '../../connection/libvirt-settings.js';

/** One host of the cluster: the connection to its daemon, and what is known of it. */
export interface HostLink {
  readonly name: string;
  readonly settings: HostSettings;
  readonly calls: LibvirtClient;
  /** Null where the settings do not say how commands run on the host. */
  readonly commands: HostCommands | null;
  /** The host as it is now; rejected when it does not answer. */
  observe(): Promise<HostObservation>;
  /** Tells that a domain was changed by us: the event may come after the next question. */
  touched(domain: string): void;
}

/** How long a connection that was lost is waited for before the next attempt, at most. */
const LONGEST_PAUSE_MS = 2000;

/** Connections to all hosts of a cluster. They come back by themselves. */
export class Site {
  readonly #links: ReadonlyMap<string, HostLink>;
  readonly #last = new Map<string, HostObservation>();
  readonly #silences = new Map<string, string>();
  /** Identities of the hosts that answered when they were last asked. */
  readonly #uuids = new Map<string, string>();
  /** Where migrations go that this process has begun, by machine. */
  readonly destinations = new Map<string, string>();

  constructor(
    readonly settings: LibvirtSettings,
    readonly backing: DeviceBacking,
    readonly clock: Clock,
  ) {
    this.#links = new Map(settings.hosts.map((host) => [host.name, this.#connect(host)] as const));
  }

  get links(): readonly HostLink[] {
    return [...this.#links.values()];
  }

  /** Throws {@link Refused} for a host that the connection does not name. */
  link(host: string): HostLink {
    const link = this.#links.get(host);
    if (link === undefined)
      throw new Refused('HostUnreachable', `spec.connection of the cluster does not say how to reach host ${host}`);
    return link;
  }

  /** One host now; null when it does not answer. */
  look(link: HostLink): Promise<HostObservation | null> {
    return link.observe().then(
      (seen) => {
        this.#silences.delete(link.name);
        return seen;
      },
      (error: unknown) => {
        this.#silences.set(link.name, textOf(error));
        return null;
      },
    );
  }

  /**
   * All hosts now; null for those that do not answer, and for those that turn out to be one host under several names: what runs there would
   * be seen as often as it has names.
   */
  async lookAround(): Promise<readonly { readonly link: HostLink; readonly seen: HostObservation | null }[]> {
    const looks = await Promise.all(this.links.map(async (link) => ({ link, seen: await this.look(link) })));
    return looks.map(({ link, seen }) => {
      const { name } = link;
      const twins = this.#twinsOf(name);
      if (twins === null) return { link, seen };
      this.#silences.set(name, twins);
      this.#last.delete(name);
      return { link, seen: null };
    });
  }

  /** A sentence for each host that was not seen when it was last looked at, with what the connection said. */
  get silences(): ReadonlyMap<string, string> {
    return new Map(this.#silences);
  }

  /** The host when it was last seen; null when it never was. */
  lastSeen(host: string): HostObservation | null {
    return this.#last.get(host) ?? null;
  }

  silent(host: string): Host {
    return silentHost(host, this.lastSeen(host)?.host ?? null);
  }

  async close(): Promise<void> {
    await Promise.all(this.links.map(({ calls }) => calls.close()));
  }

  /** What is wrong with a host that other names of the connection lead to as well; null: nothing. */
  #twinsOf(name: string): string | null {
    const uuid = this.#uuids.get(name) ?? '';
    const names = [...this.#links.keys()].filter((other) => this.#uuids.get(other) === uuid);
    if (uuid === '' || names.length < 2) return null;
    return `${names.join(' and ')} are one host to libvirt, with the UUID ${uuid}: correct spec.connection.hosts; if they are several, give each a host_uuid of its own in libvirtd.conf`;
  }

  #connect(settings: HostSettings): HostLink {
    const { name, uri } = settings;
    const calls = LibvirtClient.start(uri, { backoff: { longestMs: LONGEST_PAUSE_MS } });
    const commands = settings.commands === null ? null : openHostCommands(settings.commands);
    const facts = new KnownFacts(commands, this.settings.resyncSeconds * 1000, () => this.clock.now());
    const view = new HostView(askHost(calls), {
      host: name,
      now: () => this.clock.now(),
      resyncMs: this.settings.resyncSeconds * 1000,
      sharedPaths: this.settings.sharedPaths,
      liveMigratable: ({ vendor, device }) => this.settings.liveMigratable.includes(`${vendor}:${device}`),
      destinationOf: (machine) => this.destinations.get(machine) ?? '',
      heldDevices: this.backing.held,
      hostDevices: this.backing.functions,
      facts: () => ({ ...facts.known, vfAttributes: new Map() }),
    });
    // The first connection, and each that comes back, says `resync`; whatever fails here is tried again with the connection.
    calls
      .subscribe(WATCHED, (notice) => {
        const change = changeBy(notice);
        if (change !== null) view.changed(change);
      })
      .catch(() => undefined);
    return {
      name,
      settings,
      calls,
      commands,
      observe: async () => {
        const ask = async () => {
          const [, links] = await Promise.all([facts.refresh(), commands?.links() ?? null]);
          return { links, seen: await view.observe() };
        };
        const { links, seen } = await unlessDown(calls, ask).catch((error: unknown) => {
          this.#uuids.delete(name);
          throw unreachable(name, error);
        });
        this.#uuids.set(name, seen.uuid);
        const twins = this.#twinsOf(name);
        if (twins !== null) throw new Refused('HostUnreachable', twins);
        const { host } = seen;
        const devices = links?.kind === 'answered' ? withVfAttributes(host.devices, links.value) : host.devices;
        const whole = { ...seen, host: { ...host, devices } };
        this.#last.set(name, whole);
        return whole;
      },
      touched: (domain) => {
        const uuid = this.lastSeen(name)?.domains.get(domain)?.domain.uuid;
        if (uuid !== undefined) view.changed({ kind: 'domain', uuid });
      },
    };
  }
}

/** What commands tell of a host that changes seldom; the last answer stands. */
class KnownFacts {
  known: HostFacts = NO_FACTS;
  #at = -Infinity;

  constructor(
    private readonly commands: HostCommands | null,
    private readonly keepMs: number,
    private readonly now: () => number,
  ) {}

  async refresh(): Promise<void> {
    if (this.commands === null || this.now() - this.#at < this.keepMs) return;
    const answer = await this.commands.facts();
    if (answer.kind !== 'answered') return;
    this.known = answer.value;
    this.#at = this.now();
  }
}

/** Calls would wait for the next connection; whoever asks wants to know now that an attempt has failed. */
async function unlessDown<T>(calls: LibvirtClient, ask: () => Promise<T>): Promise<T> {
  if (calls.state.kind === 'down') throw calls.state.error;
  let forget = (): void => undefined;
  const down = new Promise<never>((_, reject) => {
    forget = calls.onState((state) => {
      if (state.kind === 'down') reject(state.error);
    });
  });
  try {
    return await Promise.race([ask(), down]);
  } finally {
    forget();
  }
}

/** Nothing is changed by asking: whatever went wrong, the host is just as it was. */
function unreachable(host: string, error: unknown): Refused {
  return new Refused('HostUnreachable', `host ${host} does not answer: ${textOf(error)}`);
}
