import type { State } from '../state.js';

/** The most by which the price rises or falls at once, as an exponent. */
const STEP = 0.05;
/** Share of the moved machines whose move is worth less than the first price. */
const DOUBTED = 0.1;
/** Share of the search after which the number of moves may not exceed what is allowed any more, and by how much it may before. */
const CAPPED_FROM = 0.6;
const SURPLUS = 0.5;

/**
 * A price on every machine that is away from its origin, steered so that about as many are away as may be (Lagrange's multiplier of the
 * limit). With a limit alone a search cannot give up one move for the sake of another; with a price it can, and the limit, wide at
 * first, closes later.
 */
export class Price {
  value: number;
  /** So many machines may be away now. */
  cap: number;

  constructor(
    state: State,
    movers: Movers,
    private readonly allowed: number,
  ) {
    this.value = firstPrice(state, movers);
    this.cap = allowed;
  }

  /** Adjusts price and cap to the number of moves; `done`: the share of the search that lies behind. */
  steer(moves: number, done: number): void {
    const ratio = moves / Math.max(1, this.allowed) - 1;
    this.value *= Math.exp(Math.max(-STEP, Math.min(STEP, STEP * ratio)));
    const open = Math.max(0, 1 - done / CAPPED_FROM);
    this.cap = Math.floor(this.allowed * (1 + SURPLUS * open));
  }
}

/** The machines that are away from where they ran, so that one of them can be drawn. */
export class Movers {
  readonly machines: number[] = [];
  private readonly seat: Int32Array;

  constructor(private readonly state: State) {
    this.seat = new Int32Array(state.instance.machines).fill(-1);
    for (let machine = 0; machine < state.instance.machines; machine++) this.note(machine);
  }

  /** Tells that the machine may have been moved. */
  note(machine: number): void {
    const home = this.state.instance.origin[machine] ?? -1;
    const away = home >= 0 && this.state.place[machine] !== home;
    const seat = this.seat[machine] ?? -1;
    if (away === seat >= 0) return;
    if (away) {
      this.seat[machine] = this.machines.length;
      this.machines.push(machine);
      return;
    }
    const last = this.machines.pop() ?? machine;
    this.seat[machine] = -1;
    if (last === machine) return;
    this.machines[seat] = last;
    this.seat[last] = seat;
  }
}

/** What the less useful of the moves made so far are worth. */
function firstPrice(state: State, { machines }: Movers): number {
  const worth = machines
    .map((machine) => state.shiftDelta(machine, state.instance.origin[machine] ?? -1))
    .filter((delta) => delta > 0 && delta < Infinity)
    .sort((a, b) => a - b);
  return worth[Math.floor(worth.length * DOUBTED)] ?? 0;
}
