import type { MeteredHost } from '../../../../src/drivers/libvirt/telemetry.js';
import type { DomainStats, TypedParameter } from '../../../../src/drivers/libvirt/rpc/index.js';

const SECOND_NS = 1_000_000_000n;

/** What a guest does, each second. */
export interface Guest {
  readonly id?: number;
  readonly cpus?: number;
  readonly rssMiB?: number;
  /** CPUs waited for. */
  readonly delay?: number;
  /** Bytes each second through each of its NICs on the host, in and out. */
  readonly nics?: Readonly<Record<string, readonly [number, number]>>;
}

/** Figures as libvirt 11.3 sends them, of a guest that did this for `seconds`. */
export function figures(guest: Guest, seconds: number): readonly TypedParameter[] {
  const { cpus = 0, rssMiB = 64, delay = 0, nics = {} } = guest;
  const ns = (rate: number) => BigInt(Math.round(rate * seconds * 1000)) * (SECOND_NS / 1000n);
  const ullong = (field: string, value: bigint): TypedParameter => ({ field, kind: 'ullong', value });
  const bytes = (field: string, rate: number) => ullong(field, BigInt(Math.round(rate * seconds)));
  return [
    { field: 'state.state', kind: 'int', value: 1 },
    ullong('cpu.time', ns(cpus)),
    ullong('balloon.current', 1_048_576n),
    ullong('balloon.rss', BigInt(rssMiB * 1024)),
    { field: 'vcpu.current', kind: 'uint', value: 2 },
    ...[0, 1].flatMap((cpu) => [
      { field: `vcpu.${cpu}.state`, kind: 'int', value: 1 } as const,
      ullong(`vcpu.${cpu}.wait`, 7n),
      ullong(`vcpu.${cpu}.delay`, ns(delay / 2)),
    ]),
    { field: 'net.count', kind: 'uint', value: Object.keys(nics).length },
    ...Object.entries(nics).flatMap(([name, [received, sent]], index) => [
      { field: `net.${index}.name`, kind: 'string', value: name } as const,
      bytes(`net.${index}.rx.bytes`, received),
      bytes(`net.${index}.tx.bytes`, sent),
    ]),
  ];
}

/** A domain with its figures. */
export function domainStats(name: string, guest: Guest, seconds: number): DomainStats {
  return { domain: { name, uuid: `uuid-${name}`, id: guest.id ?? 1 }, parameters: figures(guest, seconds) };
}

/** A host that runs these guests, as of each moment. */
export class ScriptedHost {
  guests: Readonly<Record<string, Guest>> = {};
  /** Share of its CPUs that is busy; memory in KiB. */
  busy = 0.25;
  memory = { total: 1000, free: 500, buffers: 50, cached: 50 };
  silent = false;
  asked = 0;
  readonly #since = new Map<string, number>();

  constructor(readonly now: () => number) {}

  get calls(): MeteredHost['calls'] {
    const answer = <T>(make: () => T): Promise<T> => {
      this.asked++;
      return this.silent ? Promise.reject(new Error('no answer')) : Promise.resolve(make());
    };
    return {
      getNodeCpuStats: () =>
        answer(() => {
          const ns = (share: number) => Math.round(this.now() * 1e6 * 4 * share);
          return { user: ns(this.busy / 2), kernel: ns(this.busy / 2), idle: ns(1 - this.busy), iowait: 0 };
        }),
      getNodeMemoryStats: () => answer(() => this.memory),
      getAllDomainStats: () =>
        answer(() =>
          Object.entries(this.guests).map(([name, guest]) => domainStats(name, guest, this.#age(name, guest))),
        ),
    };
  }

  /** Seconds since the guest was first seen in this run. */
  #age(name: string, { id = 1 }: Guest): number {
    const run = `${name} ${id}`;
    const since = this.#since.get(run) ?? this.now();
    this.#since.set(run, since);
    return 100 + (this.now() - since) / 1000;
  }
}
