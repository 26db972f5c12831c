import { CALL } from '../procedures.js';
import { nothing } from '../procedure.js';
import type { Procedure } from '../procedure.js';
import { bitsOf } from './flags.js';
import { writeDomain } from './reference.js';
import type { DomainRef } from './reference.js';
import { writeParameters } from './typed-parameters.js';
import type { TypedParameter } from './typed-parameters.js';

/** Post-copy is left out on purpose: it cannot be taken back, and passed-through devices do not allow it. */
const MIGRATE_FLAG = {
  live: 1 << 0,
  peerToPeer: 1 << 1,
  tunnelled: 1 << 2,
  persistDestination: 1 << 3,
  undefineSource: 1 << 4,
  paused: 1 << 5,
  copyStorage: 1 << 6,
  copyStorageIncremental: 1 << 7,
  changeProtection: 1 << 8,
  unsafe: 1 << 9,
  offline: 1 << 10,
  compressed: 1 << 11,
  abortOnError: 1 << 12,
  autoConverge: 1 << 13,
  tls: 1 << 16,
  parallel: 1 << 17,
} as const;

/** Everything but `peerToPeer`, which is always set: the source's daemon talks to the target's. */
export type MigrateFlag = Exclude<keyof typeof MIGRATE_FLAG, 'peerToPeer'>;

export interface MigrateParameters {
  /** Where QEMU's data goes, such as `tcp://10.0.0.2`. */
  readonly migrateUri?: string;
  readonly destinationName?: string;
  /** XML of the running domain at the target. */
  readonly destinationXml?: string;
  /** XML of its definition at the target. */
  readonly persistentXml?: string;
  readonly bandwidthMiBps?: number;
  readonly listenAddress?: string;
  readonly graphicsUri?: string;
  /** Targets of the disks (`vda`) that are copied; not given: all that are writable and not shared. */
  readonly disks?: readonly string[];
  readonly disksPort?: number;
  readonly disksUri?: string;
  readonly compression?: readonly string[];
  readonly autoConvergeInitialPercent?: number;
  readonly autoConvergeIncrementPercent?: number;
  readonly parallelConnections?: number;
  /** Name in the target's certificate, where it is not the name of the host. */
  readonly tlsDestination?: string;
}

export interface Migration {
  readonly domain: DomainRef;
  /** libvirt URI of the target, as the source's daemon reaches it. */
  readonly destinationUri: string;
  readonly flags: readonly MigrateFlag[];
  readonly parameters: MigrateParameters;
}

const PARAMETERS_MAX = 64;
const COOKIE_MAX = 4 * 1024 * 1024;

/** Moves a domain; it is answered when the domain runs at the target and has left the source, or with the reason why not. */
export const domainMigrate: Procedure<Migration, void> = {
  name: 'domainMigrate',
  number: CALL.domainMigratePerform3Params,
  lane: 'long',
  write: (w, { domain, destinationUri, flags, parameters }) => {
    writeDomain(w, domain);
    w.optional(destinationUri, (uri) => w.string(uri));
    writeParameters(w, typedParameters(parameters), PARAMETERS_MAX);
    w.opaque(Buffer.alloc(0));
    w.uint(bitsOf(MIGRATE_FLAG, [...flags, 'peerToPeer']));
  },
  read: (r) => void r.opaque(COOKIE_MAX),
};

export const domainAbortJob: Procedure<DomainRef, void> = {
  name: 'domainAbortJob',
  number: CALL.domainAbortJob,
  lane: 'quick',
  write: writeDomain,
  read: nothing,
};

const ABORT_FLAG = { postCopy: 1 << 0 } as const;
export type AbortFlag = keyof typeof ABORT_FLAG;

/** Since libvirt 8.5. */
export const domainAbortJobFlags: Procedure<
  { readonly domain: DomainRef; readonly flags: readonly AbortFlag[] },
  void
> = {
  name: 'domainAbortJobFlags',
  number: CALL.domainAbortJobFlags,
  lane: 'quick',
  write: (w, { domain, flags }) => {
    writeDomain(w, domain);
    w.uint(bitsOf(ABORT_FLAG, flags));
  },
  read: nothing,
};

export const domainMigrateSetMaxSpeed: Procedure<
  { readonly domain: DomainRef; readonly bandwidthMiBps: number },
  void
> = {
  name: 'domainMigrateSetMaxSpeed',
  number: CALL.domainMigrateSetMaxSpeed,
  lane: 'quick',
  write: (w, { domain, bandwidthMiBps }) => {
    writeDomain(w, domain);
    w.uhyper(BigInt(Math.round(bandwidthMiBps)));
    w.uint(0);
  },
  read: nothing,
};

/** In MiB a second; very large: no limit. */
export const domainMigrateGetMaxSpeed: Procedure<DomainRef, number> = {
  name: 'domainMigrateGetMaxSpeed',
  number: CALL.domainMigrateGetMaxSpeed,
  lane: 'quick',
  write: (w, domain) => {
    writeDomain(w, domain);
    w.uint(0);
  },
  read: (r) => r.count(),
};

export const domainMigrateSetMaxDowntime: Procedure<{ readonly domain: DomainRef; readonly downtimeMs: number }, void> =
  {
    name: 'domainMigrateSetMaxDowntime',
    number: CALL.domainMigrateSetMaxDowntime,
    lane: 'quick',
    write: (w, { domain, downtimeMs }) => {
      writeDomain(w, domain);
      w.uhyper(BigInt(Math.round(downtimeMs)));
      w.uint(0);
    },
    read: nothing,
  };

/** In milliseconds. */
export const domainMigrateGetMaxDowntime: Procedure<DomainRef, number> = {
  name: 'domainMigrateGetMaxDowntime',
  number: CALL.domainMigrateGetMaxDowntime,
  lane: 'quick',
  write: (w, domain) => {
    writeDomain(w, domain);
    w.uint(0);
  },
  read: (r) => r.count(),
};

function typedParameters(given: MigrateParameters): TypedParameter[] {
  const text = (field: string, value: string | undefined): TypedParameter[] =>
    value === undefined ? [] : [{ field, kind: 'string', value }];
  const number = (field: string, value: number | undefined): TypedParameter[] =>
    value === undefined ? [] : [{ field, kind: 'int', value }];
  return [
    ...text('migrate_uri', given.migrateUri),
    ...text('destination_name', given.destinationName),
    ...text('destination_xml', given.destinationXml),
    ...text('persistent_xml', given.persistentXml),
    ...(given.bandwidthMiBps === undefined
      ? []
      : [{ field: 'bandwidth', kind: 'ullong' as const, value: BigInt(Math.round(given.bandwidthMiBps)) }]),
    ...text('listen_address', given.listenAddress),
    ...text('graphics_uri', given.graphicsUri),
    ...(given.disks ?? []).flatMap((disk) => text('migrate_disks', disk)),
    ...number('disks_port', given.disksPort),
    ...text('disks_uri', given.disksUri),
    ...(given.compression ?? []).flatMap((method) => text('compression', method)),
    ...number('auto_converge.initial', given.autoConvergeInitialPercent),
    ...number('auto_converge.increment', given.autoConvergeIncrementPercent),
    ...number('parallel.connections', given.parallelConnections),
    ...text('tls.destination', given.tlsDestination),
  ];
}
