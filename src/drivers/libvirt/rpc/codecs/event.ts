import { CALL, EVENT_MESSAGE } from '../procedures.js';
import { nothing } from '../procedure.js';
import type { Procedure } from '../procedure.js';
import type { XdrReader } from '../xdr.js';
import { nameOf } from './flags.js';
import { jobStatsOf, readJobParameters } from './job.js';
import type { JobStats } from './job.js';
import { readDomain } from './reference.js';
import type { DomainRef } from './reference.js';

const LIFECYCLE = [
  'defined',
  'undefined',
  'started',
  'suspended',
  'resumed',
  'stopped',
  'shutdown',
  'pmSuspended',
  'crashed',
] as const;
export type LifecycleEvent = (typeof LIFECYCLE)[number] | 'other';

/** Names of the details, by event; those that are not here have no name of ours. */
const LIFECYCLE_DETAILS: Readonly<Partial<Record<LifecycleEvent, readonly string[]>>> = {
  defined: ['added', 'updated', 'renamed', 'fromSnapshot'],
  undefined: ['removed', 'renamed'],
  started: ['booted', 'migrated', 'restored', 'fromSnapshot', 'wakeup'],
  suspended: [
    'paused',
    'migrated',
    'ioError',
    'watchdog',
    'restored',
    'fromSnapshot',
    'apiError',
    'postcopy',
    'postcopyFailed',
  ],
  resumed: ['unpaused', 'migrated', 'fromSnapshot', 'postcopy', 'postcopyFailed'],
  stopped: ['shutdown', 'destroyed', 'crashed', 'migrated', 'saved', 'failed', 'fromSnapshot'],
  shutdown: ['finished', 'guest', 'host'],
};

const NODE_DEVICE_LIFECYCLE = ['created', 'deleted', 'defined', 'undefined'] as const;

/** What happened to a domain or to a device of the host. */
export type LibvirtEvent =
  | {
      readonly kind: 'lifecycle';
      readonly domain: DomainRef;
      readonly event: LifecycleEvent;
      /** Such as `migrated` of `started`; `other` where this program has no name. */
      readonly detail: string;
    }
  | { readonly kind: 'reboot' | 'controlError'; readonly domain: DomainRef }
  | {
      readonly kind: 'deviceAdded' | 'deviceRemoved' | 'deviceRemovalFailed';
      readonly domain: DomainRef;
      readonly alias: string;
    }
  | { readonly kind: 'migrationIteration'; readonly domain: DomainRef; readonly iteration: number }
  | { readonly kind: 'jobCompleted'; readonly domain: DomainRef; readonly job: JobStats }
  | { readonly kind: 'metadataChange'; readonly domain: DomainRef; readonly namespace: string | null }
  | {
      readonly kind: 'nodeDeviceLifecycle';
      readonly device: string;
      readonly event: (typeof NODE_DEVICE_LIFECYCLE)[number] | 'other';
    }
  | { readonly kind: 'nodeDeviceUpdate'; readonly device: string };

export type EventKind = LibvirtEvent['kind'];

/** Numbers by which kinds of events are asked for. */
const DOMAIN_EVENT_IDS = {
  lifecycle: 0,
  reboot: 1,
  controlError: 7,
  deviceRemoved: 15,
  deviceAdded: 19,
  migrationIteration: 20,
  jobCompleted: 21,
  deviceRemovalFailed: 22,
  metadataChange: 23,
} as const satisfies Partial<Record<EventKind, number>>;
const NODE_DEVICE_EVENT_IDS = { nodeDeviceLifecycle: 0, nodeDeviceUpdate: 1 } as const;

/** Asks for events of a kind, of all domains or all devices; answers with the number of the subscription. */
export function eventRegister(kind: EventKind): Procedure<void, number> {
  return {
    name: `eventRegister ${kind}`,
    ...(isOfNodeDevice(kind)
      ? { number: CALL.nodeDeviceEventRegister, ...asking(NODE_DEVICE_EVENT_IDS[kind]) }
      : { number: CALL.domainEventRegister, ...asking(DOMAIN_EVENT_IDS[kind]) }),
    lane: 'quick',
    read: (r) => r.int(),
  };
}

/** Ends a subscription by its number. */
export function eventDeregister(kind: EventKind): Procedure<number, void> {
  return {
    name: `eventDeregister ${kind}`,
    number: isOfNodeDevice(kind) ? CALL.nodeDeviceEventDeregister : CALL.domainEventDeregister,
    lane: 'quick',
    write: (w, subscription) => w.int(subscription),
    read: nothing,
  };
}

type Reader = (r: XdrReader) => LibvirtEvent;

/** Bodies of the messages, after the number of the subscription. */
const READERS: Readonly<Record<EventKind, Reader>> = {
  lifecycle: (r) => {
    const domain = readDomain(r);
    const event = nameOf(LIFECYCLE, r.int());
    const detail = nameOf(LIFECYCLE_DETAILS[event] ?? [], r.int());
    return { kind: 'lifecycle', domain, event, detail };
  },
  reboot: (r) => ({ kind: 'reboot', domain: readDomain(r) }),
  controlError: (r) => ({ kind: 'controlError', domain: readDomain(r) }),
  deviceAdded: (r) => ({ kind: 'deviceAdded', domain: readDomain(r), alias: r.string() }),
  deviceRemoved: (r) => ({ kind: 'deviceRemoved', domain: readDomain(r), alias: r.string() }),
  deviceRemovalFailed: (r) => ({ kind: 'deviceRemovalFailed', domain: readDomain(r), alias: r.string() }),
  migrationIteration: (r) => ({ kind: 'migrationIteration', domain: readDomain(r), iteration: r.int() }),
  jobCompleted: (r) => ({
    kind: 'jobCompleted',
    domain: readDomain(r),
    job: jobStatsOf('completed', readJobParameters(r)),
  }),
  metadataChange: (r) => {
    const domain = readDomain(r);
    r.int();
    return { kind: 'metadataChange', domain, namespace: r.optionalString() };
  },
  nodeDeviceLifecycle: (r) => {
    const device = r.string();
    const event = nameOf(NODE_DEVICE_LIFECYCLE, r.int());
    r.int();
    return { kind: 'nodeDeviceLifecycle', device, event };
  },
  nodeDeviceUpdate: (r) => ({ kind: 'nodeDeviceUpdate', device: r.string() }),
};

const KIND_OF_MESSAGE = new Map<number, EventKind>(
  (Object.keys(EVENT_MESSAGE) as EventKind[]).map((kind) => [EVENT_MESSAGE[kind], kind]),
);

/** Reads the message of an event; null: a message that this program does not know. */
export function eventReaderOf(procedure: number): Reader | null {
  const kind = KIND_OF_MESSAGE.get(procedure);
  if (kind === undefined) return null;
  return (r) => {
    r.int();
    return READERS[kind](r);
  };
}

function isOfNodeDevice(kind: EventKind): kind is keyof typeof NODE_DEVICE_EVENT_IDS {
  return kind in NODE_DEVICE_EVENT_IDS;
}

function asking(id: number): Pick<Procedure<void, number>, 'write'> {
  return {
    write: (w) => {
      w.int(id);
      w.uint(0);
    },
  };
}
