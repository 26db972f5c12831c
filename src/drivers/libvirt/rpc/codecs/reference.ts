import type { XdrReader, XdrWriter } from '../xdr.js';
import { readUuid, writeUuid } from './uuid.js';

/** Which domain is meant. The daemon looks it up by its UUID; name and id serve its messages. */
export interface DomainRef {
  readonly name: string;
  readonly uuid: string;
  /** Number of the running domain; null: it does not run. */
  readonly id: number | null;
}

export const DOMAIN_LIST_MAX = 16_384;

/** The least that a domain takes: an empty name, a UUID, an id. */
export const DOMAIN_LEAST_BYTES = 24;

const NO_ID = -1;

/** Writes a domain. */
export function writeDomain(writer: XdrWriter, domain: DomainRef): void {
  writer.string(domain.name);
  writeUuid(writer, domain.uuid);
  writer.int(domain.id ?? NO_ID);
}

/** Reads a domain. */
export function readDomain(reader: XdrReader): DomainRef {
  const name = reader.string();
  const uuid = readUuid(reader);
  const id = reader.int();
  return { name, uuid, id: id === NO_ID ? null : id };
}

/** Reads a list of domains. */
export function readDomains(reader: XdrReader): DomainRef[] {
  return reader.list(DOMAIN_LIST_MAX, DOMAIN_LEAST_BYTES, () => readDomain(reader));
}
