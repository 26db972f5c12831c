import { Random } from '../random.js';
import { Board } from './board.js';
import type { Bounds } from './bounds.js';
import { boundOf, boundsOf } from './bounds.js';
import { exactly, onwards } from './exact.js';
import type { Knot } from './knot.js';
import { knotOf } from './knot.js';
import type { Manner } from './list.js';
import { fill } from './list.js';
import type { Problem, Run } from './problem.js';

export interface Options {
  readonly seed: number;
  /** Moves that all passes together may put in time, the work of looking for room counted in; at least one pass is made. */
  readonly effort: number;
  /** Part of the makespan that has to be won before machines step aside that need not: every such move is a disturbance more. */
  readonly worth: number;
}

export interface Schedule {
  readonly kind: 'schedule';
  /** By start. */
  readonly runs: readonly Run[];
  readonly makespan: number;
  readonly bounds: Bounds;
  /** Moves that were put in time, as `effort` counts them. */
  readonly spent: number;
}

/** Machines that wait for each other for ever, and the moves that could be made before. */
export interface Stuck {
  readonly kind: 'stuck';
  readonly runs: readonly Run[];
  readonly knot: Knot;
  /** Every way was looked at, and there is none; otherwise none was found within the effort. */
  readonly exhaustive: boolean;
  /** Place of each machine once those moves are made. */
  readonly reached: Int32Array;
  readonly bounds: Bounds;
  /** Moves that were put in time, as `effort` counts them. */
  readonly spent: number;
}

/** A schedule this close to its bound is not improved further. */
const CLOSE = 1.005;
/** Looks for room that take as long as it takes to put one move in time. */
const LOOKS_A_MOVE = 500;
/** How far urgencies are changed by chance from pass to pass. */
const NOISE = 0.1;
/** Shares of size in urgencies, tried in turn. */
const BULKS = [1, 0.4, 0.2, 0.6, 0, 0.8];
/** Looks at a machine that the search for the least moving may take: about a tenth of a second. */
const EXACT_LOOKS = 1_000_000;
/** Looks from where a pass that chance ordered got stuck: the first of them, and so many more with each. */
const ONWARD_LOOKS = 200_000;
/** How a pass goes on when machines yield. */
const YIELDING: Manner = { bulk: 1, open: 'stuck', urgency: null };
/** Factors of the estimate of what is left, in the search from where such a pass got stuck. */
const HASTES = [1, 2, 5];
/** How far urgencies are spread when no order has been found yet. */
const SPREADS = [1.5, 4, 16];
/** A first pass that takes this many times its bound is given up for one that opens gaps early. */
const HOPELESS = 4;

/**
 * Puts moves in time by list scheduling (Graham 1969): whenever a move ends, those start that then can, the most urgent first. First
 * pass: the move with the busiest host at its ends is the most urgent, and machines step aside only when nothing else helps. Where room
 * is what is scarce, a second manner moves the largest first and opens gaps for them early, many at once. Further passes change the
 * urgencies by chance; the shortest schedule counts. The same problem, seed and effort give the same schedule.
 */
export function schedule(problem: Problem, options: Options): Schedule | Stuck {
  const bounds = boundsOf(problem);
  const bound = boundOf(bounds);
  const { machines } = problem.instance;
  const random = new Random(options.seed);
  const passes = new Passes(problem, options.worth);
  const plain: Manner = { bulk: 0, open: 'stuck', urgency: null };
  passes.make(plain, bound * HOPELESS);
  const early = passes.makespan > bound * (1 + options.worth) && passes.makespan > bounds.streams * CLOSE;
  if (early) passes.make({ bulk: 1, open: 'early', urgency: null }, passes.makespan);
  if (passes.best === null) passes.make(plain, Infinity);
  const plainly = passes.best !== null;
  if (!plainly && problem.yielding !== null) passes.disturb();
  if (passes.best === null && !passes.isExhausted) passes.restart(random, options.effort);
  while (plainly && passes.makespan > bound * CLOSE) {
    if (passes.spent * (1 + 1 / passes.made) > options.effort) break;
    const opens = early && (passes.made % 4 !== 3 || (passes.best?.runs.length ?? 0) > machines);
    const noise = passes.made > BULKS.length ? NOISE : 0;
    const urgency = Float64Array.from(problem.seconds, () => 1 + noise * (random.fraction() - 0.5));
    const bulk = BULKS[passes.made % BULKS.length] ?? 0;
    passes.make({ bulk, open: opens ? 'early' : 'stuck', urgency }, passes.makespan);
  }
  if (passes.best !== null)
    return { kind: 'schedule', runs: passes.best.runs, makespan: passes.best.now, bounds, spent: passes.spent };
  const stuck = new Board(problem);
  fill(stuck, plain, Infinity);
  const { spent, isExhausted: exhaustive } = passes;
  return { kind: 'stuck', runs: stuck.runs, knot: knotOf(stuck), exhaustive, reached: stuck.at, bounds, spent };
}

/** The shortest schedule of those made so far. */
class Passes {
  best: Board | null = null;
  readonly #knotted: Board[] = [];
  /** Passes, and moves that they have put in time, with what took as long. */
  made = 0;
  spent = 0;
  /** True when every way has been looked at. */
  isExhausted = false;
  readonly #problem: Problem;
  readonly #worth: number;

  constructor(problem: Problem, worth: number) {
    this.#problem = problem;
    this.#worth = worth;
  }

  get makespan(): number {
    return this.best?.now ?? Infinity;
  }

  make(manner: Manner, atMostSeconds: number): void {
    const board = new Board(this.#problem);
    const ending = fill(board, manner, atMostSeconds);
    this.made += 1;
    this.spent += Math.max(1, board.runs.length + board.looks / LOOKS_A_MOVE);
    if (ending === 'stuck' && this.best === null) this.#knotted.push(board);
    else if (ending === 'filled' && (this.best === null || isBetter(board, this.best, this.#worth))) this.best = board;
  }

  /** Goes on where passes got stuck, by moving machines aside and back that need not move; the fewest bytes count. */
  disturb(): void {
    const exact = exactly(this.#problem, EXACT_LOOKS);
    this.spent += exact.looks / LOOKS_A_MOVE;
    if (exact.board !== null) this.best = exact.board;
    this.isExhausted = exact.kind === 'none';
    if (exact.kind !== 'unknown') return;
    for (const board of this.#knotted) {
      const ending = this.#goOn(board, YIELDING, EXACT_LOOKS, 1);
      if (ending !== null && (this.best === null || workOf(ending) < workOf(this.best))) this.best = ending;
    }
  }

  /** Tries other orders by chance until one goes through, or the effort is spent. */
  restart(random: Random, effort: number): void {
    const { yielding, seconds } = this.#problem;
    for (let round = 0; this.best === null && this.spent < effort; round++) {
      const spread = SPREADS[round % SPREADS.length] ?? 1;
      const urgency = Float64Array.from(seconds, () => spread ** (2 * random.fraction() - 1));
      const board = new Board(this.#problem);
      if (yielding !== null && round % 3 === 2) board.letYield();
      const bulk = BULKS[round % BULKS.length] ?? 0;
      const ending = fill(board, { bulk, open: round % 2 === 0 ? 'stuck' : 'early', urgency }, Infinity);
      this.spent += Math.max(1, board.runs.length + board.looks / LOOKS_A_MOVE);
      if (ending === 'filled') this.best = board;
      else if (yielding !== null)
        this.best = this.#goOn(
          board,
          { ...YIELDING, urgency },
          ONWARD_LOOKS * (1 + round),
          HASTES[round % HASTES.length] ?? 1,
        );
    }
  }

  /** Goes on from where a board is stuck: as passes do, or, where few moves are left, by the least moving. */
  #goOn(board: Board, manner: Manner, mostLooks: number, haste: number): Board | null {
    const [runs, looks] = [board.runs.length, board.looks];
    board.letYield();
    const ending = fill(board, manner, Infinity);
    this.spent += board.runs.length - runs + (board.looks - looks) / LOOKS_A_MOVE;
    if (ending === 'filled') return board;
    const exact = onwards(board, mostLooks, haste);
    this.spent += exact.looks / LOOKS_A_MOVE;
    return exact.board;
  }
}

function workOf({ runs }: Board): number {
  return runs.reduce((sum, { start, end }) => sum + end - start, 0);
}

/** Shorter, and by enough when it disturbs more machines. */
function isBetter(board: Board, best: Board, worth: number): boolean {
  if (board.runs.length > best.runs.length) return board.now < best.now * (1 - worth);
  if (board.runs.length < best.runs.length) return board.now * (1 - worth) <= best.now;
  return board.now < best.now;
}
