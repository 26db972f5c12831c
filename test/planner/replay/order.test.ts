import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan, Step } from '../../../src/model/index.js';
import { hashPlan } from '../../../src/model/index.js';
import { orderOf } from '../../../src/planner/replay/order.js';
import { readGraph } from '../../../src/planner/replay/graph.js';
import { replay } from '../../../src/planner/replay/index.js';
import { fixture } from '../fixture.js';
import { dropDependency } from './corrupt.js';
import { handmade } from './handmade.js';

const { desired, world } = fixture({
  hosts: { h1: {}, h2: {}, h3: {} },
  machines: { a: { on: 'h1', claims: { n3: 'vf' } }, b: { on: 'h2', claims: { n3: 'vf', n6: 'vf' } } },
});
const plan = handmade(desired, world, [
  { machine: 'a', to: 'h3' },
  { machine: 'b', to: 'h1', strategy: 'hotplug', after: ['a.1'] },
]);

/** The sets of all that come before each step, by plain search. */
function ancestors(dependsOn: readonly (readonly number[])[]): readonly ReadonlySet<number>[] {
  const found: Set<number>[] = [];
  for (const earlier of dependsOn) found.push(new Set(earlier.flatMap((other) => [other, ...(found[other] ?? [])])));
  return found;
}

describe('what is certain about the order of steps', () => {
  it('agrees with a plain search on random graphs, whichever steps are marked', () => {
    const graphs = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 70 });
    fc.assert(
      fc.property(graphs, fc.array(fc.nat({ max: 69 })), (shape, chosen) => {
        const dependsOn = shape.map((picks, index) => (index === 0 ? [] : picks.map((pick) => pick % index)));
        const like = plan.steps[0];
        if (like === undefined) throw new Error('the plan has no steps');
        const steps = dependsOn.map((earlier, index): Step => ({
          ...like,
          id: `s${index}`,
          dependsOn: earlier.map((other) => `s${other}`),
        }));
        const { graph } = readGraph({ ...plan, steps, waves: [] } satisfies Plan);
        const marks = chosen.filter((mark) => mark < steps.length);
        const order = orderOf(graph, marks);
        const expected = ancestors(dependsOn);
        for (const a of marks) for (const b of marks) expect(order.before(a, b)).toBe(expected[b]?.has(a) ?? false);
      }),
    );
  });
});

describe('a plan without one of its dependencies', () => {
  it.each(plan.steps.filter((step) => step.dependsOn.length > 0).map((step) => step.id))(
    'is refused, or every order that it allows is as safe: %s',
    (id) => {
      const changed = dropDependency(id)(plan);
      const verdict = replay({ ...changed, planHash: hashPlan(changed) }, desired, world);
      expect(verdict.accepted).toBe(HARMLESS.has(id));
    },
  );
});

/** What it waits for concerns another device. */
const HARMLESS: ReadonlySet<string> = new Set(['b.1/reserve/n3', 'b.1/release/n6']);

describe('replay', () => {
  it('checks a plan of 1,000 moves in less than two seconds of processor time', () => {
    const names = Array.from({ length: 1000 }, (_, index) => `m${index}`);
    const hosts = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`h${index}`, { vfs: 16, cpus: 256 }]));
    const big = fixture({
      hosts,
      machines: Object.fromEntries(names.map((name, index) => [name, { on: `h${index % 100}`, claims: { n3: 'vf' } }])),
      rules: [{ kind: 'anti-affinity', topology: 'host', machines: names.slice(0, 100) }],
    });
    const moves = names.map((machine, index) => ({
      machine,
      to: `h${100 + (index % 100)}`,
      after: index < 100 ? [] : [`m${index - 100}.1`],
    }));
    const huge = handmade(big.desired, big.world, moves);
    const start = process.cpuUsage();
    expect(replay(huge, big.desired, big.world)).toEqual({ accepted: true });
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000).toBeLessThan(2000);
  });
});
