import type { LoadPolicy, Plan } from '../../../src/model/index.js';
import { plan } from '../../../src/planner/index.js';
import type { FixtureLines } from '../fixture-lines.js';
import { fixture } from '../fixture.js';

/** The plan for lines whose load policy has a goal. */
export function planFor(goal: LoadPolicy['goal'], lines: FixtureLines): Plan {
  const { desired, world } = fixture({ ...lines, load: { goal, ...lines.load } });
  return plan(desired, world);
}

/** `vm: a1 → a2`, in the order of the plan. */
export function movesOf({ moves }: Plan): readonly string[] {
  return moves.map(({ machine, from, to }) => `${machine}: ${from ?? 'new'} → ${to}`);
}
