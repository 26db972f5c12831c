import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../../src/model/index.js';
import { plan } from '../../../../src/planner/index.js';
import { replay } from '../../../../src/planner/replay/index.js';
import { everyKind } from '../../random/cluster.js';
import { crowded } from '../../random/crowded.js';
import { shuffled } from '../../random-cluster.js';
import { fixture } from '../../fixture.js';
import { diceOf } from '../../walk/dice.js';
import { walk } from '../../walk/walk.js';
import { ENVELOPE } from './envelope.js';
import { HARMLESS } from './harmless.js';
import { LEAVING_OUT } from './leaving-out.js';
import { MISPLACING } from './misplacing.js';
import type { Mutation, Planned } from './mutation.js';
import { sealed } from './mutation.js';
import { ORDERING } from './ordering.js';
import { TERMS } from './terms.js';

const SEED = Number(process.env['SEED'] ?? 20260107);
/** Plans of each kind of cluster. */
const RUNS = Number(process.env['RUNS'] ?? 25);
const MOST = Math.max(80, 2 * RUNS);
const AT_LEAST = 15;

/** Plans that change something, from all kinds of clusters. */
const plans: readonly Planned[] = [everyKind, crowded.map(fixture), shuffled.map(fixture)].flatMap((kind, index) =>
  fc
    .sample(kind, { numRuns: 12 * RUNS, seed: SEED + index })
    .map(({ desired, world }) => ({ desired, world, plan: plan(desired, world) }))
    .filter(({ plan: made }) => made.moves.length > 0)
    .slice(0, index === 0 ? 3 * RUNS : RUNS),
);

describe(`replay refuses every plan (seed ${SEED}) in which`, () => {
  const mutations = [...ORDERING, ...LEAVING_OUT, ...MISPLACING, ...TERMS, ...ENVELOPE];

  it.each(mutations)('$reason', (mutation) => {
    let spoilt = 0;
    let harmful = 0;
    for (const [index, planned] of plans.entries()) {
      if (spoilt >= MOST) break;
      const changed = apply(mutation, planned, index);
      if (changed === null) continue;
      spoilt += 1;
      const accepted = replay(changed, planned.desired, planned.world).accepted;
      if (accepted && mutation.refused === 'always') expect.fail(told(planned, changed, index, []));
      // Whatever replay lets pass must be safe in every order; and for what it refuses, the walk is to see harm now and then.
      if (!accepted && (mutation.refused === 'always' || spoilt > 30)) continue;
      const faults = harmIn({ ...planned, plan: changed }, index, accepted ? 60 : 12);
      if (accepted && faults.length > 0) expect.fail(told(planned, changed, index, faults));
      if (faults.length > 0) harmful += 1;
    }
    expect(spoilt).toBeGreaterThanOrEqual(mutation.atLeast ?? AT_LEAST);
    if (mutation.refused === 'unless-safe') expect(harmful).toBeGreaterThan(0);
  });
});

describe(`replay accepts a plan (seed ${SEED}) in which`, () => {
  it.each(HARMLESS)('$reason', ({ change }) => {
    for (const [index, { plan: made, desired, world }] of plans.entries()) {
      expect(replay(sealed(change(made, diceOf(index))), desired, world)).toEqual({ accepted: true });
    }
  });
});

function apply({ spoil, keepsHash }: Mutation, planned: Planned, index: number): Plan | null {
  const changed = spoil(planned, diceOf(SEED + index));
  if (changed === null || JSON.stringify(changed) === JSON.stringify(planned.plan)) return null;
  return keepsHash === true ? changed : sealed(changed);
}

/** What goes wrong in walks over the plan: plain ones, some that are broken off and undone, and some in which one step or move is late. */
function harmIn({ plan: made, desired, world }: Planned, seed: number, walks: number): readonly string[] {
  for (let number = 0; number < walks; number += 1) {
    const dice = diceOf(1000 * seed + number);
    const among = [...made.steps.map(({ id }) => id), ...made.moves.map(({ id }) => id)];
    const late = new Set(number % 3 === 0 ? [] : [among[dice(among.length)] ?? '']);
    const undoAfter = number % 4 === 3 ? { undoAfter: dice(3 * made.steps.length) } : {};
    const faults = walk(made, desired, world, { dice, late, ...undoAfter });
    if (faults.length > 0) return faults;
  }
  return [];
}

/** What a person needs to see why a plan should have been refused. */
function told({ plan: before }: Planned, after: Plan, index: number, faults: readonly string[]): string {
  const known = new Set(before.steps.map((step) => JSON.stringify(step)));
  const steps = after.steps.filter((step) => !known.has(JSON.stringify(step)));
  const moves = after.moves.map(({ id, from, to, strategy }) => `${id} ${from ?? ''} → ${to} by ${strategy}`);
  return [`plan ${index} was accepted`, ...faults.slice(0, 3), ...moves, JSON.stringify(steps).slice(0, 3000)].join(
    '\n',
  );
}
