import type { Random } from '../random.js';
import type { State } from '../state.js';
import type { Budget } from './budget.js';

/** Changes that are drawn to learn how much one costs. */
const SAMPLES = 2000;

/**
 * Mean change of cost, up or down, of shifts of these machines that are allowed, by which temperatures are measured; where none is, as in a
 * cluster with no room, of swaps. 0: nothing changes anything.
 */
export function scaleOf(state: State, random: Random, budget: Budget, machines: readonly number[]): number {
  const { places } = state.instance;
  const draw = () => machines[random.below(machines.length)] ?? 0;
  const shifts = meanOf(budget, () => {
    const machine = draw();
    return state.place[machine] === -1 ? 0 : state.shiftDelta(machine, random.below(places));
  });
  return shifts > 0 ? shifts : meanOf(budget, () => state.swapDelta(draw(), draw()));
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
