import { CALL } from '../procedures.js';
import { nothing } from '../procedure.js';
import type { Procedure } from '../procedure.js';
import { bitsOf, nameOf } from './flags.js';
import { readDomain, readDomains, writeDomain } from './reference.js';
import type { DomainRef } from './reference.js';
import { writeUuid } from './uuid.js';

const DOMAIN_FILTER = {
  active: 1 << 0,
  inactive: 1 << 1,
  persistent: 1 << 2,
  transient: 1 << 3,
  running: 1 << 4,
  paused: 1 << 5,
  shutOff: 1 << 6,
  other: 1 << 7,
} as const;
export type DomainFilter = keyof typeof DOMAIN_FILTER;

/** Domains that pass each group of filters; no filter: all. */
export const connectListAllDomains: Procedure<readonly DomainFilter[], readonly DomainRef[]> = {
  name: 'connectListAllDomains',
  number: CALL.connectListAllDomains,
  lane: 'quick',
  write: (w, filters) => {
    w.int(1);
    w.uint(bitsOf(DOMAIN_FILTER, filters));
  },
  read: (r) => {
    const domains = readDomains(r);
    r.uint();
    return domains;
  },
};

export const domainLookupByName: Procedure<string, DomainRef> = {
  name: 'domainLookupByName',
  number: CALL.domainLookupByName,
  lane: 'quick',
  write: (w, name) => w.string(name),
  read: readDomain,
};

export const domainLookupByUuid: Procedure<string, DomainRef> = {
  name: 'domainLookupByUuid',
  number: CALL.domainLookupByUuid,
  lane: 'quick',
  write: writeUuid,
  read: readDomain,
};

/** `secure`: passwords included; `inactive`: the definition for the next start; `migratable`: fit for a migration's target. */
const XML_FLAG = { secure: 1 << 0, inactive: 1 << 1, updateCpu: 1 << 2, migratable: 1 << 3 } as const;
export type XmlFlag = keyof typeof XML_FLAG;

export const domainGetXml: Procedure<{ readonly domain: DomainRef; readonly flags: readonly XmlFlag[] }, string> = {
  name: 'domainGetXml',
  number: CALL.domainGetXml,
  lane: 'quick',
  write: (w, { domain, flags }) => {
    writeDomain(w, domain);
    w.uint(bitsOf(XML_FLAG, flags));
  },
  read: (r) => r.string(),
};

const STATES = ['noState', 'running', 'blocked', 'paused', 'shutdown', 'shutOff', 'crashed', 'pmSuspended'] as const;
const RUNNING_REASONS = [
  'unknown',
  'booted',
  'migrated',
  'restored',
  'fromSnapshot',
  'unpaused',
  'migrationCanceled',
  'saveCanceled',
  'wakeup',
  'crashed',
  'postcopy',
  'postcopyFailed',
] as const;
const PAUSED_REASONS = [
  'unknown',
  'user',
  'migration',
  'save',
  'dump',
  'ioError',
  'watchdog',
  'fromSnapshot',
  'shuttingDown',
  'snapshot',
  'crashed',
  'startingUp',
  'postcopy',
  'postcopyFailed',
  'apiError',
] as const;
const SHUT_OFF_REASONS = [
  'unknown',
  'shutdown',
  'destroyed',
  'crashed',
  'migrated',
  'saved',
  'failed',
  'fromSnapshot',
  'daemon',
] as const;

/** A state and why the domain is in it; `reasonCode` is libvirt's number, whose meaning depends on the state. */
export type DomainState =
  | {
      readonly kind: 'running';
      readonly reason: (typeof RUNNING_REASONS)[number] | 'other';
      readonly reasonCode: number;
    }
  | { readonly kind: 'paused'; readonly reason: (typeof PAUSED_REASONS)[number] | 'other'; readonly reasonCode: number }
  | {
      readonly kind: 'shutOff';
      readonly reason: (typeof SHUT_OFF_REASONS)[number] | 'other';
      readonly reasonCode: number;
    }
  | {
      readonly kind: Exclude<(typeof STATES)[number], 'running' | 'paused' | 'shutOff'> | 'other';
      readonly reason: 'other';
      readonly reasonCode: number;
    };

/** What two numbers say about a domain, as `domainGetState` and the statistics `state.state` and `state.reason` give them. */
export function domainStateOf(state: number, reasonCode: number): DomainState {
  const kind = nameOf(STATES, state);
  if (kind === 'running') return { kind, reason: nameOf(RUNNING_REASONS, reasonCode), reasonCode };
  if (kind === 'paused') return { kind, reason: nameOf(PAUSED_REASONS, reasonCode), reasonCode };
  if (kind === 'shutOff') return { kind, reason: nameOf(SHUT_OFF_REASONS, reasonCode), reasonCode };
  return { kind, reason: 'other', reasonCode };
}

export const domainGetState: Procedure<DomainRef, DomainState> = {
  name: 'domainGetState',
  number: CALL.domainGetState,
  lane: 'quick',
  write: (w, domain) => {
    writeDomain(w, domain);
    w.uint(0);
  },
  read: (r) => domainStateOf(r.int(), r.int()),
};

export const domainIsActive: Procedure<DomainRef, boolean> = {
  name: 'domainIsActive',
  number: CALL.domainIsActive,
  lane: 'quick',
  write: writeDomain,
  read: (r) => r.int() !== 0,
};

export const domainIsPersistent: Procedure<DomainRef, boolean> = {
  name: 'domainIsPersistent',
  number: CALL.domainIsPersistent,
  lane: 'quick',
  write: writeDomain,
  read: (r) => r.int() !== 0,
};

const ADDRESS_SOURCES = { lease: 0, agent: 1, arp: 2 } as const;
export type AddressSource = keyof typeof ADDRESS_SOURCES;

/** One NIC as its source of knowledge sees it. */
export interface DomainInterface {
  readonly name: string;
  readonly mac: string | null;
  readonly addresses: readonly { readonly address: string; readonly prefix: number }[];
}

const INTERFACE_MAX = 2048;

/** Addresses of a guest's NICs: as leased, as its agent says, or as the host's neighbour table has them. */
export const domainInterfaceAddresses: Procedure<
  { readonly domain: DomainRef; readonly source: AddressSource },
  readonly DomainInterface[]
> = {
  name: 'domainInterfaceAddresses',
  number: CALL.domainInterfaceAddresses,
  lane: 'slow',
  write: (w, { domain, source }) => {
    writeDomain(w, domain);
    w.uint(ADDRESS_SOURCES[source]);
    w.uint(0);
  },
  read: (r) =>
    r.list(INTERFACE_MAX, 12, () => ({
      name: r.string(),
      mac: r.optionalString(),
      addresses: r.list(INTERFACE_MAX, 12, () => {
        r.int();
        return { address: r.string(), prefix: r.uint() };
      }),
    })),
};

const METADATA_TYPES = { description: 0, title: 1, element: 2 } as const;
export type MetadataKind = keyof typeof METADATA_TYPES;

/** Whether a change or a question is about the running domain, its definition, or whichever there is (`current`). */
const IMPACT = { current: 0, live: 1, config: 2 } as const;
export type Impact = keyof typeof IMPACT;

export interface MetadataQuery {
  readonly domain: DomainRef;
  readonly kind: MetadataKind;
  /** Namespace of an element; null for title and description. */
  readonly namespace: string | null;
  readonly impact: readonly Impact[];
}

/** Answers with the text, or with the error `noDomainMetadata`. */
export const domainGetMetadata: Procedure<MetadataQuery, string> = {
  name: 'domainGetMetadata',
  number: CALL.domainGetMetadata,
  lane: 'quick',
  write: (w, { domain, kind, namespace, impact }) => {
    writeDomain(w, domain);
    w.int(METADATA_TYPES[kind]);
    w.optional(namespace, (uri) => w.string(uri));
    w.uint(bitsOf(IMPACT, impact));
  },
  read: (r) => r.string(),
};

export interface MetadataChange extends MetadataQuery {
  /** Null removes it. */
  readonly value: string | null;
  /** Prefix for the namespace of an element; null for title, description and removal. */
  readonly prefix: string | null;
}

export const domainSetMetadata: Procedure<MetadataChange, void> = {
  name: 'domainSetMetadata',
  number: CALL.domainSetMetadata,
  lane: 'slow',
  write: (w, { domain, kind, value, prefix, namespace, impact }) => {
    writeDomain(w, domain);
    w.int(METADATA_TYPES[kind]);
    for (const text of [value, prefix, namespace]) w.optional(text, (given) => w.string(given));
    w.uint(bitsOf(IMPACT, impact));
  },
  read: nothing,
};
