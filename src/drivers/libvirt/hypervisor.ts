import { done, failed, type HypervisorAction, type Outcome } from '../../model/index.js';
import type { ActionContext, Hypervisor, HypervisorCapabilities, HypervisorObservation } from '../../ports/index.js';
import { commission, decommission } from './dummies.js';
import { devicesOf, type Epochs } from './epochs.js';
import { outcomeOf } from './errors.js';
import { start, stop, undefine } from './life.js';
import { migrate } from './migrate.js';
import { attach, detach, reconfigure } from './plug.js';
import { LibvirtError } from './rpc/index.js';
import type { Site } from './site.js';

/** Hypervisors behind libvirt daemons. */
export class LibvirtHypervisor implements Hypervisor {
  readonly capabilities: HypervisorCapabilities = {
    strategies: ['vfio-live', 'failover', 'hotplug', 'cold'],
    deviceAssignment: true,
    reconfigure: true,
  };

  readonly #site: Site;
  readonly #epochs: Epochs;

  readonly #beforeClose: () => void;

  /** `beforeClose` ends what else uses the connections. */
  constructor(site: Site, epochs: Epochs, beforeClose: () => void) {
    this.#site = site;
    this.#epochs = epochs;
    this.#beforeClose = beforeClose;
  }

  async observe(): Promise<HypervisorObservation> {
    const looks = await this.#site.lookAround();
    const machines = looks.flatMap(({ seen }) => seen?.machines ?? []);
    return {
      hosts: looks.map(({ link, seen }) => seen?.host ?? this.#site.silent(link.name)),
      machines: machines.map((machine) => {
        if (machine.job === null || machine.job.to !== '') return machine;
        // Begun by a controller before this one: the receiving end tells where it goes.
        const incoming = machines.find((other) => other.name === machine.name && other.state === 'incoming');
        return { ...machine, job: { ...machine.job, to: incoming?.host ?? '' } };
      }),
      dummies: looks.flatMap(({ seen }) => seen?.dummies ?? []),
      latencies: [],
    };
  }

  async perform(action: HypervisorAction, context: ActionContext): Promise<Outcome> {
    const host = action.kind === 'migrate' ? action.from : action.host;
    if (context.signal.aborted) return failed('Aborted', 'it was called off before it began');
    const stale = this.#epochs.refusal(devicesOf(action), context.epoch);
    if (stale !== null) return stale;
    try {
      return await this.#perform(action, context);
    } catch (error) {
      return outcomeOf(error, host);
    } finally {
      this.#touched(action);
    }
  }

  close(): Promise<void> {
    this.#beforeClose();
    return this.#site.close();
  }

  #perform(action: HypervisorAction, context: ActionContext): Promise<Outcome> {
    switch (action.kind) {
      case 'commission':
        return commission(this.#site, action);
      case 'decommission':
        return decommission(this.#site, action);
      case 'reconfigure':
        return reconfigure(this.#site, action);
      case 'detach':
        return detach(this.#site, action, context);
      case 'attach':
        return attach(this.#site, action);
      case 'migrate':
        return migrate(this.#site, action, context);
      case 'abort':
        return this.#abort(action.host, action.machine);
      case 'start':
        return start(this.#site, action);
      case 'stop':
        return stop(this.#site, action, context);
      case 'undefine':
        return undefine(this.#site, action);
    }
  }

  #touched(action: HypervisorAction): void {
    const hosts = action.kind === 'migrate' ? [action.from, action.to] : [action.host];
    const domain = action.kind === 'commission' || action.kind === 'decommission' ? action.dummy : action.machine;
    for (const link of this.#site.links) if (hosts.includes(link.name)) link.touched(domain);
  }

  async #abort(host: string, machine: string): Promise<Outcome> {
    const link = this.#site.link(host);
    const found = (await link.observe()).domains.get(machine);
    if (found === undefined) return done('no migration runs');
    try {
      await link.calls.abortJob(found.figures.domain);
    } catch (error) {
      if (error instanceof LibvirtError && error.codeName === 'operationInvalid') return done('no migration runs');
      throw error;
    }
    return done(`${machine} stays on ${host}`);
  }
}
