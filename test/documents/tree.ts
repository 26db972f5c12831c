import { createHash } from 'node:crypto';
import { createDocumentCache, loadDesired } from '../../src/documents/index.js';
import type { Desired, Problem } from '../../src/model/index.js';
import type { SourceTree } from '../../src/ports/index.js';

/** A source tree in memory: path → text. */
export function treeOf(files: Readonly<Record<string, string>>): SourceTree {
  return {
    revision: 'a'.repeat(40),
    files: Object.entries(files)
      .map(([path, text]) => ({ path, blob: blobOf(text), bytes: Buffer.byteLength(text) }))
      .sort((a, b) => (a.path < b.path ? -1 : 1)),
    read: (file) => Promise.resolve(files[file.path] ?? ''),
    readPath: (path) => Promise.resolve(files[path] ?? null),
  };
}

function blobOf(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}

/** A document of one kind, its spec indented as it stands below `spec:`. */
export function document(kind: string, name: string, spec: string, metadata = ''): string {
  const body = spec.trim() === '' ? ' {}' : `\n${spec.replace(/^\n|\s+$/g, '')}`;
  return `apiVersion: berth/v1alpha1\nkind: ${kind}\nmetadata:\n  name: ${name}\n${metadata}spec:${body}\n`;
}

/** Two hosts behind two switches, a class, and a port profile. */
export const BASE: Readonly<Record<string, string>> = {
  'cluster.yaml': document('Cluster', 'edge', '  driver: simulator\n  connection: {scenario: .simulator/cluster.yaml}'),
  'groups.yaml': [
    document('AccessGroup', 'rack-1', '  switch: leaf-1\n  latencies: [{site: cell-1, ms: 0.2}]'),
    document('AccessGroup', 'rack-2', '  switch: leaf-2'),
  ].join('---\n'),
  'hosts/host-a.yaml': document('Host', 'host-a', '  accessGroup: rack-1\n  zone: west\n  expect: {cpus: 64, memoryMiB: 131072}'),
  'hosts/host-b.yaml': document('Host', 'host-b', '  accessGroup: rack-2\n  zone: east\n  expect: {cpus: 64, memoryMiB: 131072}\n  ports: [{netdev: ens1f0, physicalNetwork: fronthaul}]'),
  'class.yaml': document('DeviceClass', 'fronthaul-vf', '  type: vf\n  physicalNetwork: fronthaul'),
  'profile.yaml': document('PortProfile', 'fronthaul-100', '  vlan: 100'),
}; // prettier-ignore

/** A machine of 4 CPUs and 8 GiB with more lines in its spec. */
export function machine(name: string, more = '', metadata = ''): string {
  return document('VirtualMachine', name, `  vcpus: 4\n  memoryMiB: 8192\n${more}`, metadata);
}

/** The base with more files (or others in their place), loaded. */
export async function load(files: Readonly<Record<string, string>>) {
  return loadDesired(treeOf({ ...BASE, ...files }), createDocumentCache());
}

export async function desiredOf(files: Readonly<Record<string, string>>): Promise<Desired> {
  const result = await load(files);
  const first = result.ok ? result.value[0] : undefined;
  if (first === undefined) throw new Error(JSON.stringify(result, null, 2));
  return first;
}

/** Errors and warnings of a load. */
export async function problemsOf(files: Readonly<Record<string, string>>): Promise<readonly Problem[]> {
  const result = await load(files);
  return result.ok ? result.warnings : result.problems;
}

/** `Code file:line:column + file:line` — the code, its place, and the lines of the related places. */
export function brief({ code, place, related }: Problem): string {
  const at = place === null ? '' : ` ${place.file}:${place.line}:${place.column}`;
  return [`${code}${at}`, ...related.map((each) => `${each.place.file}:${each.place.line}`)].join(' + ');
}
