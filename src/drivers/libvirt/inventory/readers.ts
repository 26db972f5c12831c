import type { XmlElement } from '../xml/index.js';
import { element, parseXml } from '../xml/index.js';
import { readCapabilities, readHostModel } from './capabilities.js';
import { readDomain } from './domain.js';
import type { Domain, DomainReading } from './domain.js';
import type { Finding, Note } from './finding.js';
import type { Reading, Readers } from './host-cache.js';
import type { DomainRef } from './host-calls.js';
import { NO_METADATA } from './metadata.js';
import { readNodeDevice } from './node-device.js';

/** Reads a host's answers. One that is no XML counts as an empty one, and is noted. */
export function readersFor(host: string, domains: DomainReading): Readers {
  const nothing = element('nothing');
  return {
    capabilities: (xml) => reading(host, xml, (root, note) => readCapabilities(root ?? nothing, host, note)),
    hostModel: (xml) =>
      xml === null
        ? { value: null, findings: [] }
        : reading(host, xml, (root) => (root === null ? null : readHostModel(root))),
    domain: (xml, ref) =>
      reading(ref.name, xml, (root, note) => ({
        ...(root === null ? unreadable(ref) : readDomain(root, domains, note)),
        // What the host lists it under counts: the XML may say nothing, or something else.
        name: ref.name,
        uuid: ref.uuid,
      })),
    nodeDevice: (xml, name) => reading(name, xml, (root, note) => (root === null ? null : readNodeDevice(root, note))),
  };
}

function reading<T>(subject: string, xml: string, read: (root: XmlElement | null, note: Note) => T): Reading<T> {
  const findings: Finding[] = [];
  const parsed = parseXml(xml);
  if (!parsed.ok) {
    const { message, line, column } = parsed.fault;
    findings.push({
      code: 'XmlUnreadable',
      subject,
      message: `${message} (line ${line}, column ${column} of its XML)`,
    });
  }
  return { value: read(parsed.ok ? parsed.root : null, (finding) => findings.push(finding)), findings };
}

/** A domain of which only the name is known. It is listed all the same: one that is left out would count as absent. */
function unreadable({ name, uuid }: DomainRef): Domain {
  return {
    name,
    uuid,
    vcpus: 1,
    memoryMiB: 0,
    hugepageSizeKiB: 0,
    numaNode: null,
    devices: [],
    disks: [],
    metadata: NO_METADATA,
    xml: element('domain'),
  };
}
