import { join } from 'node:path';
import { SystemClock } from '../../../src/clock/system.js';
import { openLibvirt } from '../../../src/drivers/libvirt/open.js';
import { parseLibvirtUri } from '../../../src/drivers/libvirt/rpc/index.js';
import type { HypervisorAction, Machine, Outcome } from '../../../src/model/index.js';
import type { Hypervisor, HypervisorObservation } from '../../../src/ports/index.js';
import { guestAddress } from '../guest/machine.js';
import { until } from '../namespaces/process-tree.js';
import { run, type Ended } from '../namespaces/program.js';
import { CLAIM, ownerGuest, type OwnerOptions } from './guests.js';
import type { SriovHost } from './host.js';
import type { SriovLab } from './lab.js';
import { insist } from './report.js';
import { Repository, type Wanted } from './repository.js';

/** Liveness, no measure. */
const REACHABLE_MS = 400_000;
const MAIN = new URL('../../../dist/cli/main.js', import.meta.url).pathname;

/** The lab with Berth beside it: its driver opened directly, and its program with a repository. */
export class Bench {
  readonly repository: Repository;
  readonly #hypervisor: Hypervisor;
  readonly #machines = new Map<string, Wanted>();

  constructor(readonly lab: SriovLab) {
    const hosts = lab.hosts.map(({ name, uri, peerUri, migrationUri }) => {
      const parsed = parseLibvirtUri(uri);
      if (!parsed.ok) throw new Error(parsed.reason);
      return { name, uri: parsed.value, peerUri, migrationUri, commands: null, guardLedger: null };
    });
    this.#hypervisor = openLibvirt(
      {
        ...{ hosts, resyncSeconds: 60, shutdownSeconds: 0, unplugSeconds: 120 },
        ...{ sharedPaths: [], image: null, liveMigratable: [], tls: false },
      },
      { clock: new SystemClock() },
    ).hypervisor;
    this.repository = new Repository(join(lab.folder, 'repository'), lab.hosts);
  }

  host(number: number): SriovHost {
    const host = this.lab.hosts[number - 1];
    if (host === undefined) throw new Error(`the lab has no host ${number}`);
    return host;
  }

  observe(): Promise<HypervisorObservation> {
    return this.#hypervisor.observe();
  }

  perform(action: HypervisorAction, signal = new AbortController().signal): Promise<Outcome> {
    return this.#hypervisor.perform(action, {
      idempotencyKey: 'lab',
      signal,
      epoch: null,
      onProgress: () => undefined,
    });
  }

  /** Performs an action that has to succeed. */
  async done(action: HypervisorAction): Promise<Outcome & { readonly kind: 'done' }> {
    const outcome = await this.perform(action);
    insist(outcome.kind === 'done', `${action.kind}: ${told(outcome)}`);
    return outcome;
  }

  /** Starts a guest and resolves when it answers a third party. */
  async start(host: SriovHost, options: OwnerOptions): Promise<void> {
    await host.create(options.name, ownerGuest(options));
    const strategies = options.standby === true ? ['failover'] : ['hotplug'];
    const memoryMiB = 128 + (options.dirtyMiB ?? 0);
    const { name, number } = options;
    this.#machines.set(name, { name, number, host: host.name, memoryMiB, strategies });
    await until(`${name} does not answer`, REACHABLE_MS, async () => {
      if (await this.lab.link.answers(guestAddress(number))) return true;
      const state = await host.virsh('domstate', name);
      insist(state.startsWith('running'), `${name} is ${state.trim()}: ${await host.console(name)}`);
      return false;
    });
  }

  reachable(number: number): Promise<void> {
    return this.lab.link.reachable(guestAddress(number), REACHABLE_MS);
  }

  /** The one copy of a machine that runs; where it is, what it has. */
  async machine(name: string): Promise<Machine> {
    const copies = (await this.observe()).machines.filter((one) => one.name === name && one.state === 'running');
    insist(copies.length === 1, `${name} runs ${copies.length} times`);
    return copies[0] as Machine;
  }

  /**
   * Resolves when nobody has the function: no domain, and no process by VFIO, whose group files can be opened only once. A function that a
   * dummy had stays with vfio-pci, and one that came from the host's driver goes back to it.
   */
  async free(host: SriovHost, bdf: string): Promise<void> {
    const { hosts, machines, dummies } = await this.observe();
    const user =
      machines.find((one) => one.host === host.name && one.assignments.some(({ device }) => device === bdf)) ??
      dummies.find((one) => one.host === host.name && one.devices.includes(bdf));
    insist(user === undefined, `${user?.name ?? ''} has ${bdf} of ${host.name}`);
    const group = hosts.find(({ name }) => name === host.name)?.devices.find((one) => one.bdf === bdf)?.iommuGroup;
    const ask = `case $(readlink /sys/bus/pci/devices/${bdf}/driver) in */igbvf) ;; */vfio-pci) exec 3<>/dev/vfio/${group ?? ''} ;; *) exit 1 ;; esac`;
    await until(`${bdf} of ${host.name} is still taken`, 60_000, async () => {
      const { status } = await host.exec(['bash', '-c', ask]);
      return status === 0;
    });
  }

  /** Commits where machines are to be, beside those that stay where they are. */
  async commit(
    message: string,
    places: Readonly<Record<string, SriovHost>>,
    policy: Parameters<Repository['commit']>[2] = {},
  ) {
    for (const [name, host] of Object.entries(places)) {
      const machine = this.#machines.get(name);
      if (machine !== undefined) this.#machines.set(name, { ...machine, host: host.name });
    }
    return this.repository.commit(message, [...this.#machines.values()], policy);
  }

  /** Berth's program on the repository. */
  berth(...argv: readonly string[]): Promise<Ended> {
    return this.program(...argv, '--source', this.repository.folder, '--state', join(this.lab.folder, 'state'));
  }

  /** Berth's program. */
  program(...argv: readonly string[]): Promise<Ended> {
    return run(['env', `HOME=${this.lab.folder}`, 'NO_COLOR=1', process.execPath, MAIN, ...argv]);
  }

  /** One pass over the newest commit, which has to end with the status of that commit. */
  async reconcile(revision: string): Promise<string> {
    const ended = await this.berth('reconcile');
    insist(ended.status === 0, `berth reconcile ended with ${ended.status}: ${ended.stdout}${ended.stderr}`);
    const { message } = await this.repository.status();
    insist(message.includes(revision.slice(0, 7)), `the status is not of ${revision}: ${message}`);
    return message.split('\n')[0] ?? '';
  }

  /** How the newest migration ended, by Berth's journal. */
  async migration(): Promise<string> {
    const { stdout } = await run(['sh', '-c', 'cat "$1"/state/*/*/journal.ndjson', 'sh', this.lab.folder]);
    const outcomes = stdout.split('\n').flatMap((line) => {
      const told = /"step":"[^"]*\/migrate","index":\d+,"direction":"do","outcome":(\{.*?\})/.exec(line)?.[1];
      return told === undefined ? [] : told;
    });
    return outcomes.at(-1) ?? 'it was not tried';
  }

  async close(): Promise<void> {
    await this.#hypervisor.close();
  }
}

function told(outcome: Outcome): string {
  return outcome.kind === 'done' ? `done: ${outcome.detail}` : `${outcome.kind} ${outcome.code}: ${outcome.message}`;
}

/** The device that a machine has for its claim. */
export function deviceOf(machine: Machine): string {
  return machine.assignments.find(({ claim }) => claim === CLAIM)?.device ?? 'none';
}
