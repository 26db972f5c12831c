import type { Options } from './options.js';

/** How often the clock is read: every so many evaluations. */
const BETWEEN_READINGS = 2048;

/** Evaluations in a second, roughly. */
const USUAL_RATE = 2e6;

/** Counts evaluations, and knows when time or evaluations are used up. */
export class Budget {
  evaluations = 0;
  private readonly most: number;
  private readonly milliseconds: number;
  private readonly now: () => number;
  private readonly begin: number;
  private next = 0;
  private share = 0;

  constructor({ budget, now }: Options) {
    if (budget.seconds !== undefined && now === undefined) throw new RangeError('a budget of seconds needs a clock');
    this.most = budget.evaluations ?? Infinity;
    this.milliseconds = (budget.seconds ?? Infinity) * 1000;
    this.now = now ?? (() => 0);
    this.begin = this.now();
  }

  /** Whether anything bounds the search at all. */
  get bounded(): boolean {
    return this.most < Infinity || this.milliseconds < Infinity;
  }

  /** Evaluations that may be made, or are likely to be. */
  get expected(): number {
    return Math.min(this.most, (this.milliseconds / 1000) * USUAL_RATE);
  }

  /** How much of the budget is used, from 0; 1 and more: it is used up. */
  used(): number {
    if (this.evaluations >= this.next) {
      this.next = Math.min(this.evaluations + BETWEEN_READINGS, Math.max(this.most, this.evaluations + 1));
      const byTime = this.milliseconds === Infinity ? 0 : (this.now() - this.begin) / this.milliseconds;
      this.share = Math.max(byTime, this.evaluations / this.most);
    }
    return this.share;
  }

  get spent(): boolean {
    return this.used() >= 1;
  }
}
