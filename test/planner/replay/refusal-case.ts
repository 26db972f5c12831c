import { hashPlan } from '../../../src/model/index.js';
import { replay } from '../../../src/planner/replay/index.js';
import type { World } from '../../../src/model/index.js';
import { fixture } from '../fixture.js';
import type { FixtureLines } from '../fixture-lines.js';
import type { Corruption } from './corrupt.js';
import { handmade } from './handmade.js';
import type { MoveLine } from './handmade.js';

/** A plan with something wrong, and what replay must say of it. */
export interface RefusalCase {
  readonly reason: string;
  readonly codes: readonly string[];
  readonly lines: FixtureLines;
  readonly moves: readonly MoveLine[];
  readonly corrupt?: Corruption;
  /** What is observed besides the lines. */
  readonly observe?: (world: World) => World;
}

/** The codes of all violations, sorted, each once; none when the plan was accepted. */
export function codesOf({ lines, moves, corrupt, observe }: RefusalCase): readonly string[] {
  const { desired, world: plain } = fixture(lines);
  const world = observe === undefined ? plain : observe(plain);
  const plan = handmade(desired, world, moves);
  const changed = corrupt === undefined ? plan : corrupt(plan);
  const verdict = replay({ ...changed, planHash: hashPlan(changed) }, desired, world);
  return verdict.accepted ? [] : [...new Set(verdict.violations.map((problem) => problem.code))].sort();
}

/** A machine with a VF goes from h1 to h2: the plan that most corruptions start from. */
export const UPF: FixtureLines = {
  hosts: { h1: {}, h2: {}, h3: {} },
  machines: { upf: { on: 'h1', claims: { n3: 'vf' } } },
};

export const LIVE = { lines: UPF, moves: [{ machine: 'upf', to: 'h2' }] } as const;
export const HOTPLUG = { lines: UPF, moves: [{ machine: 'upf', to: 'h2', strategy: 'hotplug' }] } as const;
export const COLD = { lines: UPF, moves: [{ machine: 'upf', to: 'h2', strategy: 'cold' }] } as const;
