import { CALL } from '../procedures.js';
import type { Procedure } from '../procedure.js';
import { bitsOf } from './flags.js';
import { DOMAIN_LEAST_BYTES, DOMAIN_LIST_MAX, readDomain, writeDomain } from './reference.js';
import type { DomainRef } from './reference.js';
import { readParameters } from './typed-parameters.js';
import type { TypedParameter } from './typed-parameters.js';

/** Groups of figures. */
const STATS_GROUP = {
  state: 1 << 0,
  cpuTotal: 1 << 1,
  balloon: 1 << 2,
  vcpu: 1 << 3,
  interface: 1 << 4,
  block: 1 << 5,
  perf: 1 << 6,
  ioThread: 1 << 7,
  memory: 1 << 8,
  dirtyRate: 1 << 9,
  vm: 1 << 10,
} as const;
export type StatsGroup = keyof typeof STATS_GROUP;

/** `noWait`: a domain that is busy with a job gives what is known without waiting; `enforce`: an unknown group is an error. */
const STATS_OPTION = {
  active: 1 << 0,
  inactive: 1 << 1,
  persistent: 1 << 2,
  transient: 1 << 3,
  running: 1 << 4,
  paused: 1 << 5,
  shutOff: 1 << 6,
  other: 1 << 7,
  noWait: 1 << 29,
  backing: 1 << 30,
  enforce: 0x80000000,
} as const;
export type StatsOption = keyof typeof STATS_OPTION;

export interface StatsQuery {
  /** Empty: all that the options let through. */
  readonly domains: readonly DomainRef[];
  /** Empty: every group that the daemon has. */
  readonly groups: readonly StatsGroup[];
  readonly options: readonly StatsOption[];
}

export interface DomainStats {
  readonly domain: DomainRef;
  readonly parameters: readonly TypedParameter[];
}

const STATS_MAX = 262_144;

/** Figures of many domains by one call. */
export const connectGetAllDomainStats: Procedure<StatsQuery, readonly DomainStats[]> = {
  name: 'connectGetAllDomainStats',
  number: CALL.connectGetAllDomainStats,
  lane: 'quick',
  write: (w, { domains, groups, options }) => {
    w.list(domains, DOMAIN_LIST_MAX, (domain) => writeDomain(w, domain));
    w.uint(bitsOf(STATS_GROUP, groups));
    w.uint(bitsOf(STATS_OPTION, options));
  },
  read: (r) =>
    r.list(DOMAIN_LIST_MAX, DOMAIN_LEAST_BYTES + 4, () => ({
      domain: readDomain(r),
      parameters: readParameters(r, STATS_MAX),
    })),
};

const MEMORY_STATS_MAX = 1024;
const MEMORY_STATS = [
  'swapInKiB',
  'swapOutKiB',
  'majorFaults',
  'minorFaults',
  'unusedKiB',
  'availableKiB',
  'actualKiB',
  'rssKiB',
  'usableKiB',
  'lastUpdateSeconds',
  'diskCachesKiB',
  'hugetlbAllocated',
  'hugetlbFailed',
] as const;
export type MemoryStat = (typeof MEMORY_STATS)[number];

/** Memory of one domain; what the guest does not tell is missing. */
export const domainMemoryStats: Procedure<DomainRef, Readonly<Partial<Record<MemoryStat, number>>>> = {
  name: 'domainMemoryStats',
  number: CALL.domainMemoryStats,
  lane: 'quick',
  write: (w, domain) => {
    writeDomain(w, domain);
    w.uint(MEMORY_STATS.length);
    w.uint(0);
  },
  read: (r) => {
    const stats = r.list(MEMORY_STATS_MAX, 12, () => [r.int(), r.count()] as const);
    const known = stats.flatMap(([tag, value]) => {
      const name = MEMORY_STATS[tag];
      return name === undefined ? [] : [[name, value] as const];
    });
    return Object.fromEntries(known);
  },
};

export interface BlockInfo {
  readonly allocationBytes: number;
  readonly capacityBytes: number;
  readonly physicalBytes: number;
}

/** Sizes of one disk, by its target (`vda`) or its path. */
export const domainGetBlockInfo: Procedure<{ readonly domain: DomainRef; readonly disk: string }, BlockInfo> = {
  name: 'domainGetBlockInfo',
  number: CALL.domainGetBlockInfo,
  lane: 'quick',
  write: (w, { domain, disk }) => {
    writeDomain(w, domain);
    w.string(disk);
    w.uint(0);
  },
  // The order on the wire is not the order of the C structure.
  read: (r) => ({ allocationBytes: r.count(), capacityBytes: r.count(), physicalBytes: r.count() }),
};
