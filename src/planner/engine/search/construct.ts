import type { State } from '../state.js';
import type { Budget } from './budget.js';

/** Puts machines that are nowhere where they cost least, those with the largest demands first. What fits nowhere stays nowhere. */
export function construct(state: State, budget: Budget): void {
  const { machines, resources, demand, places, capacity, fixed } = state.instance;
  const waiting = Array.from({ length: machines }, (_, machine) => machine).filter(
    (machine) => state.place[machine] === -1 && fixed[machine] !== 1,
  );
  if (waiting.length === 0) return;
  const whole = new Float64Array(resources);
  for (let at = 0; at < capacity.length; at++) {
    const amount = capacity[at] ?? 0;
    if (amount < Infinity) whole[at % resources] = (whole[at % resources] ?? 0) + amount;
  }
  const size = (machine: number) => {
    let most = 0;
    for (let r = 0; r < resources; r++) {
      const all = whole[r] ?? 0;
      if (all > 0) most = Math.max(most, (demand[machine * resources + r] ?? 0) / all);
    }
    return most;
  };
  for (const { machine } of waiting
    .map((machine) => ({ machine, size: size(machine) }))
    .sort((a, b) => b.size - a.size)) {
    let best = 0;
    let target = -1;
    const leaving = state.leaveDelta(machine);
    for (let place = 0; place < places; place++) {
      const delta = state.enterDelta(machine, place, leaving, target < 0 ? Infinity : best);
      if (delta < (target < 0 ? Infinity : best)) {
        best = delta;
        target = place;
      }
    }
    budget.evaluations += places;
    if (target >= 0) state.insert(machine, target);
  }
}
