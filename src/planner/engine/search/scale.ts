import type { Random } from '../random.js';
import type { State } from '../state.js';
import type { Budget } from './budget.js';

/** Changes that are drawn to learn how much one costs. */
const SAMPLES = 2000;

/**
 * Mean change of cost, up or down, of shifts of these machines that are allowed, by which temperatures are measured; where none is, as in a
 * cluster with no room, of swaps; where none of these changes the cost, of what comes after them. 0: nothing changes anything.
 */
export function scaleOf(state: State, random: Random, budget: Budget, machines: readonly number[]): number {
  const { places } = state.instance;
  const draw = () => machines[random.below(machines.length)] ?? 0;
  const shifts = meanOf(budget, () => {
    const machine = draw();
    return state.place[machine] === -1 ? 0 : state.shiftDelta(machine, random.below(places));
  });
  const swaps = shifts > 0 ? shifts : meanOf(budget, () => state.swapDelta(draw(), draw()));
  return swaps > 0 || state.cost <= 0 ? swaps : wandering(state, random, budget, draw);
}

/** Mean change of cost on an aimless walk: what changes nothing by itself can make room for what does. The state is as before. */
function wandering(state: State, random: Random, budget: Budget, draw: () => number): number {
  const here = state.place.slice();
  const mean = meanOf(budget, () => {
    const machine = draw();
    const there = random.below(state.instance.places);
    const delta = state.place[machine] === -1 ? Infinity : state.shiftDelta(machine, there);
    if (Number.isFinite(delta)) state.shift(machine, there);
    return delta;
  });
  state.reset(here);
  return mean;
}

function meanOf(budget: Budget, sample: () => number): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < SAMPLES; i++) {
    const delta = sample();
    if (!Number.isFinite(delta) || delta === 0) continue;
    sum += Math.abs(delta);
    count++;
  }
  budget.evaluations += SAMPLES;
  return count === 0 ? 0 : sum / count;
}
