import type { DomainStats, StatsQuery } from '../rpc/index.js';

/**
 * What is asked of a daemon for the load: of running domains only, because dummies and the receiving ends of migrations are paused. A domain
 * that is busy with a job answers with what is known without waiting.
 */
export const LOAD_QUERY: StatsQuery = {
  domains: [],
  groups: ['cpuTotal', 'balloon', 'vcpu', 'interface'],
  options: ['running', 'noWait'],
};

/** Counters of one running domain; null for what the host does not tell. */
export interface DomainCounters {
  readonly name: string;
  /** Another one after each start: counters begin anew then. */
  readonly run: string;
  readonly cpuNs: number | null;
  /** Memory of the host that it takes now. Hugepages are not in it: the host sets them aside whether or not they are used. */
  readonly memoryMiB: number | null;
  /** Time for which a virtual CPU was ready and waited for a CPU, by its number. */
  readonly delayNs: ReadonlyMap<string, number>;
  /** Bytes through the NICs that the host sees, by their names on the host. */
  readonly nics: ReadonlyMap<string, { readonly rxBytes: number; readonly txBytes: number }> | null;
}

const MOST_NICS = 1024;
const MIB_KIB = 1024;

/** Reads the counters out of the named figures that libvirt gives. */
export function domainCounters({ domain, parameters }: DomainStats): DomainCounters {
  const figures = new Map(parameters.map((parameter) => [parameter.field, parameter]));
  const number = (field: string): number | null => {
    const found = figures.get(field);
    if (found === undefined || found.kind === 'string' || found.kind === 'boolean') return null;
    const value = Number(found.value);
    return Number.isFinite(value) && value >= 0 ? value : null;
  };
  const name = (field: string): string | null => {
    const found = figures.get(field);
    return found?.kind === 'string' ? found.value : null;
  };
  const memoryKiB = number('balloon.rss') ?? number('balloon.current');
  return {
    name: domain.name,
    run: `${domain.uuid} ${domain.id ?? ''}`,
    cpuNs: number('cpu.time'),
    memoryMiB: memoryKiB === null ? null : memoryKiB / MIB_KIB,
    delayNs: delays([...figures.keys()], number),
    nics: nics(number, name),
  };
}

function delays(fields: readonly string[], number: (field: string) => number | null): ReadonlyMap<string, number> {
  const cpus = new Set(fields.flatMap((field) => /^vcpu\.(\d+)\.(?:delay|wait)$/.exec(field)?.[1] ?? []));
  const pairs = [...cpus].flatMap((cpu) => {
    const waited = number(`vcpu.${cpu}.delay`) ?? number(`vcpu.${cpu}.wait`);
    return waited === null ? [] : [[cpu, waited] as const];
  });
  return new Map(pairs);
}

/** Null when one of them is not counted: a sum without it would say too little. */
function nics(
  number: (field: string) => number | null,
  name: (field: string) => string | null,
): DomainCounters['nics'] {
  const count = number('net.count');
  if (count === null || count > MOST_NICS) return null;
  const found = new Map<string, { readonly rxBytes: number; readonly txBytes: number }>();
  for (let index = 0; index < count; index++) {
    const nic = name(`net.${index}.name`);
    // A host device that is given as an interface has no name on the host.
    if (nic === null) continue;
    const [rxBytes, txBytes] = [number(`net.${index}.rx.bytes`), number(`net.${index}.tx.bytes`)];
    if (rxBytes === null || txBytes === null) return null;
    found.set(nic, { rxBytes, txBytes });
  }
  return found;
}
