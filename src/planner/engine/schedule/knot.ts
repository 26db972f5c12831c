import type { Board } from './board.js';

/** Machines that wait for each other for ever. */
export interface Knot {
  /** A ring: each waits for something that the next has; all that are left when there is no ring. */
  readonly machines: readonly number[];
}

/** What holds up a board on which nothing moves any more. */
export function knotOf(board: Board): Knot {
  const waiting = [...board.at.keys()].filter((machine) => board.isIdle(machine));
  return { machines: ringIn(board, waiting) };
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
