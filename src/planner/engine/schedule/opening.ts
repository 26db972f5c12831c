import type { Rule } from '../instance.js';
import type { Board } from './board.js';
import { Gaps } from './gaps.js';

/** Levels of making room so that somebody can be put somewhere so that there is room. */
const DEPTH = 3;
/** Hosts that are tried for a machine for which no host has a gap. */
const TRIES = 3;
/** Hosts that are looked at for it. */
const SEEN = 1000;
/** Machines that are asked to step aside, at most, to let one through, and when machines yield that need not move at all. */
const EFFORT = 100;
const EFFORT_YIELDING = 400;
/** Rounding of sums of demands. */
const SHY = 1 - 1e-9;
/** Times that one machine may step aside, and when machines yield that need not move at all. */
const ASIDES = 2;
const ASIDES_YIELDING = 8;

interface Opening {
  readonly promised: number[];
  /** Machines that may still be asked. */
  effort: number;
  /** Only machines smaller than this yield to it, so that the largest are settled for good first. */
  readonly size: number;
}

/**
 * Makes room for a machine that does not fit at its target: machines that have to leave the host anyway go to their own targets, or
 * step aside into the closest gap. All promises are made at once, or none. Answers with the machines that were promised something,
 * in the order in which they were; empty when there is no way.
 */
export function openFor(board: Board, machine: number): readonly number[] {
  const effort = board.settled === null ? EFFORT : EFFORT_YIELDING;
  const opening = { promised: [], effort, size: board.size[machine] ?? 0 };
  const rule = board.room.company.objection(machine, board.at[machine] ?? -1, board.targetOf(machine));
  if (rule !== null) return partCompany(board, machine, rule, opening);
  if (!makeRoom(board, machine, board.targetOf(machine), opening, DEPTH)) return [];
  promise(board, opening, machine, board.targetOf(machine), false);
  return opening.promised;
}

/**
 * Sends away those whom the machine may not meet where it shall be, and who have to leave there anyway. The machine itself is promised
 * nothing: it may come when they are gone.
 */
function partCompany(board: Board, machine: number, rule: Rule, opening: Opening): readonly number[] {
  const of = board.problem.instance.domains[rule.domain]?.of;
  const unit = of?.[board.targetOf(machine)] ?? -1;
  for (const other of rule.members) {
    if (other === machine || unit < 0 || of?.[board.at[other] ?? -1] !== unit || !board.isIdle(other)) continue;
    if (board.mayCome(other, board.targetOf(other), false)) promise(board, opening, other, board.targetOf(other), true);
    else stepAside(board, other, board.source(other), opening, DEPTH);
  }
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
  if (told && board.mayLeave(machine) && board.mayCome(machine, place, true)) return true;
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
  const leaving = leavingFrom(board, host, opening.size).filter((other) => other !== machine && board.mayLeave(other));
  const first = opening.promised.length;
  // Whoever can go where it shall be costs nothing; then the smallest, for which there are the most gaps.
  for (const other of leaving.sort((a, b) => priceOf(board, a) - priceOf(board, b) || a - b)) {
    if (!board.isIdle(other) || !board.mayCome(other, board.targetOf(other), false)) continue;
    promise(board, opening, other, board.targetOf(other), true);
    if (room.fitsSoon(machine, place)) return true;
  }
  for (const other of leaving) {
    if (!board.mayLeave(other)) continue;
    if (!stepAside(board, other, host, opening, depth)) continue;
    if (!room.fitsSoon(machine, place)) continue;
    spare(board, machine, place, opening, first);
    return true;
  }
  return false;
}

/** Machines on the host that have to leave it, and those that yield to one of the size. */
function leavingFrom(board: Board, host: number, size: number): readonly number[] {
  const outbound = board.outbound[host] ?? [];
  if (board.settled === null) return outbound;
  return [...outbound, ...(board.settled[host] ?? []).filter((machine) => (board.size[machine] ?? 0) < size)];
}

/** What has to be moved more when the machine steps aside: itself, and twice when it has to come back. */
function priceOf(board: Board, machine: number): number {
  return (board.size[machine] ?? 0) * (board.isIdle(machine) ? 1 : 2);
}

/** Takes back the promises that turned out not to be needed, as far as nobody can count on them. */
function spare(board: Board, machine: number, place: number, { promised }: Opening, first: number): void {
  const host = board.hostOf(place);
  if (board.settled === null || promised.slice(first).some((other) => board.source(other) !== host)) return;
  for (const other of promised.slice(first)) {
    const to = board.heading[other] ?? -1;
    if (to === board.targetOf(other)) continue;
    board.withdraw(other);
    if (board.room.fitsSoon(machine, place)) promised.splice(promised.indexOf(other), 1);
    else board.promise(other, to, true);
  }
}

function stepAside(board: Board, machine: number, host: number, opening: Opening, depth: number): boolean {
  const most = board.settled === null ? ASIDES : ASIDES_YIELDING;
  if ((board.asides[machine] ?? 0) >= most || opening.effort-- <= 0) return false;
  const gap = gapFor(board, machine);
  if (gap >= 0) {
    promise(board, opening, machine, gap, true);
    return true;
  }
  if (depth <= 1) return false;
  for (const place of likely(board, machine, host, opening.size)) {
    if (!makeRoom(board, machine, place, opening, depth - 1)) continue;
    promise(board, opening, machine, place, true);
    return true;
  }
  return false;
}

/** Hosts that need the least more room for the machine, as far as machines leave them that are smaller than it. */
function likely(board: Board, machine: number, host: number, yieldTo: number): readonly number[] {
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
      const leaving = leavingFrom(board, place, yieldTo);
      board.looks += leaving.length;
      for (const other of leaving) {
        if ((board.size[other] ?? 0) < size && board.mayLeave(other)) smaller += board.size[other] ?? 0;
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
