import type { Board } from './board.js';
import { Gaps } from './gaps.js';

/** Levels of making room so that somebody can be put somewhere so that there is room. */
const DEPTH = 3;
/** Hosts that are tried for a machine for which no host has a gap. */
const TRIES = 3;
/** Hosts that are looked at for it. */
const SEEN = 1000;
/** Machines that are asked to step aside, at most, to let one through. */
const EFFORT = 100;
/** Rounding of sums of demands. */
const SHY = 1 - 1e-9;
/** Times that one machine may step aside. */
const ASIDES = 2;

interface Opening {
  readonly promised: number[];
  /** Machines that may still be asked. */
  effort: number;
}

/**
 * Makes room for a machine that does not fit at its target: machines that have to leave the host anyway go to their own targets, or
 * step aside into the closest gap. All promises are made at once, or none. Answers with the machines that were promised something,
 * in the order in which they were; empty when there is no way.
 */
export function openFor(board: Board, machine: number): readonly number[] {
  const opening = { promised: [], effort: EFFORT };
  if (!makeRoom(board, machine, board.targetOf(machine), opening, DEPTH)) return [];
  promise(board, opening, machine, board.targetOf(machine), false);
  return opening.promised;
}

/** Place into which the machine can step aside at once: the closest gap; -1 when there is none. */
export function gapFor(board: Board, machine: number): number {
  const { room } = board;
  const source = board.source(machine);
  const resource = board.scarce[machine] ?? 0;
  let best = -1;
  let bestLeft = Infinity;
  for (let gap = Gaps.classOf((board.size[machine] ?? 0) * SHY); gap < Gaps.classes && best < 0; gap++) {
    for (const place of room.gaps.in(resource, gap)) {
      if (board.hostOf(place) === source || !room.fitsNow(machine, place)) continue;
      const left = room.leftover(machine, place);
      if (left > bestLeft || (left === bestLeft && place > best) || !room.isAllowed(machine, place)) continue;
      if (room.company.objection(machine, board.at[machine] ?? -1, place) !== null) continue;
      best = place;
      bestLeft = left;
    }
  }
  return best;
}

/** Sends machines away from the host of the place until the machine fits once they have left. */
function makeRoom(board: Board, machine: number, place: number, opening: Opening, depth: number): boolean {
  const first = opening.promised.length;
  const told = sendAway(board, machine, place, opening, depth);
  if (told && board.isIdle(machine) && board.mayCome(machine, place, true)) return true;
  undo(board, opening, first);
  return false;
}

/** The machine itself may be among those that were told, or meet one of them: that is looked at once more when all have been told. */
function sendAway(board: Board, machine: number, place: number, opening: Opening, depth: number): boolean {
  const { room } = board;
  const host = board.hostOf(place);
  if (host < 0 || !room.isAllowed(machine, place)) return false;
  if (room.company.objection(machine, board.at[machine] ?? -1, place) !== null) return false;
  if (room.fitsSoon(machine, place)) return true;
  const leaving = (board.outbound[host] ?? []).filter((other) => other !== machine && board.isIdle(other));
  // Whoever can go where it shall be costs nothing; then the smallest, for which there are the most gaps.
  for (const other of leaving.sort((a, b) => (board.size[a] ?? 0) - (board.size[b] ?? 0) || a - b)) {
    if (!board.mayCome(other, board.targetOf(other), false)) continue;
    promise(board, opening, other, board.targetOf(other), true);
    if (room.fitsSoon(machine, place)) return true;
  }
  for (const other of leaving) {
    if (!board.isIdle(other)) continue;
    if (!stepAside(board, other, host, opening, depth)) continue;
    if (room.fitsSoon(machine, place)) return true;
  }
  return false;
}

function stepAside(board: Board, machine: number, host: number, opening: Opening, depth: number): boolean {
  if ((board.asides[machine] ?? 0) >= ASIDES || opening.effort-- <= 0) return false;
  const gap = gapFor(board, machine);
  if (gap >= 0) {
    promise(board, opening, machine, gap, true);
    return true;
  }
  if (depth <= 1) return false;
  for (const place of likely(board, machine, host)) {
    if (!makeRoom(board, machine, place, opening, depth - 1)) continue;
    promise(board, opening, machine, place, true);
    return true;
  }
  return false;
}

/** Hosts that need the least more room for the machine, as far as machines leave them that are smaller than it. */
function likely(board: Board, machine: number, host: number): readonly number[] {
  const { hosts } = board.problem.instance;
  const size = board.size[machine] ?? 0;
  const resource = board.scarce[machine] ?? 0;
  const found: number[] = [];
  let seen = 0;
  for (let gap = Gaps.classOf(size); gap >= 0; gap--) {
    for (const place of board.room.gaps.in(resource, gap)) {
      if (place === host || place >= hosts || !board.room.isAllowed(machine, place)) continue;
      if (++seen > SEEN) return found;
      const missing = -board.room.leftover(machine, place);
      if (missing <= 0 || missing > size) continue;
      let smaller = 0;
      for (const other of board.outbound[place] ?? []) {
        if ((board.size[other] ?? 0) < size && board.isIdle(other)) smaller += board.size[other] ?? 0;
      }
      if (smaller >= missing && found.push(place) === TRIES) return found;
    }
  }
  return found;
}

function promise(board: Board, opening: Opening, machine: number, place: number, certain: boolean): void {
  board.promise(machine, place, certain);
  opening.promised.push(machine);
}

function undo(board: Board, { promised }: Opening, first: number): void {
  while (promised.length > first) board.withdraw(promised.pop() ?? -1);
}
