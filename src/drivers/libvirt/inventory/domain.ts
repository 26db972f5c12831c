import type { XmlElement } from '../xml/index.js';
import { attr, child, children, find, findAll, text } from '../xml/index.js';
import type { Disk } from './disks.js';
import { readDisks } from './disks.js';
import type { Note } from './finding.js';
import type { HeldDevice } from './held-devices.js';
import type { Metadata } from './metadata.js';
import { readMetadata } from './metadata.js';
import { numberSet, pageSizeKiB, sizeKiB, wholeNumber } from './quantity.js';

/** What a domain's XML says, as far as Berth asks. */
export interface Domain {
  readonly name: string;
  readonly uuid: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
  /** 0: ordinary pages. */
  readonly hugepageSizeKiB: number;
  /** The one cell that its memory must come from; null when there are several or none. */
  readonly numaNode: number | null;
  readonly devices: readonly HeldDevice[];
  readonly disks: readonly Disk[];
  readonly metadata: Metadata;
  /** The whole document. */
  readonly xml: XmlElement;
}

/** How a domain is read. */
export interface DomainReading {
  /** Host devices of a domain: those of VFIO, or a lab's stand-ins. */
  readonly devices: (domain: XmlElement, subject: string, note: Note) => readonly HeldDevice[];
  /** Folders that all hosts mount. */
  readonly sharedPaths: readonly string[];
}

/** Reads a domain's XML; what is missing takes the value of a machine that does not use it, and is noted when there is no such machine. */
export function readDomain(xml: XmlElement, reading: DomainReading, note: Note): Domain {
  const name = text(child(xml, 'name')) ?? '';
  const vcpus = wholeNumber(attr(child(xml, 'vcpu'), 'current')) ?? wholeNumber(text(child(xml, 'vcpu')));
  const memoryKiB = sizeKiB(child(xml, 'memory'));
  const unreadable = (what: string): void =>
    note({ code: 'ValueUnreadable', subject: name, message: `the domain does not tell ${what}` });
  if (vcpus === null) unreadable('how many CPUs it has');
  if (memoryKiB === null) unreadable('how much memory it has');
  return {
    name,
    uuid: text(child(xml, 'uuid')) ?? '',
    vcpus: vcpus ?? 1,
    memoryMiB: Math.ceil((memoryKiB ?? 0) / 1024),
    hugepageSizeKiB: hugepageSize(xml),
    numaNode: numaNode(xml),
    devices: reading.devices(xml, name, note),
    disks: readDisks(xml, reading.sharedPaths),
    metadata: readMetadata(xml, name, note),
    xml,
  };
}

/** Hugepages without a size are of the host's usual one, which is 2 MiB on every machine that Berth knows. */
const USUAL_HUGEPAGE_KIB = 2048;

function hugepageSize(xml: XmlElement): number {
  const hugepages = find(xml, 'memoryBacking', 'hugepages');
  if (hugepages === null) return 0;
  const sizes = children(hugepages, 'page').flatMap((page) => pageSizeKiB(page) ?? []);
  return sizes.length === 0 ? USUAL_HUGEPAGE_KIB : Math.max(...sizes);
}

/** Modes in which memory comes from the named cells or the domain does not run. */
const BINDING = ['strict', 'restrictive'];

function numaNode(xml: XmlElement): number | null {
  const whole = findAll(xml, 'numatune', 'memory');
  const parts = findAll(xml, 'numatune', 'memnode');
  // A mode that is not written is `strict`.
  const bound = [...whole, ...parts].map((one) =>
    BINDING.includes(attr(one, 'mode') ?? 'strict') ? numberSet(attr(one, 'nodeset')) : null,
  );
  const [first] = bound;
  const cell = first?.[0];
  const isOneCell = bound.every((cells) => cells?.length === 1 && cells[0] === cell);
  return cell !== undefined && isOneCell ? cell : null;
}
