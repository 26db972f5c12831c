import type { Instance } from '../instance.js';

/**
 * Moves to be put in time: every machine goes from its origin to its target. Seconds are those of a whole move at the rate that one
 * stream has; times of a schedule are seconds from its start.
 */
export interface Problem {
  /** Room, rules and the places that machines may be in; its objectives are not looked at. */
  readonly instance: Instance;
  /** Place of each machine in the end; -1: nowhere. */
  readonly target: Int32Array;
  /** machine: what one move of it takes, > 0. */
  readonly seconds: Float64Array;
  readonly limits: Limits;
  /** Members of a group that may be under way at once. */
  readonly budgets: readonly Budget[];
  /** machine: 1 when it may be moved aside and back, once nothing else helps, though it is where it shall be; null: none may. */
  readonly yielding: Uint8Array | null;
}

/** What limits moves that run at once; Infinity where nothing does. */
export interface Limits {
  /** host: moves that come to it, moves that leave it, and moves that do either. */
  readonly into: Float64Array;
  readonly outOf: Float64Array;
  readonly touching: Float64Array;
  readonly cluster: number;
  readonly links: readonly Link[];
}

/** Hosts behind one uplink each: access switches, racks. */
export interface Link {
  /** Unit of each host; -1: behind none. */
  readonly of: Int32Array;
  /** unit: moves at once that leave it, come to it or stay within it. */
  readonly moves: Float64Array;
  /** unit: MiB/s of the uplink in each direction; moves within the unit take none of it. */
  readonly mibps: Float64Array;
  /** machine: MiB/s that a move of it takes of the uplinks that it crosses; more than an uplink has counts as all of it. */
  readonly rate: Float64Array;
}

export interface Budget {
  readonly members: Int32Array;
  readonly most: number;
}

/** One move in time. A machine that steps aside has one with `bypass` and a later one to its target. */
export interface Run {
  readonly machine: number;
  /** Places; -1: nowhere. */
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
  readonly bypass: boolean;
}

/** Hosts without any limit on moves but for streams in and out. */
export function streamLimits(hosts: number, streams: number): Limits {
  return {
    into: new Float64Array(hosts).fill(streams),
    outOf: new Float64Array(hosts).fill(streams),
    touching: new Float64Array(hosts).fill(Infinity),
    cluster: Infinity,
    links: [],
  };
}
