import { NO_OBJECTIVES } from '../../../src/planner/engine/instance.js';
import type { Instance } from '../../../src/planner/engine/instance.js';
import { InputError } from '../command.js';

/** Cluster as the neutral JSON describes it; fields that ordering does not look at are left out. */
export interface Cluster {
  readonly hosts: readonly { readonly name: string; readonly memMiB: number; readonly nodeMemMiB: number }[];
  readonly vms: readonly {
    readonly name: string;
    readonly memMiB: number;
    /** Index of the host. */
    readonly host: number;
    /** Machines of one tag are kept apart by host; empty: none. */
    readonly tag: string;
  }[];
}

/** Reads a cluster. Throws `InputError` when it is none. */
export function parseCluster(file: string, text: string): Cluster {
  const fail = (message: string): never => {
    throw new InputError(file, 1, 1, message);
  };
  const whole = parseJson(file, text) as { readonly hosts?: unknown; readonly vms?: unknown } | null;
  if (!Array.isArray(whole?.hosts) || !Array.isArray(whole.vms)) return fail('there are no lists `hosts` and `vms`');
  const hosts = (whole.hosts as Record<string, unknown>[]).map((host, index) => ({
    name: typeof host['name'] === 'string' ? host['name'] : `host-${index}`,
    memMiB: amount(host['memMiB']) ?? fail(`hosts[${index}].memMiB is no amount`),
    nodeMemMiB: amount(host['nodeMemMiB'] ?? 0) ?? fail(`hosts[${index}].nodeMemMiB is no amount`),
  }));
  const vms = (whole.vms as Record<string, unknown>[]).map((vm, index) => ({
    name: typeof vm['name'] === 'string' ? vm['name'] : `vm-${index}`,
    memMiB: amount(vm['memMiB']) ?? fail(`vms[${index}].memMiB is no amount`),
    host: hostIndex(vm['host'], hosts.length) ?? fail(`vms[${index}].host is no index of a host`),
    tag: typeof vm['tag'] === 'string' ? vm['tag'] : '',
  }));
  return { hosts, vms };
}

/** Reads where each machine of the cluster shall be: a list of indices of hosts. Throws `InputError`. */
export function parseTarget(file: string, text: string, cluster: Cluster): Int32Array {
  const list = parseJson(file, text);
  if (!Array.isArray(list) || list.length !== cluster.vms.length) {
    throw new InputError(file, 1, 1, `it is no list of ${cluster.vms.length} hosts, one a machine`);
  }
  return Int32Array.from(list as unknown[], (host, index) => {
    const found = hostIndex(host, cluster.hosts.length);
    if (found === null) throw new InputError(file, 1, 1, `entry ${index} is no index of a host`);
    return found;
  });
}

/** Memory of hosts and machines, and machines of one tag apart. */
export function instanceOf({ hosts, vms }: Cluster): Instance {
  const hostOf = Int32Array.from(hosts, (_, index) => index);
  const tags = new Map<string, number[]>();
  vms.forEach(({ tag }, index) => {
    if (tag !== '') tags.set(tag, [...(tags.get(tag) ?? []), index]);
  });
  return {
    hosts: hosts.length,
    places: hosts.length,
    machines: vms.length,
    resources: 1,
    hostOf,
    origin: Int32Array.from(vms, (vm) => vm.host),
    fixed: new Uint8Array(vms.length),
    demand: Float64Array.from(vms, (vm) => vm.memMiB),
    capacity: Float64Array.from(hosts, (host) => host.memMiB),
    base: Float64Array.from(hosts, (host) => host.nodeMemMiB),
    transient: Uint8Array.of(1),
    unary: null,
    rules: [...tags.values()].map((members) => ({
      kind: 'apart' as const,
      members: Int32Array.from(members),
      domain: 0,
      most: 1,
    })),
    domains: [{ of: hostOf, count: hosts.length }],
    objectives: NO_OBJECTIVES,
  };
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(file, 1, 1, error instanceof Error ? error.message : String(error));
  }
}

function amount(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

function hostIndex(value: unknown, hosts: number): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < hosts ? value : null;
}
