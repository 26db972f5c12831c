import type { Estimate, Strategy } from '../model/index.js';

/** Pre-copy rounds before the last one is forced. */
const MOST_ROUNDS = 30;
const BYTES_PER_MIB = 1024 * 1024;
/** What a guest takes to stop and to start again on the other side, in a cold move. */
const STOP_SECONDS = 5;
const START_SECONDS = 20;
/** All that goes around the transfer: reserve, dummy, switch port, announcement. */
const OVERHEAD_SECONDS = 5;

export interface Transfer {
  readonly memoryMiB: number;
  readonly dirtyMibps: number;
  /** Disks that have to be copied; 0 when they are shared. */
  readonly diskMiB: number;
  readonly bandwidthMibps: number;
  readonly maxDowntimeMs: number;
}

/** What a move by a strategy takes; the downtime is the pause of the machine. */
export function estimateMove(strategy: Strategy, transfer: Transfer): Estimate {
  if (strategy === 'cold') {
    const seconds = STOP_SECONDS + START_SECONDS;
    return rounded(seconds + OVERHEAD_SECONDS, 0, seconds * 1000);
  }
  const diskSeconds = transfer.diskMiB / transfer.bandwidthMibps;
  const copied = preCopy(transfer);
  return rounded(diskSeconds + copied.seconds + OVERHEAD_SECONDS, transfer.diskMiB + copied.mib, copied.downtimeMs);
}

/** What a first start takes. */
export function estimateStart(): Estimate {
  return rounded(START_SECONDS + OVERHEAD_SECONDS, 0, 0);
}

/**
 * Pre-copy as Clark et al. describe it (Live Migration of Virtual Machines, NSDI 2005): each round sends what was dirtied during the
 * one before, until the rest can be sent within the allowed pause, or rounds no longer shrink.
 */
export function preCopy(transfer: Transfer): {
  readonly seconds: number;
  readonly mib: number;
  readonly downtimeMs: number;
} {
  const { memoryMiB, dirtyMibps, bandwidthMibps, maxDowntimeMs } = transfer;
  // No guest dirties nothing: nobody has measured it, and all that is known of the pause is what the move is given.
  if (dirtyMibps === 0) return { seconds: memoryMiB / bandwidthMibps, mib: memoryMiB, downtimeMs: maxDowntimeMs };
  let rest = memoryMiB;
  let mib = 0;
  for (let round = 0; round < MOST_ROUNDS && (rest / bandwidthMibps) * 1000 > maxDowntimeMs; round++) {
    const dirtied = Math.min(memoryMiB, (dirtyMibps * rest) / bandwidthMibps);
    mib += rest;
    if (dirtied >= rest) break;
    rest = dirtied;
  }
  return {
    seconds: (mib + rest) / bandwidthMibps,
    mib: mib + rest,
    downtimeMs: (rest / bandwidthMibps) * 1000,
  };
}

function rounded(seconds: number, mib: number, downtimeMs: number): Estimate {
  return {
    seconds: Math.round(seconds * 10) / 10,
    bytes: Math.round(mib * BYTES_PER_MIB),
    downtimeMs: Math.round(downtimeMs),
  };
}
