import type { Dice } from './walk.js';

/** A linear congruential generator: enough to shuffle with. */
export function diceOf(seed: number): Dice {
  let state = (seed ^ 0x5f3759df) >>> 0;
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}
