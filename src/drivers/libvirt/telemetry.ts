import type { LoadSample } from '../../model/index.js';
import type { Clock, Telemetry } from '../../ports/index.js';
import { LoadHistory } from './load/history.js';
import { HostSampler, type MeteredHost } from './load/sampler.js';
import { adoptStored, storedHistory, type HistoryStore } from './load/stored.js';
import { windowMeans } from './load/window-means.js';

export { hostInventory } from './load/inventory.js';
export type { TrafficCounters } from './load/rates.js';
export type { HostInventory, MeteredHost } from './load/sampler.js';
export type { HistoryStore } from './load/stored.js';

export interface TelemetryOptions {
  readonly hosts: readonly MeteredHost[];
  readonly clock: Clock;
  /** Where the history is kept for the next process; without one it begins with this process. */
  readonly store?: HistoryStore;
  /** Seconds between two looks at a host. */
  readonly sampleSeconds?: number;
  /** Seconds between two looks at its virtual functions, each of which runs a command on the host. */
  readonly vfSampleSeconds?: number;
  /** How much is kept until longer windows are asked for. */
  readonly keepSeconds?: number;
  readonly saveSeconds?: number;
}

const DEFAULTS = { sampleSeconds: 5, vfSampleSeconds: 30, keepSeconds: 3600, saveSeconds: 60 };

/**
 * Load of hosts and machines from what libvirt counts. It measures from `start` to `close`; a process that ends soon tells what another one has
 * measured, from the store that they share. What nobody measured is left out.
 */
export class LibvirtTelemetry implements Telemetry {
  readonly #options: TelemetryOptions & typeof DEFAULTS;
  readonly #history: LoadHistory;
  readonly #end = new AbortController();
  #isStarted = false;
  #measured = false;

  constructor(options: TelemetryOptions) {
    this.#options = { ...DEFAULTS, ...options };
    const { keepSeconds, sampleSeconds } = this.#options;
    this.#history = new LoadHistory(keepSeconds * 1000, SAMPLES_A_PIECE * sampleSeconds * 1000);
  }

  /** Begins to measure; a second call changes nothing. */
  start(): void {
    if (this.#isStarted || this.#end.signal.aborted) return;
    this.#isStarted = true;
    const { hosts, clock, sampleSeconds, vfSampleSeconds, saveSeconds } = this.#options;
    for (const host of hosts) {
      const sampler = new HostSampler(host, this.#history, () => clock.now());
      const look = async (everyMs: number): Promise<void> => {
        await sampler.look(everyMs);
        this.#measured = true;
      };
      void this.#every(sampleSeconds, look);
      if (host.vfCounters !== undefined) void this.#every(vfSampleSeconds, (ms) => sampler.lookAtVfs(ms));
    }
    void this.#every(saveSeconds, () => this.#save());
  }

  samples(query: {
    readonly until: number;
    readonly windowSeconds: number;
    readonly windows: number;
  }): Promise<readonly LoadSample[]> {
    const { until, windowSeconds, windows } = query;
    const windowMs = windowSeconds * 1000;
    this.#history.keep((windows + 2) * windowMs);
    this.#adopt();
    const newest = Math.floor(until / windowMs) * windowMs;
    const ends = Array.from({ length: windows }, (_, index) => newest - (windows - 1 - index) * windowMs);
    return Promise.resolve(ends.flatMap((end) => windowMeans(this.#history, end, windowSeconds)));
  }

  /** Ends measuring, and keeps what was measured. Looks that are under way are not waited for. */
  close(): void {
    this.#end.abort();
    this.#save();
  }

  /** Runs `work` again and again until the end. One that takes longer than the pause is waited for. */
  async #every(seconds: number, work: (everyMs: number) => Promise<void> | void): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#end;
    const everyMs = seconds * 1000;
    while (!signal.aborted) {
      const begun = clock.now();
      await work(everyMs);
      // A clock that was set back must not make the pause longer.
      const took = Math.min(everyMs, Math.max(0, clock.now() - begun));
      await clock.sleep(Math.max(everyMs - took, SHORTEST_PAUSE_MS), signal);
    }
  }

  #adopt(): void {
    try {
      adoptStored(this.#history, this.#options.store?.load());
    } catch {
      // What cannot be read is measured again.
    }
  }

  #save(): void {
    if (!this.#measured) return;
    try {
      this.#adopt();
      this.#options.store?.save(storedHistory(this.#history));
      this.#measured = false;
    } catch {
      // The history is a help for the next process, and no reason to stop this one.
    }
  }
}

const SHORTEST_PAUSE_MS = 100;

/** Means are kept of so many looks at once: windows of minutes need no finer ones, and the file stays small. */
const SAMPLES_A_PIECE = 6;
