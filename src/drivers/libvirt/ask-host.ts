import type { DomainFigures, DomainJob, HostCalls, HostChange } from './inventory/index.js';
import { LibvirtError, domainStateOf, numberOf, textOfParameter } from './rpc/index.js';
import type { DomainStats, ErrorName, EventKind, JobStats, LibvirtCalls, Notice } from './rpc/index.js';

/** The questions of the inventory, asked by libvirt's protocol. */
export function askHost(client: LibvirtCalls): HostCalls {
  return {
    capabilities: () => client.getCapabilities(),
    domainCapabilities: () => client.getDomainCapabilities({}).catch(unless('all')),
    domains: async () => {
      const all = await client.getAllDomainStats({
        domains: [],
        groups: ['state', 'balloon', 'vcpu', 'block', 'dirtyRate'],
        options: ['noWait'],
      });
      return all.map(figuresOf);
    },
    domainXml: (domain) => client.getXml(domain).catch(unless('noDomain')),
    domainJob: (domain) => client.getJobStats(domain).then(jobOf, jobByRefusal),
    diskBytes: async (domain) => {
      const query = { domains: [domain], groups: ['block'], options: [] } as const;
      const [told] = (await client.getAllDomainStats(query).catch(unless('all'))) ?? [];
      return told === undefined ? new Map() : diskBytesOf(told.parameters);
    },
    nodeDevices: () => client.listNodeDevices(['pci', 'net']),
    nodeDeviceXml: (name) => client.getNodeDeviceXml(name).catch(unless('noNodeDevice')),
  };
}

/** Kinds of events after which something has to be asked again. */
export const WATCHED: readonly EventKind[] = [
  'lifecycle',
  'deviceAdded',
  'deviceRemoved',
  'metadataChange',
  'jobCompleted',
  'nodeDeviceLifecycle',
  'nodeDeviceUpdate',
];

/** What an event makes stale; null when it makes nothing so. */
export function changeBy(notice: Notice): HostChange | null {
  switch (notice.kind) {
    case 'lifecycle':
    case 'deviceAdded':
    case 'deviceRemoved':
    case 'metadataChange':
    case 'jobCompleted':
      return { kind: 'domain', uuid: notice.domain.uuid };
    case 'nodeDeviceLifecycle':
    case 'nodeDeviceUpdate':
      return { kind: 'device', name: notice.device };
    case 'resync':
      return { kind: 'everything' };
    case 'reboot':
    case 'controlError':
    case 'deviceRemovalFailed':
    case 'migrationIteration':
      return null;
  }
}

/** Answers null to a refusal of this name, or to any; what is no refusal stays an error. */
function unless(name: ErrorName | 'all'): (error: unknown) => null {
  return (error) => {
    if (error instanceof LibvirtError && (name === 'all' || error.codeName === name)) return null;
    throw error;
  };
}

function figuresOf({ domain, parameters }: DomainStats): DomainFigures {
  const number = (field: string): number | null => numberOf(parameters, field);
  return {
    domain,
    state: domainStateOf(number('state.state') ?? 0, number('state.reason') ?? 0),
    diskBytes: diskBytesOf(parameters),
    vcpus: number('vcpu.current'),
    memoryMiB: mibOf(number('balloon.maximum')),
    dirtyMibps: number('dirtyrate.megabytes_per_second'),
  };
}

function diskBytesOf(parameters: DomainStats['parameters']): ReadonlyMap<string, number> {
  const count = Math.min(numberOf(parameters, 'block.count') ?? 0, MOST_DISKS);
  const disks = Array.from({ length: count }, (_, index) => {
    const target = textOfParameter(parameters, `block.${index}.name`);
    const bytes = numberOf(parameters, `block.${index}.capacity`);
    return target === null || bytes === null ? [] : [[target, bytes] as const];
  });
  return new Map(disks.flat());
}

function mibOf(kib: number | null): number | null {
  return kib === null ? null : Math.ceil(kib / 1024);
}

const MOST_DISKS = 1024;
const MIB = 2 ** 20;

function jobOf(stats: JobStats): DomainJob {
  if (stats.type !== 'bounded' && stats.type !== 'unbounded') return { kind: 'none' };
  if (stats.operation === 'migrationIn') return { kind: 'incoming' };
  if (stats.operation !== 'migrationOut') return { kind: 'other' };
  const { dirtyPagesPerSecond: pages, pageSizeBytes: size } = stats;
  return {
    kind: 'outgoing',
    doneBytes: stats.dataProcessedBytes ?? 0,
    totalBytes: stats.dataTotalBytes ?? 0,
    elapsedMs: stats.elapsedMs ?? 0,
    dirtyMibps: pages === null || size === null ? null : (pages * size) / MIB,
  };
}

/** The receiving end of a migration is told by its refusal: figures of a migration are with the source only. */
function jobByRefusal(error: unknown): DomainJob {
  if (!(error instanceof LibvirtError)) throw error;
  if (error.codeName === 'operationUnsupported') return { kind: 'incoming' };
  if (error.codeName === 'noDomain' || error.codeName === 'operationInvalid') return { kind: 'none' };
  throw error;
}
