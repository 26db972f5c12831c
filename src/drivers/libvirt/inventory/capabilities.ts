import type { NumaNode } from '../../../model/index.js';
import type { XmlElement } from '../xml/index.js';
import { attr, child, children, find, findAll, text } from '../xml/index.js';
import type { Note } from './finding.js';
import { pageSizeKiB, sizeKiB, wholeNumber } from './quantity.js';

/** What the capabilities of a host say, as far as Berth asks. */
export interface Capabilities {
  /** Identity of the host, the same under whatever name it is reached. */
  readonly uuid: string;
  readonly arch: string;
  readonly cpuModel: string;
  readonly cpuFeatures: readonly string[];
  readonly machineTypes: readonly string[];
  readonly cells: readonly Cell[];
  /** True when an IOMMU is on; null when the host does not say. */
  readonly iommu: boolean | null;
}

/** One NUMA cell with its CPUs by number. */
export interface Cell extends Omit<NumaNode, 'cpus' | 'isolatedCpus'> {
  readonly cpuIds: readonly number[];
}

/** Reads the capabilities of a host; a part that is missing is empty and noted. */
export function readCapabilities(root: XmlElement, host: string, note: Note): Capabilities {
  const missing = (what: string): void =>
    note({ code: 'PartMissing', subject: host, message: `the host does not tell ${what}` });
  const cpu = find(root, 'host', 'cpu');
  const arch = text(child(cpu ?? root, 'arch')) ?? '';
  const cpuModel = text(cpu && child(cpu, 'model')) ?? '';
  const cells = findAll(root, 'host', 'topology', 'cells', 'cell').map((cell, index) => readCell(cell, index));
  if (cpuModel === '') missing('its CPU model');
  if (cells.length === 0) missing('its NUMA cells');
  if (cells.some(({ cpuIds }) => cpuIds.length === 0)) missing('the CPUs of every NUMA cell');
  const iommu = attr(find(root, 'host', 'iommu'), 'support');
  return {
    uuid: text(find(root, 'host', 'uuid')) ?? '',
    arch,
    cpuModel,
    cpuFeatures: features(cpu, () => true),
    machineTypes: machineTypes(root, arch),
    cells,
    iommu: iommu === null ? null : iommu === 'yes',
  };
}

/** The CPU that machines of this host can be given, by its domain capabilities; null when they do not say. */
export function readHostModel(
  root: XmlElement,
): { readonly cpuModel: string; readonly cpuFeatures: readonly string[] } | null {
  const mode = findAll(root, 'cpu', 'mode').find(
    (one) => attr(one, 'name') === 'host-model' && attr(one, 'supported') === 'yes',
  );
  const cpuModel = text(child(mode ?? root, 'model'));
  if (mode === undefined || cpuModel === null || cpuModel === '') return null;
  return { cpuModel, cpuFeatures: features(mode, (policy) => policy === null || policy === 'require') };
}

function features(cpu: XmlElement | null, isThere: (policy: string | null) => boolean): readonly string[] {
  const all = cpu === null ? [] : children(cpu, 'feature');
  const names = all.flatMap((one) => (isThere(attr(one, 'policy')) ? (attr(one, 'name') ?? []) : []));
  return [...new Set(names)].sort();
}

/** Machine types of full virtualisation for the host's own architecture; the short names for the newest of a family are left out. */
function machineTypes(root: XmlElement, arch: string): readonly string[] {
  const names = children(root, 'guest')
    .filter((guest) => text(child(guest, 'os_type')) === 'hvm')
    .flatMap((guest) => children(guest, 'arch'))
    .filter((one) => arch === '' || attr(one, 'name') === arch)
    .flatMap((one) => children(one, 'machine'))
    .filter((machine) => attr(machine, 'canonical') === null)
    .map((machine) => text(machine) ?? '');
  return [...new Set(names.filter((name) => name !== ''))].sort();
}

function readCell(cell: XmlElement, index: number): Cell {
  const pages = children(cell, 'pages').flatMap((one) => {
    const pageKiB = pageSizeKiB(one);
    const total = wholeNumber(text(one));
    return pageKiB === null || total === null ? [] : [{ sizeKiB: pageKiB, total }];
  });
  return {
    id: wholeNumber(attr(cell, 'id')) ?? index,
    memoryMiB: Math.floor((sizeKiB(child(cell, 'memory')) ?? 0) / 1024),
    hugepages: pages.filter((one) => one.sizeKiB > ORDINARY_PAGE_KIB && one.total > 0),
    cpuIds: findAll(cell, 'cpus', 'cpu').flatMap((one) => wholeNumber(attr(one, 'id')) ?? []),
  };
}

/** 4 KiB, and 64 KiB on some machines of other architectures. */
const ORDINARY_PAGE_KIB = 64;
