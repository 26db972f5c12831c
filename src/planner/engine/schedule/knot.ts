import type { Rule } from '../instance.js';
import type { Board } from './board.js';

/** Machines that wait for each other for ever. */
export interface Knot {
  /** A ring: each waits for something that the next has; all that are left when there is no ring. */
  readonly machines: readonly number[];
  /** The smallest change that lets the first of them through: null when one move of it is against no limit that could be named. */
  readonly relaxation: Relaxation | null;
}

export type Relaxation =
  /** So much more of the resource at the place (a host or a cell) lets `machine` in. */
  | {
      readonly kind: 'room';
      readonly machine: number;
      readonly place: number;
      readonly resource: number;
      readonly missing: number;
    }
  /** The rule keeps `machine` out as long as others of its members are where they are. */
  | { readonly kind: 'rule'; readonly machine: number; readonly rule: Rule };

/** What holds up a board on which nothing moves any more. */
export function knotOf(board: Board): Knot {
  const { instance } = board.problem;
  const waiting = [...board.at.keys()].filter((machine) => board.isIdle(machine));
  const machines = ringIn(board, waiting);
  const wishes = machines.flatMap((machine): { readonly relaxation: Relaxation; readonly share: number }[] => {
    const place = board.targetOf(machine);
    const rule = board.room.company.objection(machine, board.at[machine] ?? -1, place);
    if (rule !== null) return [{ relaxation: { kind: 'rule', machine, rule }, share: Infinity }];
    const short = board.room.shortage(machine, place);
    if (short === null) return [];
    const most = instance.capacity[short.place * instance.resources + short.resource] ?? Infinity;
    return [{ relaxation: { kind: 'room', machine, ...short }, share: short.missing / most }];
  });
  wishes.sort((a, b) => (a.share === b.share ? 0 : a.share - b.share));
  return { machines, relaxation: wishes[0]?.relaxation ?? null };
}

/** Follows who is in whose way until somebody comes again. */
function ringIn(board: Board, waiting: readonly number[]): readonly number[] {
  const seen = new Set<number>();
  for (const start of waiting) {
    const path: number[] = [];
    let at: number | undefined = start;
    while (at !== undefined && !seen.has(at)) {
      seen.add(at);
      path.push(at);
      at = inTheWayOf(board, at, waiting);
    }
    const first = at === undefined ? -1 : path.indexOf(at);
    if (first >= 0) return path.slice(first);
  }
  return waiting;
}

/** Of those that wait the first that has to leave what the machine wants. */
function inTheWayOf(board: Board, machine: number, waiting: readonly number[]): number | undefined {
  const place = board.targetOf(machine);
  const rule = board.room.company.objection(machine, board.at[machine] ?? -1, place);
  if (rule !== null) {
    const of = board.problem.instance.domains[rule.domain]?.of;
    const members = new Set(rule.members);
    return waiting.find(
      (other) => other !== machine && members.has(other) && of?.[board.at[other] ?? -1] === of?.[place],
    );
  }
  const host = board.hostOf(place);
  return waiting.find((other) => other !== machine && board.source(other) === host);
}
