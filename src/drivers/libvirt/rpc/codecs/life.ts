import { CALL } from '../procedures.js';
import { nothing } from '../procedure.js';
import type { Procedure } from '../procedure.js';
import { bitsOf } from './flags.js';
import { readDomain, writeDomain } from './reference.js';
import type { DomainRef } from './reference.js';

/** `autoDestroy`: the domain ends with this connection. */
const START_FLAG = {
  paused: 1 << 0,
  autoDestroy: 1 << 1,
  bypassCache: 1 << 2,
  forceBoot: 1 << 3,
  validate: 1 << 4,
} as const;
export type StartFlag = keyof typeof START_FLAG;

/** Starts a transient domain. */
export const domainCreateXml: Procedure<{ readonly xml: string; readonly flags: readonly StartFlag[] }, DomainRef> = {
  name: 'domainCreateXml',
  number: CALL.domainCreateXml,
  lane: 'slow',
  write: (w, { xml, flags }) => {
    w.string(xml);
    w.uint(bitsOf(START_FLAG, flags));
  },
  read: readDomain,
};

const DEFINE_FLAG = { validate: 1 << 0 } as const;
export type DefineFlag = keyof typeof DEFINE_FLAG;

/** Keeps a definition, new or in the place of the one with the same UUID. */
export const domainDefineXml: Procedure<{ readonly xml: string; readonly flags: readonly DefineFlag[] }, DomainRef> = {
  name: 'domainDefineXml',
  number: CALL.domainDefineXml,
  lane: 'slow',
  write: (w, { xml, flags }) => {
    w.string(xml);
    w.uint(bitsOf(DEFINE_FLAG, flags));
  },
  read: readDomain,
};

/** Starts a defined domain. */
export const domainCreate: Procedure<{ readonly domain: DomainRef; readonly flags: readonly StartFlag[] }, DomainRef> =
  {
    name: 'domainCreate',
    number: CALL.domainCreate,
    lane: 'slow',
    write: (w, { domain, flags }) => {
      writeDomain(w, domain);
      w.uint(bitsOf(START_FLAG, flags));
    },
    read: readDomain,
  };

/** `graceful`: a process that does not end by itself is left alone, and the call fails. */
const DESTROY_FLAG = { graceful: 1 << 0 } as const;
export type DestroyFlag = keyof typeof DESTROY_FLAG;

export const domainDestroy: Procedure<{ readonly domain: DomainRef; readonly flags: readonly DestroyFlag[] }, void> = {
  name: 'domainDestroy',
  number: CALL.domainDestroy,
  lane: 'slow',
  write: (w, { domain, flags }) => {
    writeDomain(w, domain);
    w.uint(bitsOf(DESTROY_FLAG, flags));
  },
  read: nothing,
};

const SHUTDOWN_FLAG = { acpi: 1 << 0, agent: 1 << 1, initctl: 1 << 2, signal: 1 << 3, paravirt: 1 << 4 } as const;
export type ShutdownFlag = keyof typeof SHUTDOWN_FLAG;

/** Asks the guest to shut down; it may not listen. */
export const domainShutdown: Procedure<{ readonly domain: DomainRef; readonly flags: readonly ShutdownFlag[] }, void> =
  {
    name: 'domainShutdown',
    number: CALL.domainShutdown,
    lane: 'slow',
    write: (w, { domain, flags }) => {
      writeDomain(w, domain);
      w.uint(bitsOf(SHUTDOWN_FLAG, flags));
    },
    read: nothing,
  };

/** Stops the virtual processors. */
export const domainSuspend: Procedure<DomainRef, void> = {
  name: 'domainSuspend',
  number: CALL.domainSuspend,
  lane: 'slow',
  write: writeDomain,
  read: nothing,
};

/** Lets the virtual processors go on. */
export const domainResume: Procedure<DomainRef, void> = {
  name: 'domainResume',
  number: CALL.domainResume,
  lane: 'slow',
  write: writeDomain,
  read: nothing,
};

const UNDEFINE_FLAG = {
  managedSave: 1 << 0,
  snapshotsMetadata: 1 << 1,
  nvram: 1 << 2,
  keepNvram: 1 << 3,
  checkpointsMetadata: 1 << 4,
  tpm: 1 << 5,
  keepTpm: 1 << 6,
} as const;
export type UndefineFlag = keyof typeof UNDEFINE_FLAG;

/** Forgets the definition; a running domain goes on as a transient one. */
export const domainUndefine: Procedure<{ readonly domain: DomainRef; readonly flags: readonly UndefineFlag[] }, void> =
  {
    name: 'domainUndefine',
    number: CALL.domainUndefine,
    lane: 'slow',
    write: (w, { domain, flags }) => {
      writeDomain(w, domain);
      w.uint(bitsOf(UNDEFINE_FLAG, flags));
    },
    read: nothing,
  };

export const domainSetAutostart: Procedure<{ readonly domain: DomainRef; readonly autostart: boolean }, void> = {
  name: 'domainSetAutostart',
  number: CALL.domainSetAutostart,
  lane: 'slow',
  write: (w, { domain, autostart }) => {
    writeDomain(w, domain);
    w.int(autostart ? 1 : 0);
  },
  read: nothing,
};
