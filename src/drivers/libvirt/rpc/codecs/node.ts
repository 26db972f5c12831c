import { CALL } from '../procedures.js';
import { nothing } from '../procedure.js';
import type { Procedure } from '../procedure.js';
import type { XdrReader } from '../xdr.js';

/** What a host consists of. */
export interface NodeInfo {
  readonly model: string;
  readonly memoryKiB: number;
  readonly cpus: number;
  readonly mhz: number;
  /** NUMA nodes; 1 where the product of nodes, sockets, cores and threads would not match the processors. */
  readonly nodes: number;
  readonly socketsPerNode: number;
  readonly coresPerSocket: number;
  readonly threadsPerCore: number;
}

const MODEL_CHARACTERS = 32;

export const nodeGetInfo: Procedure<void, NodeInfo> = {
  name: 'nodeGetInfo',
  number: CALL.nodeGetInfo,
  lane: 'quick',
  write: nothing,
  read: (r) => ({
    model: readModel(r),
    memoryKiB: r.count(),
    cpus: r.int(),
    mhz: r.int(),
    nodes: r.int(),
    socketsPerNode: r.int(),
    coresPerSocket: r.int(),
    threadsPerCore: r.int(),
  }),
};

/** Figures by name: `user`, `kernel`, `idle`, `iowait` in nanoseconds; `total`, `free`, `buffers`, `cached` in KiB. */
export type NodeStats = Readonly<Record<string, number>>;

const STATS_MAX = 16;
/** How many figures are asked for: a Linux host refuses any other number than what it has. */
const CPU_STATS = 4;
const MEMORY_STATS = 4;
const CELL_MEMORY_STATS = 2;
const ALL_CPUS = -1;
const ALL_CELLS = -1;

/** Time that the processors spent since boot, in nanoseconds; `cpu` null: all of them together. */
export const nodeGetCpuStats: Procedure<{ readonly cpu: number | null }, NodeStats> = {
  name: 'nodeGetCpuStats',
  number: CALL.nodeGetCpuStats,
  lane: 'quick',
  write: (w, { cpu }) => {
    w.int(cpu ?? ALL_CPUS);
    w.int(CPU_STATS);
    w.uint(0);
  },
  read: readStats,
};

/** Memory in KiB; `cell` null: the whole host. */
export const nodeGetMemoryStats: Procedure<{ readonly cell: number | null }, NodeStats> = {
  name: 'nodeGetMemoryStats',
  number: CALL.nodeGetMemoryStats,
  lane: 'quick',
  write: (w, { cell }) => {
    w.int(cell === null ? MEMORY_STATS : CELL_MEMORY_STATS);
    w.int(cell ?? ALL_CELLS);
    w.uint(0);
  },
  read: readStats,
};

const CELLS_MAX = 1024;

/** Free memory of NUMA cells from `firstCell` on, in bytes. */
export const nodeGetCellsFreeMemory: Procedure<
  { readonly firstCell: number; readonly cells: number },
  readonly number[]
> = {
  name: 'nodeGetCellsFreeMemory',
  number: CALL.nodeGetCellsFreeMemory,
  lane: 'quick',
  write: (w, { firstCell, cells }) => {
    w.int(firstCell);
    w.int(cells);
  },
  read: (r) => r.list(CELLS_MAX, 8, () => r.count()),
};

export const nodeGetFreeMemory: Procedure<void, number> = {
  name: 'nodeGetFreeMemory',
  number: CALL.nodeGetFreeMemory,
  lane: 'quick',
  write: nothing,
  read: (r) => r.count(),
};

export interface FreePagesQuery {
  readonly pageSizesKiB: readonly number[];
  readonly firstCell: number;
  readonly cells: number;
}

/** Free pages, cell by cell and in each by page size as asked. */
export const nodeGetFreePages: Procedure<FreePagesQuery, readonly number[]> = {
  name: 'nodeGetFreePages',
  number: CALL.nodeGetFreePages,
  lane: 'quick',
  write: (w, { pageSizesKiB, firstCell, cells }) => {
    w.list(pageSizesKiB, CELLS_MAX, (size) => w.uint(size));
    w.int(firstCell);
    w.uint(cells);
    w.uint(0);
  },
  read: (r) => r.list(CELLS_MAX, 8, () => r.count()),
};

function readStats(reader: XdrReader): NodeStats {
  const entries = reader.list(STATS_MAX, 12, () => [reader.string(), reader.count()] as const);
  reader.int();
  return Object.fromEntries(entries);
}

/** The name of the processor comes as 32 numbers, one a character, up to the first zero. */
function readModel(reader: XdrReader): string {
  const characters: number[] = [];
  for (let index = 0; index < MODEL_CHARACTERS; index++) characters.push(reader.int() & 0xff);
  const end = characters.indexOf(0);
  return Buffer.from(end < 0 ? characters : characters.slice(0, end)).toString('utf8');
}
