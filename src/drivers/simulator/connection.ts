import { failed, unknown, type Outcome } from '../../model/index.js';
import { chance } from './chance.js';
import type { SimulatedCluster } from './cluster.js';
import type { Effect } from './effect.js';
import { faultOf, SimulatedCrash, type Fault, type FaultPlan } from './faults.js';
import type { ClusterState } from './state.js';

export interface Call {
  readonly number: number;
  readonly name: string;
  readonly fault: Fault | null;
}

/**
 * What one controller process has to a cluster: every call of its hypervisor, fabric and telemetry goes through here, takes
 * time, and may meet a fault. After a crash nothing that the dead process began does anything more, but for what the cluster
 * itself carries on with.
 */
export class Connection {
  #calls: Call[] = [];
  #crashed = false;

  constructor(
    readonly cluster: SimulatedCluster,
    readonly seed: number,
    readonly faults: FaultPlan,
  ) {}

  /** All calls so far, so that a test can run through them one by one. */
  get calls(): readonly Call[] {
    return this.#calls;
  }

  /** Counts a call and says what it meets. */
  open(name: string): Call {
    this.alive();
    const number = this.#calls.length + 1;
    const call = { number, name, fault: faultOf(this.faults, number) };
    this.#calls.push(call);
    if (call.fault === 'crash-before') this.crash(call);
    return call;
  }

  /** Throws when the controller has died in the meantime. */
  alive(): void {
    if (this.#crashed) throw new SimulatedCrash('the controller has crashed');
  }

  crash(call: Call): never {
    this.#crashed = true;
    throw new SimulatedCrash(`the controller crashed at call ${call.number}, ${call.name}`);
  }

  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    await this.cluster.clock.sleep(ms, signal);
    this.alive();
  }

  /** How long a kind of call takes, a tenth more or less. */
  durationMs(call: Call, kind: string): number {
    const base = this.cluster.scenario.durationsMs[kind] ?? 0;
    return Math.round(base * (0.9 + 0.2 * chance(this.seed, `duration ${call.number}`)));
  }

  /** One order, from the wire and back: half of its time passes before the effect, half after it. */
  async order(
    name: string,
    kind: string,
    hosts: readonly string[],
    signal: AbortSignal,
    effect: (state: ClusterState) => Effect,
  ): Promise<Outcome> {
    const call = this.open(name);
    const answer = await this.#deliver(call, kind, hosts, signal, effect);
    this.cluster.tell(`${name}: ${answer.kind}${answer.kind === 'done' ? '' : ` ${answer.code}`}`);
    return answer;
  }

  async #deliver(
    call: Call,
    kind: string,
    hosts: readonly string[],
    signal: AbortSignal,
    effect: (state: ClusterState) => Effect,
  ): Promise<Outcome> {
    const refused = await this.before(call, kind, hosts, signal);
    if (refused !== null) return refused;
    const half = this.durationMs(call, kind) / 2;
    for (;;) {
      const result = this.cluster.change(effect);
      if (call.fault === 'crash-during' || call.fault === 'crash-after') this.crash(call);
      switch (result.kind) {
        case 'stall':
          await this.aborted(signal);
          return result.answer;
        case 'again':
          await this.wait(Math.max(1, half), signal);
          if (signal.aborted) return result.answer;
          continue;
        case 'done':
        case 'failed':
        case 'unknown':
        case 'skipped':
          return this.after(call, half, signal, result);
      }
    }
  }

  /** The way to the cluster; an outcome when the order does not get there. */
  async before(call: Call, kind: string, hosts: readonly string[], signal: AbortSignal): Promise<Outcome | null> {
    if (signal.aborted) return failed('Aborted', 'the order was not given any more');
    if (call.fault === 'hang') return this.silence(signal);
    await this.wait(this.durationMs(call, kind) / 2, signal);
    if (isAborted(signal)) return unknown('DeadlineExceeded', 'no answer came in time');
    if (call.fault === 'fail-before') return failed('InternalError', `injected failure before call ${call.number}`);
    const { hosts: all } = this.cluster.look();
    const away = hosts.find((host) => all.find((other) => other.name === host)?.state !== 'up');
    return away === undefined ? null : failed('HostUnreachable', `host ${away} does not answer`);
  }

  /** The way back. */
  async after(call: Call, ms: number, signal: AbortSignal, outcome: Outcome): Promise<Outcome> {
    if (call.fault === 'lose-answer') return this.silence(signal);
    await this.wait(ms, signal);
    if (signal.aborted) return unknown('DeadlineExceeded', 'no answer came in time');
    return call.fault === 'fail-after' && outcome.kind === 'done'
      ? failed('InternalError', `injected failure after call ${call.number}`)
      : outcome;
  }

  async silence(signal: AbortSignal): Promise<Outcome> {
    await this.aborted(signal);
    return unknown('DeadlineExceeded', 'no answer came in time');
  }

  async aborted(signal: AbortSignal): Promise<void> {
    if (!signal.aborted) {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    }
    this.alive();
  }
}

/** Asked anew after every wait; the compiler believes that a signal stays as it was. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
