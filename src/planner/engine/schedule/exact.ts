import { Board } from './board.js';
import { Clock } from './clock.js';
import type { Problem } from './problem.js';

/** One move of a sequence, in which each ends before the next begins. */
interface Step {
  readonly machine: number;
  readonly to: number;
}

export interface Exact {
  readonly kind: 'found' | 'none' | 'unknown';
  /** The schedule that was found. */
  readonly board: Board | null;
  /** Looks that were taken. */
  readonly looks: number;
}

/**
 * The least moving that brings every machine to its target when any that yields may be anywhere in between: best-first search over
 * assignments (A*, Hart, Nilsson and Raphael 1968), the seconds that are left for those that are not where they shall be as estimate. What
 * can be done at once can be done one after the other, so `none` says that there is no schedule at all. Meant for few machines: `unknown`
 * when so many looks at a machine did not settle it.
 */
export function exactly(problem: Problem, looks: number): Exact {
  return onwards(new Board(problem), looks);
}

/**
 * The same from where a board has got stuck; the schedule begins with what has been made on it, and the board is used up when it is found.
 * `haste`: factor of the estimate; above 1 some way is found sooner than the one of the least moving.
 */
export function onwards(stuck: Board, looks: number, haste = 1): Exact {
  const { problem } = stuck;
  const reached = { ...problem, instance: { ...problem.instance, origin: stuck.at.slice() } };
  const { steps, left } = searched(reached, looks, haste);
  const board = steps === 'none' || steps === null ? null : inOrder(stuck, steps);
  return { kind: board !== null ? 'found' : steps === 'none' ? 'none' : 'unknown', board, looks: looks - left };
}

interface Searched {
  readonly steps: readonly Step[] | 'none' | null;
  readonly left: number;
}

interface Node {
  readonly places: Int32Array;
  readonly spent: number;
  readonly before: Node | null;
  readonly step: Step | null;
}

function searched(problem: Problem, looks: number, haste: number): Searched {
  const { instance, target, seconds } = problem;
  const { machines, places, origin } = instance;
  const mobile = [...origin.keys()].filter(
    (machine) =>
      origin[machine] !== target[machine] || (problem.yielding?.[machine] === 1 && instance.fixed[machine] !== 1),
  );
  const position = new Position(problem);
  const nodes: Node[] = [{ places: origin.slice(), spent: 0, before: null, step: null }];
  const least = new Map<string, number>([[origin.join(), 0]]);
  const open = new Clock();
  open.put(0, 0);
  let left = looks;
  while (!open.isEmpty) {
    const node = nodes[open.take()];
    if (node === undefined || node.spent > (least.get(node.places.join()) ?? Infinity)) continue;
    if (node.places.every((place, machine) => place === target[machine])) return { steps: stepsTo(node), left };
    left -= mobile.length * places;
    if (left < 0) return { steps: null, left };
    position.take(node.places);
    for (const machine of mobile) {
      const from = node.places[machine] ?? -1;
      const goals = target[machine] === -1 ? [-1] : [];
      for (let place = 0; place < places; place++) goals.push(place);
      for (const place of goals) {
        if (place === from || !position.mayCome(machine, place)) continue;
        const next = node.places.slice();
        next[machine] = place;
        const spent = node.spent + (seconds[machine] ?? 0);
        const key = next.join();
        if (spent >= (least.get(key) ?? Infinity)) continue;
        least.set(key, spent);
        left -= machines;
        let rest = 0;
        for (let other = 0; other < machines; other++) if (next[other] !== target[other]) rest += seconds[other] ?? 0;
        open.put(
          spent + haste * rest,
          nodes.push({ places: next, spent, before: node, step: { machine, to: place } }) - 1,
        );
      }
    }
  }
  return { steps: 'none', left };
}

function stepsTo(node: Node): readonly Step[] {
  const steps: Step[] = [];
  for (let at: Node | null = node; at !== null; at = at.before) if (at.step !== null) steps.push(at.step);
  return steps.reverse();
}

/** An assignment that is changed into others, with the room and the rules in it. */
class Position {
  readonly #board: Board;
  readonly #at: Int32Array;

  constructor(problem: Problem) {
    this.#board = new Board(problem);
    this.#at = problem.instance.origin.slice();
  }

  take(places: Int32Array): void {
    const { room } = this.#board;
    places.forEach((place, machine) => {
      const from = this.#at[machine] ?? -1;
      if (from === place) return;
      room.company.begin(machine, from, place);
      room.company.end(machine, from, place);
      room.hold(machine, from, -1);
      room.hold(machine, place, 1);
      this.#at[machine] = place;
    });
  }

  mayCome(machine: number, place: number): boolean {
    const { room } = this.#board;
    if (place >= 0 && !(room.fitsBare(machine, place) && room.isAllowed(machine, place))) return false;
    return room.company.objection(machine, this.#at[machine] ?? -1, place) === null;
  }
}

/** Puts a sequence in time: each move starts as soon as it can, and none before the one ahead of it. */
function inOrder(board: Board, steps: readonly Step[]): Board | null {
  board.letYield();
  for (const { machine, to } of steps) {
    while (!isReady(board, machine, to)) {
      if (board.clock.isEmpty) return null;
      endNext(board);
    }
    board.begin(machine, to);
  }
  while (!board.clock.isEmpty) endNext(board);
  return board;
}

function isReady(board: Board, machine: number, to: number): boolean {
  if (!board.mayLeave(machine) || !board.mayCome(machine, to, false)) return false;
  return board.lanes.full(machine, board.at[machine] ?? -1, to) < 0;
}

function endNext(board: Board): void {
  board.now = board.clock.next;
  board.finish(board.clock.take());
}
