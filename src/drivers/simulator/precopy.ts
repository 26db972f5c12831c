/**
 * Pre-copy live migration, after Clark et al., "Live Migration of Virtual Machines", NSDI 2005: all memory is sent while the
 * machine runs; each further round sends what was dirtied during the one before; when a round's rest can be sent within the
 * allowed downtime the machine is paused and the rest follows. A machine that dirties as fast as the network carries never
 * gets there: like QEMU, the copying then goes on until somebody aborts it.
 */
export interface Copying {
  readonly memoryMiB: number;
  readonly dirtyMibps: number;
  readonly maxDowntimeMs: number;
  /** Pause that comes on top of the transfer: device state and resuming on the target. */
  readonly switchoverMs: number;
  readonly phase: CopyPhase;
  /** Counts from 1. */
  readonly round: number;
  readonly sentMiB: number;
  readonly downtimeMs: number;
}

type CopyPhase =
  /** Connecting and preparing the target; nothing is sent yet. */
  | { readonly kind: 'setup'; readonly leftMs: number }
  | { readonly kind: 'copying'; readonly leftMiB: number; readonly dirtiedMiB: number }
  /** Paused; the last round is sent. */
  | { readonly kind: 'stopping'; readonly leftMiB: number }
  | { readonly kind: 'switching'; readonly leftMs: number }
  | { readonly kind: 'finished' };

/** Rests smaller than this are rounding errors of the arithmetic. */
const EPSILON = 1e-9;

/** A copy that is about to begin; `extraMiB` is sent once in the first round (disks that are not shared). */
export function startCopy(
  parts: Pick<Copying, 'memoryMiB' | 'dirtyMibps' | 'maxDowntimeMs' | 'switchoverMs'>,
  setupMs: number,
): Copying {
  return { ...parts, phase: { kind: 'setup', leftMs: setupMs }, round: 0, sentMiB: 0, downtimeMs: 0 };
}

/** MiB that are known to be still unsent. */
export function restMiB(copy: Copying, firstRoundMiB: number): number {
  switch (copy.phase.kind) {
    case 'setup':
      return firstRoundMiB;
    case 'copying':
      return copy.phase.leftMiB + copy.phase.dirtiedMiB;
    case 'stopping':
      return copy.phase.leftMiB;
    case 'switching':
    case 'finished':
      return 0;
  }
}

/** True while the copy loads the network. */
export function isSending(copy: Copying): boolean {
  return copy.phase.kind === 'copying' || copy.phase.kind === 'stopping';
}

/** Milliseconds until the phase or the round ends at a rate in MiB/s. */
export function msToBoundary(copy: Copying, rateMibps: number): number {
  switch (copy.phase.kind) {
    case 'setup':
    case 'switching':
      return copy.phase.leftMs;
    case 'copying':
    case 'stopping':
      return (copy.phase.leftMiB / rateMibps) * 1000;
    case 'finished':
      return Infinity;
  }
}

/** The copy after `ms` at a constant rate; `ms` must not reach beyond the next boundary. */
export function elapse(copy: Copying, rateMibps: number, ms: number, firstRoundMiB: number): Copying {
  const { phase } = copy;
  const sent = (rateMibps * ms) / 1000;
  switch (phase.kind) {
    case 'setup': {
      const leftMs = phase.leftMs - ms;
      if (leftMs > EPSILON) return { ...copy, phase: { ...phase, leftMs } };
      return { ...copy, round: 1, phase: { kind: 'copying', leftMiB: firstRoundMiB, dirtiedMiB: 0 } };
    }
    case 'copying': {
      const leftMiB = phase.leftMiB - sent;
      const dirtiedMiB = Math.min(copy.memoryMiB, phase.dirtiedMiB + (copy.dirtyMibps * ms) / 1000);
      const next = { ...copy, sentMiB: copy.sentMiB + sent, phase: { ...phase, leftMiB, dirtiedMiB } };
      return leftMiB > EPSILON ? next : endRound(next, dirtiedMiB, rateMibps);
    }
    case 'stopping': {
      const leftMiB = phase.leftMiB - sent;
      const next = { ...copy, sentMiB: copy.sentMiB + sent, downtimeMs: copy.downtimeMs + ms };
      if (leftMiB > EPSILON) return { ...next, phase: { ...phase, leftMiB } };
      return { ...next, phase: { kind: 'switching', leftMs: copy.switchoverMs } };
    }
    case 'switching': {
      const leftMs = phase.leftMs - ms;
      const next = { ...copy, downtimeMs: copy.downtimeMs + ms };
      return leftMs > EPSILON ? { ...next, phase: { ...phase, leftMs } } : { ...next, phase: { kind: 'finished' } };
    }
    case 'finished':
      return copy;
  }
}

function endRound(copy: Copying, dirtiedMiB: number, rateMibps: number): Copying {
  const pauseMs = (dirtiedMiB / rateMibps) * 1000 + copy.switchoverMs;
  if (pauseMs <= copy.maxDowntimeMs || dirtiedMiB <= EPSILON) {
    return { ...copy, phase: { kind: 'stopping', leftMiB: dirtiedMiB } };
  }
  return { ...copy, round: copy.round + 1, phase: { kind: 'copying', leftMiB: dirtiedMiB, dirtiedMiB: 0 } };
}
