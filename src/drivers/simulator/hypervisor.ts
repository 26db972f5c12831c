import {
  done,
  failed,
  unknown,
  type Host,
  type HypervisorAction,
  type Machine,
  type Outcome,
} from '../../model/index.js';
import type {
  ActionContext,
  Hypervisor,
  HypervisorCapabilities,
  HypervisorObservation,
  Progress,
} from '../../ports/index.js';
import { chance } from './chance.js';
import type { Call, Connection } from './connection.js';
import type { Effect } from './effect.js';
import { commission, decommission } from './dummies.js';
import { attach, detach, reconfigure, start, stop, undefine } from './machines.js';
import { beginMigration, failMigration } from './migration.js';
import { restMiB } from './precopy.js';
import { refuse } from './refusals.js';
import { machineOn, migrationFrom, type ClusterState, type Migration, type SimulatedMachine } from './state.js';

type Migrate = Extract<HypervisorAction, { readonly kind: 'migrate' }>;

/** A watched migration tells of its progress this often. */
const PROGRESS_MS = 500;

/** The hypervisors of a simulated cluster. */
export class SimulatedHypervisor implements Hypervisor {
  readonly capabilities: HypervisorCapabilities = {
    strategies: ['vfio-live', 'failover', 'hotplug', 'cold'],
    deviceAssignment: true,
    reconfigure: true,
  };

  readonly #line: Connection;

  constructor(connection: Connection) {
    this.#line = connection;
  }

  async observe(): Promise<HypervisorObservation> {
    const call = this.#line.open('observe hypervisor');
    await this.#line.wait(this.#line.durationMs(call, 'observe'));
    if (call.fault === 'crash-during' || call.fault === 'crash-after') this.#line.crash(call);
    const state = this.#line.cluster.look();
    const silent = call.fault === null ? null : this.#silentHost(call, state.hosts);
    const hosts = state.hosts.map((host): Host => (host.name === silent ? { ...host, state: 'unknown' } : host));
    const up = new Set(hosts.filter((host) => host.state === 'up').map((host) => host.name));
    return {
      hosts,
      machines: state.machines.filter((machine) => up.has(machine.host)).map((machine) => shown(state, machine)),
      dummies: state.dummies.filter((dummy) => up.has(dummy.host)),
      latencies: this.#line.cluster.scenario.latencies,
    };
  }

  perform(action: HypervisorAction, context: ActionContext): Promise<Outcome> {
    if (action.kind === 'migrate') return this.#migrate(action, context);
    const name = `${action.kind} ${action.kind === 'commission' || action.kind === 'decommission' ? action.dummy : action.machine} on ${action.host}`;
    return this.#line.order(name, action.kind, [action.host], context.signal, (state) =>
      this.#effect(state, action, context.epoch),
    );
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #effect(state: ClusterState, action: Exclude<HypervisorAction, Migrate>, epoch: number | null): Effect {
    switch (action.kind) {
      case 'commission':
        return commission(state, action, epoch);
      case 'decommission':
        return decommission(state, action);
      case 'reconfigure':
        return reconfigure(state, action);
      case 'detach':
        return detach(state, action, epoch);
      case 'attach':
        return attach(state, action, epoch);
      case 'start':
        return start(state, action);
      case 'stop':
        return stop(state, action);
      case 'undefine':
        return undefine(state, action);
      case 'abort':
        return this.#abort(state, action.host, action.machine);
    }
  }

  #abort(state: ClusterState, host: string, machine: string): Outcome {
    const migration = migrationFrom(state, host, machine);
    if (migration === undefined) return done('no migration runs');
    failMigration(state, migration);
    this.#line.cluster.end(migration, 'Aborted', 'aborted');
    return done(`${machine} stays on ${host}`);
  }

  async #migrate(action: Migrate, context: ActionContext): Promise<Outcome> {
    const { cluster } = this.#line;
    const call = this.#line.open(`migrate ${action.machine} from ${action.from} to ${action.to}`);
    const refused = await this.#line.before(call, 'migrate', [action.from, action.to], context.signal);
    const outcome = refused ?? (await this.#carry(action, context, call));
    cluster.tell(`${call.name}: ${outcome.kind}${outcome.kind === 'done' ? '' : ` ${outcome.code}`}`);
    return outcome;
  }

  async #carry(action: Migrate, context: ActionContext, call: Call): Promise<Outcome> {
    const { cluster } = this.#line;
    const { durationsMs } = cluster.scenario;
    if (
      action.strategy === 'failover' &&
      machineOn(cluster.look(), action.from, action.machine)?.answersUnplug === false
    ) {
      await this.#line.aborted(context.signal);
      return refuse('UnplugIgnored', `the guest of ${action.machine} did not let go of its VFs`);
    }
    const begun = cluster.change((state) =>
      beginMigration(state, action, {
        setupMs: durationsMs['migrate-setup'] ?? 0,
        switchoverMs: durationsMs['switchover'] ?? 0,
      }),
    );
    const outcome = begun.kind === 'begun' ? await this.#watch(begun.id, call, context) : begun;
    if (call.fault === 'crash-after') this.#line.crash(call);
    if (call.fault === 'lose-answer') return this.#line.silence(context.signal);
    return call.fault === 'fail-after' && outcome.kind === 'done'
      ? failed('InternalError', `injected failure after call ${call.number}`)
      : outcome;
  }

  async #watch(id: number, call: Call, context: ActionContext): Promise<Outcome> {
    const { cluster } = this.#line;
    for (;;) {
      const migration = cluster.look().migrations.find((other) => other.id === id);
      if (migration === undefined) return this.#ended(id);
      context.onProgress(progressOf(migration));
      if (context.signal.aborted) return this.#giveUp(migration);
      const ms = Math.min(PROGRESS_MS, cluster.msToBoundary(migration));
      await this.#line.wait(Math.max(1, Math.ceil(ms)), context.signal);
      if (call.fault === 'crash-during') this.#line.crash(call);
    }
  }

  async #giveUp(migration: Migration): Promise<Outcome> {
    const { cluster } = this.#line;
    await this.#line.wait(cluster.scenario.durationsMs['abort'] ?? 0);
    return cluster.change((state) => {
      const running = state.migrations.find((other) => other.id === migration.id);
      if (running === undefined) return this.#ended(migration.id);
      failMigration(state, running);
      cluster.end(running, 'Aborted', `aborted in round ${running.copy.round}`);
      return this.#ended(migration.id);
    });
  }

  #ended(id: number): Outcome {
    const end = this.#line.cluster.takeEnd(id);
    if (end === undefined) return unknown('HostUnreachable', 'the migration is gone from sight');
    return end.failure === null ? done(end.message, end.measured) : failed(end.failure, end.message, end.stayed);
  }

  #silentHost(call: Call, hosts: readonly Host[]): string | null {
    return hosts[Math.floor(chance(this.#line.seed, `silent ${call.number}`) * hosts.length)]?.name ?? null;
  }
}

/** A copy as an observer sees it. */
function shown(state: ClusterState, machine: SimulatedMachine): Machine {
  const migration = migrationFrom(state, machine.host, machine.name);
  const hidden = ['isolatedCpus', 'answersUnplug'];
  const visible = Object.fromEntries(
    Object.entries(machine).filter(([key]) => !hidden.includes(key)),
  ) as unknown as Machine;
  if (migration === undefined) return visible;
  const { doneBytes, totalBytes } = progressOf(migration);
  return { ...visible, job: { to: migration.to, doneBytes, totalBytes, startedAt: migration.startedAt } };
}

function progressOf({ copy, firstRoundMiB }: Migration): Progress {
  const rest = restMiB(copy, firstRoundMiB);
  return {
    doneBytes: Math.round(copy.sentMiB * 2 ** 20),
    totalBytes: Math.round((copy.sentMiB + rest) * 2 ** 20),
    downtimeMs: null,
  };
}
