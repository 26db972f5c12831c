import { InputError } from '../command.js';

/**
 * A cluster in the text format of Ganeti's htools (manual page htools(1), backend `-t`): sections that end with an empty line (groups, nodes,
 * instances, cluster tags, policies), one thing a line, fields between bars.
 */
export interface HbalCluster {
  readonly file: string;
  /** The text as it was read, line by line; what is written again differs only where a placement does. */
  readonly lines: readonly string[];
  readonly nodes: readonly HbalNode[];
  readonly instances: readonly HbalInstance[];
  readonly clusterTags: readonly string[];
  /** Group (by UUID) → most virtual CPUs a physical one may carry. */
  readonly vcpuRatio: ReadonlyMap<string, number>;
}

export interface HbalNode {
  readonly name: string;
  readonly line: number;
  readonly memoryMiB: number;
  /** Memory that the node itself uses. */
  readonly ownMemoryMiB: number;
  readonly freeMemoryMiB: number;
  readonly diskMiB: number;
  readonly freeDiskMiB: number;
  readonly cpus: number;
  /** Marked so, or with an unknown figure: nothing may come here, and what is here should leave. */
  readonly offline: boolean;
  readonly group: string;
  readonly spindles: number;
  readonly tags: readonly string[];
  readonly exclusiveStorage: boolean;
  /** Virtual CPUs that the node itself uses. */
  readonly ownCpus: number;
  readonly cpuSpeed: number;
}

export interface HbalInstance {
  readonly name: string;
  readonly line: number;
  readonly memoryMiB: number;
  readonly diskMiB: number;
  readonly cpus: number;
  readonly status: string;
  readonly autoBalance: boolean;
  /** Index of a node. */
  readonly primary: number;
  /** Index of a node; -1 where the template has no second copy. */
  readonly secondary: number;
  readonly template: string;
  readonly tags: readonly string[];
  readonly spindleUse: number;
  readonly forthcoming: boolean;
}

/** Reads a cluster; throws `InputError` with file, line and column at the first thing that is wrong. */
export function readCluster(file: string, text: string): HbalCluster {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const sections = sectionsOf(file, lines);
  const [groupLines = [], nodeLines = [], instanceLines = [], tagLines = [], policyLines = []] = sections;
  const groups = new Map<string, string>();
  for (const row of groupLines) {
    if (row.text(1) === '') throw row.wrong(1, 'field 2, the UUID of the node group, is missing');
    if (groups.has(row.text(0))) throw row.wrong(0, `node group ${row.text(0)} is there twice`);
    groups.set(row.text(0), row.text(1));
  }
  const nodes = nodeLines.map((row) => nodeOf(row, groups));
  const indexOf = new Map(nodes.map(({ name }, index) => [name, index]));
  if (indexOf.size < nodes.length) {
    const twice = nodeLines.find((row, index) => indexOf.get(row.text(0)) !== index);
    throw (
      twice?.wrong(0, `node ${twice.text(0)} is there twice`) ?? new InputError(file, 1, 1, 'a node is there twice')
    );
  }
  if (nodes.length === 0) throw new InputError(file, 1, 1, 'the file has no nodes');
  const seen = new Set<string>();
  const instances = instanceLines.map((row) => {
    if (seen.has(row.text(0))) throw row.wrong(0, `instance ${row.text(0)} is there twice`);
    seen.add(row.text(0));
    return instanceOf(row, indexOf);
  });
  if (sections.length < 4) {
    const last = lines.length;
    throw new InputError(
      file,
      last,
      (lines.at(-1)?.length ?? 0) + 1,
      'the file is cut short: instances, cluster tags and policies follow, each after an empty line',
    );
  }
  const vcpuRatio = new Map<string, number>();
  for (const row of policyLines) {
    const ratio = row.number(4);
    if (ratio <= 0) throw row.wrong(4, 'the ratio of virtual to physical CPUs is above 0');
    for (const group of row.text(0) === '' ? groups.values() : [groups.get(row.text(0)) ?? ''])
      vcpuRatio.set(group, ratio);
  }
  return { file, lines, nodes, instances, clusterTags: tagLines.map((row) => row.text(0)), vcpuRatio };
}

/** Load of each instance by name: CPU, memory, disk, network (option `-U`: one instance a line, blanks between). */
export function readLoads(file: string, text: string): ReadonlyMap<string, readonly [number, number, number, number]> {
  const loads = new Map<string, readonly [number, number, number, number]>();
  text.split('\n').forEach((line, index) => {
    const words = line.trim().split(/\s+/);
    const [name = '', ...figures] = words;
    if (name === '') return;
    const [cpu, memory, disk, network] = figures.map(Number);
    if (loads.has(name))
      throw new InputError(file, index + 1, line.indexOf(name) + 1, `${name} has a line above: one line an instance`);
    const wrong = figures.findIndex((figure, at) => at > 3 || !(Number(figure) >= 0 && Number(figure) < Infinity));
    if (wrong >= 0 || cpu === undefined || memory === undefined || disk === undefined || network === undefined) {
      const column =
        wrong >= 0 ? line.indexOf(figures[wrong] ?? '', line.indexOf(name) + name.length) + 1 : line.length + 1;
      throw new InputError(
        file,
        index + 1,
        column,
        'a line is a name and four numbers of at least 0: load of CPU, memory, disk, network',
      );
    }
    loads.set(name, [cpu, memory, disk, network]);
  });
  return loads;
}

/** The text with each instance on a new primary node (index by instance), memory and local disk that are free adjusted with it. */
export function writeCluster(cluster: HbalCluster, primary: ArrayLike<number>, secondary?: ArrayLike<number>): string {
  const { nodes, instances } = cluster;
  const lines = [...cluster.lines];
  const freeMemory = nodes.map((node) => node.freeMemoryMiB);
  const freeDisk = nodes.map((node) => node.freeDiskMiB);
  const add = (table: number[], node: number, amount: number) => {
    if (node >= 0) table[node] = (table[node] ?? 0) + amount;
  };
  instances.forEach((instance, index) => {
    const [to, mirror] = [primary[index] ?? instance.primary, secondary?.[index] ?? instance.secondary];
    if (to === instance.primary && mirror === instance.secondary) return;
    add(freeMemory, instance.primary, instance.memoryMiB);
    add(freeMemory, to, -instance.memoryMiB);
    if (LOCAL.has(instance.template)) {
      for (const node of [instance.primary, instance.secondary]) add(freeDisk, node, instance.diskMiB);
      for (const node of [to, mirror]) add(freeDisk, node, -instance.diskMiB);
    }
    const fields = (lines[instance.line - 1] ?? '').split('|');
    fields[6] = nodes[to]?.name ?? '';
    fields[7] = nodes[mirror]?.name ?? '';
    lines[instance.line - 1] = fields.join('|');
  });
  nodes.forEach((node, index) => {
    if (freeMemory[index] === node.freeMemoryMiB && freeDisk[index] === node.freeDiskMiB) return;
    const fields = (lines[node.line - 1] ?? '').split('|');
    fields[3] = String(freeMemory[index]);
    fields[5] = String(freeDisk[index]);
    lines[node.line - 1] = fields.join('|');
  });
  return lines.join('\n');
}

/** Disk templates whose disks lie on the nodes themselves. */
export const LOCAL: ReadonlySet<string> = new Set(['plain', 'drbd']);

const TEMPLATES: ReadonlySet<string> = new Set([
  'diskless',
  'file',
  'sharedfile',
  'plain',
  'blockdev',
  'drbd',
  'rbd',
  'ext',
  'gluster',
]);

/** What Ganeti says of an instance. */
const STATUSES: ReadonlySet<string> = new Set([
  'running',
  'ADMIN_down',
  'ADMIN_offline',
  'USER_down',
  'ERROR_down',
  'ERROR_up',
  'ERROR_nodedown',
  'ERROR_nodeoffline',
  'ERROR_wrongnode',
]);

class Row {
  readonly #fields: readonly string[];

  constructor(
    readonly file: string,
    readonly line: number,
    content: string,
  ) {
    this.#fields = content.split('|');
  }

  text(field: number): string {
    return this.#fields[field] ?? '';
  }

  number(field: number, fallback: number | null = null): number {
    const text = this.text(field);
    if (text === '' && fallback !== null) return fallback;
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value)) {
      throw this.wrong(
        field,
        text === '' ? `field ${field + 1} is missing: a number is expected` : `${JSON.stringify(text)} is no number`,
      );
    }
    return value;
  }

  wrong(field: number, message: string): InputError {
    const before = this.#fields.slice(0, field).reduce((sum, text) => sum + text.length + 1, 0);
    return new InputError(this.file, this.line, before + 1, message);
  }
}

function sectionsOf(file: string, lines: readonly string[]): Row[][] {
  const sections: Row[][] = [[]];
  lines.forEach((line, index) => {
    if (line === '') sections.push([]);
    else sections.at(-1)?.push(new Row(file, index + 1, line));
  });
  return sections;
}

function nodeOf(row: Row, groups: ReadonlyMap<string, string>): HbalNode {
  const unknown = [1, 2, 3, 4, 5, 6].some((field) => row.text(field).includes('?'));
  const figure = (field: number) => (row.text(field).includes('?') ? 0 : row.number(field));
  if (row.text(0) === '') throw row.wrong(0, 'a node has a name');
  const group = row.text(8);
  const node: HbalNode = {
    name: row.text(0),
    line: row.line,
    memoryMiB: figure(1),
    ownMemoryMiB: figure(2),
    freeMemoryMiB: figure(3),
    diskMiB: figure(4),
    freeDiskMiB: figure(5),
    cpus: figure(6),
    offline: row.text(7) === 'Y' || unknown,
    group,
    spindles: row.number(9, 1),
    tags: row
      .text(10)
      .split(',')
      .filter((tag) => tag !== ''),
    exclusiveStorage: row.text(11) === 'Y',
    ownCpus: row.number(13, 1),
    cpuSpeed: row.number(14, 1),
  };
  if (groups.size > 0 && ![...groups.values()].includes(group))
    throw row.wrong(8, `there is no node group with the UUID ${JSON.stringify(group)}`);
  if (!['Y', 'N', 'M'].includes(row.text(7))) throw row.wrong(7, 'field 8 says Y (offline), N or M (master)');
  for (const [field, value] of [
    [1, node.memoryMiB],
    [2, node.ownMemoryMiB],
    [4, node.diskMiB],
    [6, node.cpus],
    [13, node.ownCpus],
  ] as const) {
    if (value < 0) throw row.wrong(field, 'an amount is not negative');
  }
  if (!(node.cpuSpeed > 0)) throw row.wrong(14, 'the speed of CPUs is above 0');
  if (!node.offline && node.memoryMiB <= 0) throw row.wrong(1, 'a node that is online has memory');
  if (!node.offline && node.cpus <= 0) throw row.wrong(6, 'a node that is online has CPUs');
  return node;
}

function instanceOf(row: Row, nodes: ReadonlyMap<string, number>): HbalInstance {
  const nodeAt = (field: number) => {
    const index = nodes.get(row.text(field));
    if (index === undefined) throw row.wrong(field, `there is no node ${JSON.stringify(row.text(field))}`);
    return index;
  };
  if (row.text(0) === '') throw row.wrong(0, 'an instance has a name');
  const instance: HbalInstance = {
    name: row.text(0),
    line: row.line,
    memoryMiB: row.number(1),
    diskMiB: row.number(2),
    cpus: row.number(3),
    status: row.text(4),
    autoBalance: row.text(5) !== 'N',
    primary: nodeAt(6),
    secondary: row.text(7) === '' ? -1 : nodeAt(7),
    template: row.text(8),
    tags: row
      .text(9)
      .split(',')
      .filter((tag) => tag !== ''),
    spindleUse: row.number(10, 1),
    forthcoming: row.text(12) === 'Y',
  };
  if (!STATUSES.has(instance.status)) {
    throw row.wrong(4, `${JSON.stringify(instance.status)} is no status of an instance: ${[...STATUSES].join(', ')}`);
  }
  if (!['Y', 'N'].includes(row.text(5))) throw row.wrong(5, 'field 6 says Y (balanced automatically) or N');
  if (!TEMPLATES.has(instance.template)) {
    throw row.wrong(8, `${JSON.stringify(instance.template)} is no disk template: ${[...TEMPLATES].join(', ')}`);
  }
  if (instance.template === 'drbd' && instance.secondary < 0)
    throw row.wrong(7, 'an instance with drbd has a secondary node');
  for (const [field, value] of [
    [1, instance.memoryMiB],
    [2, instance.diskMiB],
    [3, instance.cpus],
  ] as const) {
    if (value < 0) throw row.wrong(field, 'a size is not negative');
  }
  if (instance.secondary === instance.primary) throw row.wrong(7, 'primary and secondary are the same node');
  return instance;
}
