import type { Board } from './board.js';
import { IDLE, MOVING, PROMISED } from './board.js';
import { gapFor, openFor } from './opening.js';

/** How a pass of the list scheduler chooses; passes of several manners are compared. */
export interface Manner {
  /** Whose turn it is: 0: the move with the busiest host at one of its ends; 1: the largest machine, for which gaps are rarest. */
  readonly bulk: number;
  /** When machines step aside: only when nothing else can move, or as soon as a machine does not fit. */
  readonly open: 'stuck' | 'early';
  /** machine: factor of its urgency. */
  readonly urgency: Float64Array | null;
}

/** Times that one machine may step aside when nothing else helps. */
const ASIDES_AT_MOST = 4;
/** Blocked machines that are looked at, and openings that are tried, whenever moves end. */
const LOOKED_AT = 400;
const OPENINGS = 3;
/** Rounds that a machine for which no room could be made is left alone after its first failure; doubled with each. */
const PAUSE = 8;
/** Machines that are looked at when a limit that many share has room again. */
const WOKEN = 256;

/** How a pass ended: every machine is where it shall be; some wait for each other for ever; it took longer than it may. */
export type Ending = 'filled' | 'stuck' | 'late';

/** Fills the board with moves until every machine is where it shall be, or until no time is left. */
export function fill(board: Board, manner: Manner, atMostSeconds: number): Ending {
  return new ListScheduler(board, manner).run(atMostSeconds);
}

class ListScheduler {
  readonly #board: Board;
  readonly #manner: Manner;
  /** Machines that have to move, the largest first. */
  readonly #bySize: Int32Array;
  #firstLeft = 0;
  readonly #pauseUntil: Int32Array;
  readonly #failures: Uint8Array;
  readonly #stamp: Int32Array;
  readonly #waiting = new Map<number, number[]>();
  readonly #key: Float64Array;
  #round = 0;

  constructor(board: Board, manner: Manner) {
    this.#board = board;
    this.#manner = manner;
    const { machines, origin } = board.problem.instance;
    const { target } = board.problem;
    this.#bySize = Int32Array.from(
      [...origin.keys()]
        .filter((machine) => board.settled !== null || origin[machine] !== target[machine])
        .sort((a, b) => this.#rankOf(b) - this.#rankOf(a) || a - b),
    );
    this.#pauseUntil = new Int32Array(machines);
    this.#failures = new Uint8Array(machines);
    this.#stamp = new Int32Array(machines);
    this.#key = new Float64Array(machines);
  }

  run(atMostSeconds: number): Ending {
    const board = this.#board;
    let candidates = [...this.#bySize];
    let touched: number[] = [];
    for (;;) {
      this.#round += 1;
      this.#keep(touched);
      this.#direct(candidates);
      if (this.#manner.open === 'early') this.#openEarly();
      if (board.clock.isEmpty) {
        if (board.left === 0) return 'filled';
        if (!this.#unstick()) return 'stuck';
        candidates = [];
        touched = [];
        continue;
      }
      if (board.clock.next > atMostSeconds) return 'late';
      [candidates, touched] = this.#advance();
    }
  }

  /** Goes to the next end of a move; answers with who may move now, and the hosts at which something has changed. */
  #advance(): [number[], number[]] {
    const board = this.#board;
    const hosts = new Set<number>();
    const candidates: number[] = [];
    const shared = new Set<number>();
    board.now = board.clock.next;
    while (board.clock.next <= board.now) {
      const machine = board.clock.take();
      const source = board.source(machine);
      for (const id of board.finish(machine)) if (this.#waiting.has(id)) shared.add(id);
      if (source >= 0) hosts.add(source);
      hosts.add(board.source(machine));
    }
    const add = (machine: number) => {
      if (this.#stamp[machine] === this.#round || !board.isIdle(machine)) return;
      this.#stamp[machine] = this.#round;
      candidates.push(machine);
    };
    for (const host of hosts) {
      for (const machine of board.inbound[host] ?? []) add(machine);
      for (const machine of board.outbound[host] ?? []) add(machine);
    }
    for (const id of shared) {
      const waiting = this.#waiting.get(id) ?? [];
      this.#waiting.set(
        id,
        waiting.filter((machine) => board.isIdle(machine)),
      );
      for (const machine of waiting.slice(0, WOKEN)) add(machine);
    }
    return [candidates, [...hosts]];
  }

  /** Promised moves whose room has come free. */
  #keep(touched: readonly number[]): void {
    const board = this.#board;
    for (const host of touched) {
      for (const list of [board.promisedIn[host] ?? [], board.promisedOut[host] ?? []]) {
        for (const machine of list.slice()) this.#tryPromised(machine);
      }
    }
  }

  #tryPromised(machine: number): void {
    const board = this.#board;
    const place = board.heading[machine] ?? -1;
    if (board.status[machine] !== PROMISED || board.lanes.full(machine, board.at[machine] ?? -1, place) >= 0) return;
    if (board.isKept(machine)) board.begin(machine, place);
  }

  #direct(candidates: number[]): void {
    const board = this.#board;
    for (const machine of candidates) this.#key[machine] = this.#urgencyOf(machine);
    candidates.sort((a, b) => (this.#key[b] ?? 0) - (this.#key[a] ?? 0) || a - b);
    for (const machine of candidates) {
      const place = board.targetOf(machine);
      if (!board.isIdle(machine) || !board.mayCome(machine, place, false)) continue;
      if (this.#manner.open === 'early' && this.#isSpoken(machine, place)) continue;
      const full = board.lanes.full(machine, board.at[machine] ?? -1, place);
      if (full < 0) board.begin(machine, place);
      else if (full >= 3 * board.problem.instance.hosts) this.#wait(full, machine);
      else if (this.#manner.open === 'early') this.#reserve(machine, place);
    }
  }

  /** A larger machine is to come to the host, and would not fit beside this one. */
  #isSpoken(machine: number, place: number): boolean {
    const board = this.#board;
    const size = board.size[machine] ?? 0;
    let largest = 0;
    for (const other of board.inbound[board.hostOf(place)] ?? []) {
      if (board.status[other] === IDLE) largest = Math.max(largest, board.size[other] ?? 0);
    }
    return largest > size && board.room.leftover(machine, place) < largest;
  }

  /** A machine that fits, and whose streams are busy, is the next at both ends. */
  #reserve(machine: number, place: number): void {
    const board = this.#board;
    const source = board.source(machine);
    const target = board.destination(machine);
    if ((board.promisedOut[source]?.length ?? 0) > 0 || (board.promisedIn[target]?.length ?? 0) > 0) return;
    board.promise(machine, place, false);
  }

  #wait(id: number, machine: number): void {
    const waiting = this.#waiting.get(id) ?? [];
    this.#waiting.set(id, waiting);
    if (!waiting.includes(machine)) waiting.push(machine);
  }

  #urgencyOf(machine: number): number {
    const board = this.#board;
    const { bulk } = this.#manner;
    if (bulk === 1) return this.#rankOf(machine);
    const work = Math.max(board.workOut[board.source(machine)] ?? 0, board.workIn[board.destination(machine)] ?? 0);
    const factor = this.#manner.urgency?.[machine] ?? 1;
    return bulk === 0 ? work * factor : work ** (1 - bulk) * (board.size[machine] ?? 0) ** bulk * factor;
  }

  #rankOf(machine: number): number {
    return (this.#board.size[machine] ?? 0) * (this.#manner.urgency?.[machine] ?? 1);
  }

  #openEarly(): void {
    const board = this.#board;
    const order = this.#bySize;
    while (this.#firstLeft < order.length) {
      const machine = order[this.#firstLeft] ?? -1;
      if (board.status[machine] !== IDLE || board.isIdle(machine)) break;
      this.#firstLeft += 1;
    }
    let tried = 0;
    for (let i = this.#firstLeft; i < order.length && i < this.#firstLeft + LOOKED_AT && tried < OPENINGS; i++) {
      const machine = order[i] ?? -1;
      if (!board.isIdle(machine) || (this.#pauseUntil[machine] ?? 0) > this.#round) continue;
      if (board.room.fitsSoon(machine, board.targetOf(machine))) continue;
      if (!this.#open(machine)) tried += 1;
    }
  }

  #open(machine: number): boolean {
    const promised = openFor(this.#board, machine);
    if (promised.length > 0) {
      for (const other of promised) this.#tryPromised(other);
      return true;
    }
    const failures = Math.min(8, (this.#failures[machine] ?? 0) + 1);
    this.#failures[machine] = failures;
    this.#pauseUntil[machine] = this.#round + PAUSE * 2 ** failures;
    return false;
  }

  /** Nothing moves: somebody is let through by others that step aside, or steps aside itself. */
  #unstick(): boolean {
    const board = this.#board;
    const waiting = [...this.#bySize].filter((machine) => board.isIdle(machine));
    // Where machines yield, the largest are settled first, and for good: only smaller ones yield to them.
    if (board.settled === null) waiting.reverse();
    for (const machine of waiting) if (this.#open(machine) && !board.clock.isEmpty) return true;
    for (let asides = 0; asides < ASIDES_AT_MOST; asides++) {
      for (const machine of waiting) {
        if (!board.isIdle(machine) || board.asides[machine] !== asides || board.at[machine] === -1) continue;
        const gap = gapFor(board, machine);
        if (gap < 0 || board.lanes.full(machine, board.at[machine] ?? -1, gap) >= 0) continue;
        board.begin(machine, gap);
        return true;
      }
    }
    return board.status.some((status) => status === MOVING);
  }
}
