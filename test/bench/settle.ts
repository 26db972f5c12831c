import { State } from '../../src/planner/engine/state.js';
import type { Packed } from './formats/hbal.js';
import { refill } from './refill.js';
import { sequence } from './sequence.js';
import type { Sequence } from './sequence.js';

/** So many pairs of machine and host are tried at most for a plan from nothing beside the one that was found. */
const MOST_PAIRS = 1e4;
/** So many instances are added up at most for scores of plans that end early. */
const MOST_SCORED = 2e6;
const NOTHING = 1e-9;

/**
 * The best plan that can be executed towards the assignment a search found, by the exact score of where it ends. An assignment that no
 * order reaches as a whole was judged as a whole: what is left of it may be worth less than it was, less than a descent from the start, and
 * less than nothing. Where every move finds its room and the search knew the exact score, the plan is the
 * assignment, unless a descent ends lower.
 */
export function settle(
  packed: Packed,
  wanted: Int32Array,
  maxMoves: number,
  score: (assignment: Int32Array) => number,
): Sequence {
  const whole = sequence(packed, wanted);
  const { objectives, rules, machines, hosts } = packed;
  const isSmall = machines * hosts <= MOST_PAIRS;
  // A short search between rules can end above a descent, which takes no time where there is little to try.
  if (whole.kept.length === 0 && objectives.excess === null && !(isSmall && rules.length > 0)) return whole;
  const asked = [...whole.order, ...whole.kept];
  const none: Sequence = { order: [], kept: asked, assignment: packed.origin };
  const plans = [none, whole, refill(packed, shortened(packed, lightened(packed, whole), score), maxMoves)];
  if (isSmall) plans.push(refill(packed, none, maxMoves));
  const scores = plans.map(({ assignment }) => score(assignment));
  const best = scores.reduce((least, value, index) => (value < (scores[least] ?? 0) - NOTHING ? index : least), 0);
  const { order, assignment } = plans[best] ?? none;
  const moved = new Set(order);
  return { order, kept: asked.filter((machine) => !moved.has(machine)), assignment };
}

/** Without the moves that gain nothing now, the last first: others waited for it least. */
function lightened(packed: Packed, given: Sequence): Sequence {
  let { order, kept, assignment } = given;
  for (;;) {
    const state = new State(packed, assignment);
    for (const machine of [...order].reverse()) {
      const home = packed.origin[machine] ?? -1;
      if (state.shiftDelta(machine, home) <= NOTHING) state.shift(machine, home);
    }
    if (state.moves === order.length) return { order, kept, assignment };
    const left = sequence(packed, state.place);
    const moved = new Set(left.order);
    kept = [...kept, ...order.filter((machine) => !moved.has(machine))];
    ({ order, assignment } = left);
  }
}

/** The first moves of a plan, up to where it stands best. */
function shortened(packed: Packed, given: Sequence, score: (assignment: Int32Array) => number): Sequence {
  const state = new State(packed);
  // The exact score, unless that takes too long; they differ where instances are on nodes that fail N+1.
  const isExact = packed.objectives.excess !== null && given.order.length * packed.machines <= MOST_SCORED;
  const cost = () => (isExact ? score(state.place) : state.cost);
  let [least, length] = [cost(), 0];
  let assignment = packed.origin;
  given.order.forEach((machine, index) => {
    state.shift(machine, given.assignment[machine] ?? -1);
    const now = cost();
    if (!(now < least - NOTHING)) return;
    [least, length, assignment] = [now, index + 1, state.place.slice()];
  });
  return { order: given.order.slice(0, length), kept: [...given.kept, ...given.order.slice(length)], assignment };
}
