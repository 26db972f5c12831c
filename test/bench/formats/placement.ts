import { NO_OBJECTIVES } from '../../../src/planner/engine/instance.js';
import type { Instance } from '../../../src/planner/engine/instance.js';
import { InputError } from '../command.js';
import type { Path } from './json-place.js';
import { placeOf, syntaxErrorIn } from './json-place.js';

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

/** Reads a cluster. Throws `InputError` at the value that is wrong. */
export function parseCluster(file: string, text: string): Cluster {
  const fail = wrongIn(file, text);
  const whole = parseJson(file, text);
  const listAt = (key: string): readonly Record<string, unknown>[] => {
    const list = isObject(whole) ? whole[key] : undefined;
    if (!Array.isArray(list)) return fail(isObject(whole) ? [key] : [], `there is no list \`${key}\``);
    return (list as unknown[]).map((entry, index) =>
      isObject(entry) ? entry : fail([key, index], `${key}[${index}] is no object`),
    );
  };
  const size = (list: string, index: number, key: string, value: unknown) =>
    amount(value) ??
    fail([list, index, key], `${list}[${index}].${key} should be an amount in MiB of at least 0 and at most 2^53 - 1`);
  const hosts = listAt('hosts').map((host, index) => ({
    name: typeof host['name'] === 'string' ? host['name'] : `host-${index}`,
    memMiB: size('hosts', index, 'memMiB', host['memMiB']),
    nodeMemMiB: size('hosts', index, 'nodeMemMiB', host['nodeMemMiB'] ?? 0),
  }));
  const vms = listAt('vms').map((vm, index) => ({
    name: typeof vm['name'] === 'string' ? vm['name'] : `vm-${index}`,
    memMiB: size('vms', index, 'memMiB', vm['memMiB']),
    host:
      hostIndex(vm['host'], hosts.length) ??
      fail(['vms', index, 'host'], `vms[${index}].host ${indexWanted(hosts.length)}`),
    tag: typeof vm['tag'] === 'string' ? vm['tag'] : '',
  }));
  const names = new Set<string>();
  vms.forEach(({ name }, index) => {
    if (names.has(name))
      fail(['vms', index, 'name'], `vms[${index}].name is ${JSON.stringify(name)}, as that of another`);
    names.add(name);
  });
  return { hosts, vms };
}

/**
 * Reads where each machine of the cluster shall be: a list of indices of hosts. Throws `InputError` for what is no such list, and where it
 * puts more on a host than it holds, or two machines of one tag. What a machine that comes does not make worse is as it was, and passes.
 */
export function parseTarget(file: string, text: string, cluster: Cluster): Int32Array {
  const fail = wrongIn(file, text);
  const list = parseJson(file, text);
  const { hosts, vms } = cluster;
  if (!Array.isArray(list)) return fail([], `a list of ${vms.length} indices of hosts is expected, one a machine`);
  if (list.length !== vms.length) {
    return fail([], `the list has ${list.length} entries, and the cluster ${vms.length} machines: one entry a machine`);
  }
  const target = Int32Array.from(
    list as unknown[],
    (host, index) => hostIndex(host, hosts.length) ?? fail([index], `entry ${index} ${indexWanted(hosts.length)}`),
  );
  const broken = brokenBy(cluster, target);
  return broken === null ? target : fail([broken.vm], broken.message);
}

/** The first rule that a target breaks, told at a machine that comes to where it is broken; null when it breaks none. */
function brokenBy(
  { hosts, vms }: Cluster,
  target: Int32Array,
): { readonly vm: number; readonly message: string } | null {
  const members = hosts.map((): number[] => []);
  target.forEach((host, vm) => members[host]?.push(vm));
  const nameOf = (vm: number) => vms[vm]?.name ?? '';
  for (const [host, here] of members.entries()) {
    const { name = '', memMiB = 0, nodeMemMiB = 0 } = hosts[host] ?? {};
    const comes = (vm: number) => vms[vm]?.host !== host;
    const newcomer = here.find((vm) => comes(vm) && (vms[vm]?.memMiB ?? 0) > 0);
    const used = here.reduce((sum, vm) => sum + (vms[vm]?.memMiB ?? 0), nodeMemMiB);
    if (newcomer !== undefined && used > memMiB * (1 + 1e-9)) {
      const who = listed(here.map(nameOf));
      return { vm: newcomer, message: `capacity: ${name} has ${memMiB} MiB, and would hold ${used} MiB with ${who}` };
    }
    const first = new Map<string, number>();
    for (const vm of here) {
      const tag = vms[vm]?.tag ?? '';
      const other = first.get(tag);
      if (tag === '') continue;
      if (other === undefined) first.set(tag, vm);
      else if (comes(vm) || comes(other)) {
        const message = `anti-affinity: ${nameOf(other)} and ${nameOf(vm)} have the tag ${tag}, and both are to be on ${name}`;
        return { vm: comes(vm) ? vm : other, message };
      }
    }
  }
  return null;
}

function listed(names: readonly string[]): string {
  return names.length <= 10 ? names.join(', ') : `${names.slice(0, 10).join(', ')} and ${names.length - 10} more`;
}

/** Memory of hosts and machines, and machines of one tag apart. */
export function instanceOf({ hosts, vms }: Cluster): Instance {
  const hostOf = Int32Array.from(hosts, (_, index) => index);
  const tags = new Map<string, number[]>();
  vms.forEach(({ tag }, index) => {
    if (tag === '') return;
    const members = tags.get(tag);
    if (members === undefined) tags.set(tag, [index]);
    else members.push(index);
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
    rules: [...tags.values()]
      .filter((members) => members.length > 1)
      .map((members) => ({
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
    const { line, column, message } = syntaxErrorIn(text) ?? { line: 1, column: 1, message: String(error) };
    throw new InputError(file, line, column, message);
  }
}

/** Throws the error at the value that the path leads to. */
function wrongIn(file: string, text: string): (path: Path, message: string) => never {
  return (path, message) => {
    const { line, column } = placeOf(text, path);
    throw new InputError(file, line, column, message);
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function indexWanted(hosts: number): string {
  return `should be the index of a host, 0 to ${hosts - 1}`;
}

function amount(value: unknown): number | null {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : null;
}

function hostIndex(value: unknown, hosts: number): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < hosts ? value : null;
}
