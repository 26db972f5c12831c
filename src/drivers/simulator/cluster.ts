import type { FailureCode, Measured } from '../../model/index.js';
import type { Clock } from '../../ports/index.js';
import { withHostsOf } from './growth.js';
import { finishMigration } from './migration.js';
import { elapse, isSending, msToBoundary } from './precopy.js';
import type { Scenario } from './scenario.js';
import { hostOf, machineOn, putMachine, type ClusterState, type Migration } from './state.js';
import type { StateFile } from './state-file.js';
import { settlePresence } from './presence.js';

/** How a migration ended, for whoever watches it. */
export interface MigrationEnd {
  /** Null: the machine has arrived. */
  readonly failure: FailureCode | null;
  readonly message: string;
  readonly measured: Measured;
  /** It failed before the source was paused: the target never had a whole copy. */
  readonly stayed: boolean;
}

/** Something that happened in the cluster: the same seed gives the same list. */
export interface ClusterEvent {
  readonly at: number;
  readonly message: string;
}

/** The simulated hardware: it lives on when a controller dies, and time passes in it whether anybody looks or not. */
export class SimulatedCluster {
  readonly #file: StateFile | null;
  readonly #onEvent: (event: ClusterEvent) => void;
  readonly #ends = new Map<number, MigrationEnd>();
  #state: ClusterState;

  constructor(
    readonly scenario: Scenario,
    state: ClusterState,
    readonly clock: Clock,
    file: StateFile | null,
    onEvent: (event: ClusterEvent) => void,
  ) {
    this.#state = state;
    this.#file = file;
    this.#onEvent = onEvent;
  }

  /** What is now. Nobody but the cluster may change it. */
  look(): Readonly<ClusterState> {
    this.#catchUp();
    return this.#state;
  }

  /** Lets an effect happen now, and keeps it. */
  change<T>(effect: (state: ClusterState) => T): T {
    this.#catchUp();
    const result = effect(this.#state);
    this.#keep();
    return result;
  }

  tell(message: string): void {
    this.#onEvent({ at: this.#state.at, message });
  }

  /** The end of a migration that was begun here; told once. */
  takeEnd(id: number): MigrationEnd | undefined {
    const end = this.#ends.get(id);
    this.#ends.delete(id);
    return end;
  }

  /** Notes that a migration ended and how it went. */
  end(migration: Migration, failure: FailureCode | null, message: string): void {
    const measured = {
      seconds: (this.#state.at - migration.startedAt) / 1000,
      bytes: Math.round(migration.copy.sentMiB * 2 ** 20),
      downtimeMs: migration.copy.downtimeMs,
    };
    const { kind } = migration.copy.phase;
    const stayed = failure !== null && (kind === 'setup' || kind === 'copying');
    this.#ends.set(migration.id, { failure, message, measured, stayed });
    this.tell(`migration of ${migration.machine} from ${migration.from} to ${migration.to}: ${message}`);
  }

  /** Milliseconds until something changes in a migration by itself. */
  msToBoundary(migration: Migration): number {
    return msToBoundary(migration.copy, ratesMibps(this.#state).get(migration.id) ?? 0);
  }

  #catchUp(): void {
    const changed = this.#file?.reload();
    // Whoever wrote it may not have known of hosts that have come.
    if (changed != null) this.#state = withHostsOf(this.scenario, changed);
    const now = Math.max(this.clock.now(), this.#state.at);
    let landed = false;
    while (this.#state.at < now) {
      const left = now - this.#state.at;
      const rates = ratesMibps(this.#state);
      const copies = this.#state.migrations.map((migration) => ({ migration, rate: rates.get(migration.id) ?? 0 }));
      const next = Math.min(...copies.map(({ migration, rate }) => msToBoundary(migration.copy, rate)));
      const ms = Math.min(next, left);
      this.#state.migrations = copies.map(({ migration, rate }) => ({
        ...migration,
        copy: elapse(migration.copy, rate, ms, migration.firstRoundMiB),
      }));
      this.#state.at = next < left ? this.#state.at + ms : now;
      landed = this.#settleMigrations() || landed;
    }
    this.#state.forwards = this.#state.forwards.filter((forward) => forward.expiresAt > now);
    if (landed) this.#keep();
  }

  #settleMigrations(): boolean {
    let landed = false;
    for (const { id } of this.#state.migrations) {
      // Whoever hears of an end may look, and the rest may have ended by that.
      const migration = this.#state.migrations.find((other) => other.id === id);
      if (migration === undefined) continue;
      const { kind } = migration.copy.phase;
      if (kind === 'setup' || kind === 'copying') continue;
      const source = machineOn(this.#state, migration.from, migration.machine);
      if (source?.state === 'running') putMachine(this.#state, { ...source, state: 'paused' });
      if (kind !== 'finished') continue;
      finishMigration(this.#state, migration);
      settlePresence(this.#state);
      this.end(migration, null, 'arrived');
      landed = true;
    }
    return landed;
  }

  #keep(): void {
    settlePresence(this.#state);
    this.#file?.write(this.scenario, this.#state);
  }
}

/** What each sending migration gets of the network in MiB/s: senders share their host's rate evenly, and so do receivers. */
function ratesMibps(state: ClusterState): ReadonlyMap<number, number> {
  const sending = state.migrations.filter((migration) => isSending(migration.copy));
  const senders = new Map<string, number>();
  const receivers = new Map<string, number>();
  for (const { from, to } of sending) {
    senders.set(from, (senders.get(from) ?? 0) + 1);
    receivers.set(to, (receivers.get(to) ?? 0) + 1);
  }
  const share = (host: string, users: ReadonlyMap<string, number>): number =>
    (hostOf(state, host)?.migrationMibps ?? 0) / (users.get(host) ?? 1);
  return new Map(
    sending.map(({ id, from, to, bandwidthMibps }) => [
      id,
      Math.min(share(from, senders), share(to, receivers), bandwidthMibps > 0 ? bandwidthMibps : Infinity),
    ]),
  );
}
