import type { Host } from '../../model/index.js';
import type { Clock } from '../../ports/index.js';
import { askHost, changeBy, WATCHED } from './ask-host.js';
import type { DeviceBacking } from './domain/backing.js';
import { Refused } from './errors.js';
import { HostView, silentHost, type HostFacts, type HostObservation } from './inventory/index.js';
import { LibvirtClient, textOf } from './rpc/index.js';
import type { HostSettings, LibvirtSettings } from './settings.js';

/** One host of the cluster: the connection to its daemon, and what is known of it. */
export interface HostLink {
  readonly name: string;
  readonly settings: HostSettings;
  readonly calls: LibvirtClient;
  /** The host as it is now; rejected when it does not answer. */
  observe(): Promise<HostObservation>;
  /** Tells that a domain was changed by us: the event may come after the next question. */
  touched(domain: string): void;
}

/** What the hosts cannot know: where migrations go that this process has begun. */
export type Destinations = ReadonlyMap<string, string>;

/** How long a connection that was lost is waited for before the next attempt, at most. */
const LONGEST_PAUSE_MS = 2000;

/** Connections to all hosts of a cluster. They come back by themselves. */
export class Site {
  readonly #links: ReadonlyMap<string, HostLink>;
  readonly #last = new Map<string, Host>();

  constructor(
    readonly settings: LibvirtSettings,
    readonly backing: DeviceBacking,
    readonly clock: Clock,
    readonly destinations: Destinations,
    facts: (host: string) => HostFacts | null,
  ) {
    this.#links = new Map(settings.hosts.map((host) => [host.name, this.#connect(host, facts)] as const));
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

  /** One host now; one that does not answer is `null`, and shown by {@link silent}. */
  async look(link: HostLink): Promise<HostObservation | null> {
    try {
      const seen = await link.observe();
      this.#last.set(link.name, seen.host);
      return seen;
    } catch {
      return null;
    }
  }

  silent(host: string): Host {
    return silentHost(host, this.#last.get(host) ?? null);
  }

  async close(): Promise<void> {
    await Promise.all(this.links.map(({ calls }) => calls.close()));
  }

  #connect(settings: HostSettings, facts: (host: string) => HostFacts | null): HostLink {
    const { name, uri } = settings;
    const calls = LibvirtClient.start(uri, { backoff: { longestMs: LONGEST_PAUSE_MS } });
    const known = facts(name);
    const view = new HostView(askHost(calls), {
      host: name,
      now: () => this.clock.now(),
      resyncMs: this.settings.resyncSeconds * 1000,
      sharedPaths: this.settings.sharedPaths,
      liveMigratable: ({ vendor, device }) => this.settings.liveMigratable.includes(`${vendor}:${device}`),
      destinationOf: (machine) => this.destinations.get(machine) ?? '',
      heldDevices: this.backing.held,
      hostDevices: this.backing.functions,
      ...(known === null ? {} : { facts: () => ({ ...known, vfAttributes: new Map() }) }),
    });
    // The first connection, and each that comes back, says `resync`; whatever fails here is tried again with the connection.
    calls
      .subscribe(WATCHED, (notice) => {
        const change = changeBy(notice);
        if (change !== null) view.changed(change);
      })
      .catch(() => undefined);
    let uuids: ReadonlyMap<string, string> = new Map();
    return {
      name,
      settings,
      calls,
      observe: async () => {
        // Calls would wait for the next connection; whoever asks wants to know now.
        if (calls.state.kind === 'down') throw unreachable(name, calls.state.error);
        const seen = await view.observe().catch((error: unknown) => {
          throw unreachable(name, error);
        });
        uuids = new Map([...seen.domains].map(([domain, one]) => [domain, one.domain.uuid]));
        return seen;
      },
      touched: (domain) => {
        const uuid = uuids.get(domain);
        if (uuid !== undefined) view.changed({ kind: 'domain', uuid });
      },
    };
  }
}

/** Nothing is changed by asking: whatever went wrong, the host is just as it was. */
function unreachable(host: string, error: unknown): Refused {
  return new Refused('HostUnreachable', `host ${host} does not answer: ${textOf(error)}`);
}
