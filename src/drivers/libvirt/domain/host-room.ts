import type { HostObservation } from '../inventory/index.js';
import { attr, child, children, findAll, parseXml, text, find, type XmlElement } from '../xml/index.js';
import { pinnedCpus, type CellRoom } from './pins.js';

/** `kvm` where a host has it for its own architecture, else `qemu`; by the XML of its capabilities. */
export function domainType(capabilities: string): string {
  const root = read(capabilities);
  const arch = text(find(root, 'host', 'cpu', 'arch'));
  const types = children(root, 'guest')
    .filter((guest) => text(child(guest, 'os_type')) === 'hvm')
    .flatMap((guest) => children(guest, 'arch'))
    .filter((one) => attr(one, 'name') === arch)
    .flatMap((one) => children(one, 'domain'))
    .map((one) => attr(one, 'type'));
  return types.includes('kvm') ? 'kvm' : 'qemu';
}

/** A cell of a host: its CPUs by the XML of the capabilities, and those that no running domain but `machine` is pinned to one by one. */
export function cellRoom(capabilities: string, node: number, seen: HostObservation, machine: string): CellRoom {
  const cell = findAll(read(capabilities), 'host', 'topology', 'cells', 'cell').find(
    (one) => attr(one, 'id') === String(node),
  );
  const cpus = findAll(cell ?? read('<none/>'), 'cpus', 'cpu').flatMap((cpu) => {
    const id = attr(cpu, 'id') ?? '';
    return /^\d+$/.test(id) ? [Number(id)] : [];
  });
  const taken = new Set(
    [...seen.domains.values()]
      .filter(({ domain, figures }) => figures.domain.id !== null && domain.name !== machine)
      .flatMap(({ domain }) => pinnedCpus(domain.xml)),
  );
  return { node, cpus, freeCpus: cpus.filter((cpu) => !taken.has(cpu)) };
}

/** XML that a host gave. Throws for what is none. */
export function read(xml: string): XmlElement {
  const parsed = parseXml(xml);
  if (parsed.ok) return parsed.root;
  throw new Error(`the host's XML cannot be read: ${parsed.fault.message} (line ${parsed.fault.line})`);
}
