import { CALL } from '../procedures.js';
import type { Procedure } from '../procedure.js';
import type { XdrReader } from '../xdr.js';
import { bitsOf, nameOf } from './flags.js';
import { writeDomain } from './reference.js';
import type { DomainRef } from './reference.js';
import { numberOf, readParameters, textOfParameter, truthOf } from './typed-parameters.js';
import type { TypedParameter } from './typed-parameters.js';

const JOB_TYPES = ['none', 'bounded', 'unbounded', 'completed', 'failed', 'cancelled'] as const;
export type JobType = (typeof JOB_TYPES)[number] | 'other';

const JOB_OPERATIONS = [
  'unknown',
  'start',
  'save',
  'restore',
  'migrationIn',
  'migrationOut',
  'snapshot',
  'snapshotRevert',
  'dump',
  'backup',
  'snapshotDelete',
] as const;
export type JobOperation = (typeof JOB_OPERATIONS)[number] | 'other';

/** Figures of a job; null where the daemon did not tell. */
export interface JobStats {
  readonly type: JobType;
  readonly operation: JobOperation | null;
  readonly elapsedMs: number | null;
  readonly remainingMs: number | null;
  readonly downtimeMs: number | null;
  readonly setupMs: number | null;
  readonly dataTotalBytes: number | null;
  readonly dataProcessedBytes: number | null;
  readonly dataRemainingBytes: number | null;
  readonly memoryTotalBytes: number | null;
  readonly memoryProcessedBytes: number | null;
  readonly memoryRemainingBytes: number | null;
  readonly memoryBytesPerSecond: number | null;
  /** Pages that the guest writes in a second, and their size. */
  readonly dirtyPagesPerSecond: number | null;
  readonly pageSizeBytes: number | null;
  readonly iteration: number | null;
  readonly diskTotalBytes: number | null;
  readonly diskProcessedBytes: number | null;
  readonly diskRemainingBytes: number | null;
  readonly throttlePercent: number | null;
  /** Told of ended jobs only. */
  readonly success: boolean | null;
  readonly errorMessage: string | null;
  /** Everything as it came. */
  readonly parameters: readonly TypedParameter[];
}

/** `completed`: of the last job that ended; asking forgets it, unless `keepCompleted`. */
const JOB_STATS_FLAG = { completed: 1 << 0, keepCompleted: 1 << 1 } as const;
export type JobStatsFlag = keyof typeof JOB_STATS_FLAG;

const JOB_STATS_MAX = 64;

export const domainGetJobStats: Procedure<
  { readonly domain: DomainRef; readonly flags: readonly JobStatsFlag[] },
  JobStats
> = {
  name: 'domainGetJobStats',
  number: CALL.domainGetJobStats,
  lane: 'quick',
  write: (w, { domain, flags }) => {
    writeDomain(w, domain);
    w.uint(bitsOf(JOB_STATS_FLAG, flags));
  },
  read: (r) => jobStatsOf(nameOf(JOB_TYPES, r.int()), readJobParameters(r)),
};

/** Reads the figures of a job, as answers and the event `jobCompleted` hold them. */
export function readJobParameters(reader: XdrReader): TypedParameter[] {
  return readParameters(reader, JOB_STATS_MAX);
}

/** Names the figures of a job. */
export function jobStatsOf(type: JobType, parameters: readonly TypedParameter[]): JobStats {
  const number = (field: string) => numberOf(parameters, field);
  const operation = number('operation');
  return {
    type,
    operation: operation === null ? null : nameOf(JOB_OPERATIONS, operation),
    elapsedMs: number('time_elapsed'),
    remainingMs: number('time_remaining'),
    downtimeMs: number('downtime'),
    setupMs: number('setup_time'),
    dataTotalBytes: number('data_total'),
    dataProcessedBytes: number('data_processed'),
    dataRemainingBytes: number('data_remaining'),
    memoryTotalBytes: number('memory_total'),
    memoryProcessedBytes: number('memory_processed'),
    memoryRemainingBytes: number('memory_remaining'),
    memoryBytesPerSecond: number('memory_bps'),
    dirtyPagesPerSecond: number('memory_dirty_rate'),
    pageSizeBytes: number('memory_page_size'),
    iteration: number('memory_iteration'),
    diskTotalBytes: number('disk_total'),
    diskProcessedBytes: number('disk_processed'),
    diskRemainingBytes: number('disk_remaining'),
    throttlePercent: number('auto_converge_throttle'),
    success: truthOf(parameters, 'success'),
    errorMessage: textOfParameter(parameters, 'errmsg'),
    parameters,
  };
}

/** The short form of `JobStats`, which every version has. Sizes in bytes, times in milliseconds. */
export interface JobInfo {
  readonly type: JobType;
  readonly elapsedMs: number;
  readonly remainingMs: number;
  readonly dataTotalBytes: number;
  readonly dataProcessedBytes: number;
  readonly dataRemainingBytes: number;
  readonly memoryTotalBytes: number;
  readonly memoryProcessedBytes: number;
  readonly memoryRemainingBytes: number;
  readonly fileTotalBytes: number;
  readonly fileProcessedBytes: number;
  readonly fileRemainingBytes: number;
}

export const domainGetJobInfo: Procedure<DomainRef, JobInfo> = {
  name: 'domainGetJobInfo',
  number: CALL.domainGetJobInfo,
  lane: 'quick',
  write: writeDomain,
  read: (r) => ({
    type: nameOf(JOB_TYPES, r.int()),
    elapsedMs: r.count(),
    remainingMs: r.count(),
    dataTotalBytes: r.count(),
    dataProcessedBytes: r.count(),
    dataRemainingBytes: r.count(),
    memoryTotalBytes: r.count(),
    memoryProcessedBytes: r.count(),
    memoryRemainingBytes: r.count(),
    fileTotalBytes: r.count(),
    fileProcessedBytes: r.count(),
    fileRemainingBytes: r.count(),
  }),
};
