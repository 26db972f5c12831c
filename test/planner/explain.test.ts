import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Explanation, World } from '../../src/model/index.js';
import { explain, plan } from '../../src/planner/index.js';
import type { FixtureLines } from './fixture-lines.js';
import { NOW, fixture } from './fixture.js';
import { cluster, shuffled } from './random-cluster.js';

const SEED = Number(process.env['SEED'] ?? 20260105);
const RUNS = { numRuns: Number(process.env['RUNS'] ?? 100), seed: SEED };

function told(lines: FixtureLines, machine: string, change = (world: World) => world): Explanation {
  const { desired, world } = fixture(lines);
  return explain(desired, change(world), machine);
}

/** What stands against a host; `yes` when nothing does. */
function answerOf({ candidates }: Explanation, host: string): string | undefined {
  const found = candidates.find((entry) => entry.host === host);
  return found?.feasible === true ? 'yes' : found?.constraint;
}

const rest: FixtureLines = { hosts: { h1: {}, h2: {} }, machines: { vm: { on: 'h1' } } };
const hot: FixtureLines = {
  hosts: { h1: { cpu: 0.9 }, h2: { cpu: 0.2 } },
  machines: { vm: { on: 'h1', cpu: 8 } },
};

/** h3 stays in use, because s may not move; h4 is a host of another hall. */
const halls: FixtureLines = {
  hosts: { h1: { cpu: 0.1 }, h2: { cpu: 0.1 }, h3: { cpu: 0.1 }, h4: { cpu: 0.1 } },
  machines: {
    ...{ a: { on: 'h1', cpu: 1 }, b: { on: 'h2', cpu: 1 } },
    s: { on: 'h3', cpu: 1, desired: { suspended: true } },
  },
  load: { goal: 'consolidate', hosts: ['h1', 'h2', 'h3'] },
};

describe('the decision of an explanation', () => {
  it('is to stay where nothing asks it to move, and marks the present host', () => {
    const found = told(rest, 'vm');
    expect(found.decision).toEqual({ kind: 'stays', message: 'nothing asks it to move' });
    expect(found.candidates.map(({ host, here }) => [host, here])).toEqual(
      expect.arrayContaining([
        ['h1', true],
        ['h2', false],
      ]),
    );
  });

  it('is where the plan brings it, and why', () => {
    const found = told(hot, 'vm');
    expect(found.decision).toMatchObject({ kind: 'goes', to: 'h2', cause: { kind: 'load', host: 'h1' } });
    expect(answerOf(found, 'h2')).toBe('yes');
  });

  it('is the refusal of the plan, with hosts asked under the policy whose relief was planned', () => {
    const found = told(
      { ...hot, hosts: { ...hot.hosts, h2: { cpu: 0.65, group: 'b' } }, load: { crossGroup: 'never' } },
      'vm',
    );
    expect(found.decision).toMatchObject({ kind: 'refused', reason: 'NoFeasibleHost' });
    expect(answerOf(found, 'h2')).toBe('group-policy');
  });

  it('asks a machine that rests on a hot host under the policy of that host', () => {
    const lines = { ...hot, hosts: { ...hot.hosts, h2: { cpu: 0.65 } } };
    const found = told({ ...lines, machines: { vm: { on: 'h1', cpu: 1, movedSecondsAgo: 60 } } }, 'vm');
    expect(found.decision).toMatchObject({ kind: 'refused', reason: 'Cooldown' });
    expect(answerOf(found, 'h2')).toBe('load');
  });

  it('counts what the plan starts: of two new machines only one fits', () => {
    const lines: FixtureLines = {
      hosts: { h1: { isolatedCpus: 6 } },
      machines: { a: { vcpus: 4, desired: { isolatedCpus: true } }, b: { vcpus: 4, desired: { isolatedCpus: true } } },
    };
    expect(told(lines, 'a').decision).toMatchObject({ kind: 'goes', to: 'h1' });
    expect(answerOf(told(lines, 'a'), 'h1')).toBe('yes');
    expect(told(lines, 'b').decision).toMatchObject({ kind: 'refused', reason: 'NoFeasibleHost' });
    expect(answerOf(told(lines, 'b'), 'h1')).toBe('isolated-cpus');
  });

  it('says that a machine has moved lately', () => {
    const found = told({ ...rest, machines: { vm: { on: 'h1', movedSecondsAgo: 60 } } }, 'vm');
    expect(found.decision).toMatchObject({ kind: 'stays', message: expect.stringMatching(/moved 60 s ago/) as string });
  });

  it('says that a move is under way', () => {
    const job = { to: 'h2', doneBytes: 0, totalBytes: 1, startedAt: NOW };
    const found = told(rest, 'vm', (world) => ({ ...world, machines: world.machines.map((vm) => ({ ...vm, job })) }));
    expect(found.decision).toEqual({ kind: 'stays', message: 'vm is being moved already' });
  });

  it('asks only the host of a machine that is stopped', () => {
    const found = told({ ...rest, machines: { vm: { on: 'h1', observed: { state: 'stopped' } } } }, 'vm');
    expect(found.decision).toMatchObject({ kind: 'goes', to: 'h1', cause: { kind: 'deploy' } });
    expect(answerOf(found, 'h2')).toBe('stopped-machine');
  });

  it('scores hosts by the goal that sends the machine away: the host that it goes to costs least, and the one that it leaves more', () => {
    const lines: FixtureLines = {
      hosts: { h1: { cpu: 0.6 }, h2: { cpu: 0 }, h3: { cpu: 0.1, group: 'b' } },
      machines: Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, { on: 'h1', cpu: 4.8 }])),
      load: { goal: 'balance' },
    };
    const { desired, world } = fixture(lines);
    const [move] = plan(desired, world).moves;
    const { decision, candidates } = told(lines, move?.machine ?? '');
    expect(decision).toMatchObject({ kind: 'goes', to: move?.to, cause: { kind: 'balance' } });
    expect(candidates[0]?.host).toBe(move?.to);
    const score = (name: string) => candidates.find(({ host }) => host === name)?.score ?? NaN;
    expect(score('h1')).toBeGreaterThan(score(move?.to ?? ''));
    const runnerUp = decision.kind === 'goes' ? decision.reasoning?.runnerUp : null;
    expect(score(runnerUp?.host ?? '') - score(move?.to ?? '')).toBeCloseTo(runnerUp?.difference ?? NaN, 3);
  });

  it('tells the runner-up of a plan that empties hosts one after the other, as it scores hosts', () => {
    const { desired, world } = fixture(halls);
    const { moves } = plan(desired, world);
    expect(moves.map(({ machine, to }) => `${machine} to ${to}`).toSorted()).toEqual(['a to h3', 'b to h3']);
    for (const { machine, to, from, reasoning } of moves) {
      const { candidates } = told(halls, machine);
      const score = (name: string | null | undefined) => candidates.find(({ host }) => host === name)?.score ?? NaN;
      expect(reasoning?.runnerUp?.host).toBe(from === 'h1' ? 'h2' : 'h1');
      expect(score(reasoning?.runnerUp?.host) - score(to)).toBeCloseTo(reasoning?.runnerUp?.difference ?? NaN, 3);
      expect(reasoning?.runnerUp?.objective).toBe('hostsInUse');
    }
  });

  it('takes hosts for no candidates that the policy is not for, and says so', () => {
    const message = 'load policy load is not for h4';
    expect(told(halls, 'a').candidates.at(-1)).toMatchObject({ host: 'h4', constraint: 'load', message, score: null });
  });

  it('says why a move of a goal has no runner-up', () => {
    const rules: FixtureLines['rules'] = [{ kind: 'ban', machines: ['a'], hosts: ['h2'] }];
    const { decision } = told({ ...halls, rules }, 'a');
    expect(decision).toMatchObject({
      kind: 'goes',
      reasoning: { runnerUp: null, alone: 'no other host of load policy load could take it' },
    });
  });

  it('tells of the host that a machine steps aside to, and that it does not stay there', () => {
    const machines = { a: { on: 'h1', host: 'h2' }, b: { on: 'h2', host: 'h1' } };
    const lines: FixtureLines = {
      ...{ hosts: { h1: {}, h2: {}, h3: {} }, machines },
      rules: [{ kind: 'anti-affinity', topology: 'host', machines: ['a', 'b'] }],
    };
    const { desired, world } = fixture(lines);
    const aside = plan(desired, world).moves.find(({ bypass }) => bypass);
    const { decision, candidates } = told(lines, aside?.machine ?? '');
    expect(decision).toMatchObject({ kind: 'goes', asides: [{ host: 'h3', reason: aside?.reasoning?.without }] });
    expect(candidates.find(({ host }) => host === 'h3')).toMatchObject({
      constraint: 'requested-host',
      message: expect.stringMatching(/; the machine only steps aside there$/) as string,
    });
  });

  const goals: readonly { goal: 'balance' | 'consolidate' | 'defragment'; message: RegExp }[] = [
    { goal: 'balance', message: /^load policy load balances; its hosts deviate by no more than the tolerance$/ },
    { goal: 'consolidate', message: /^load policy load consolidates; its host stays in use, or / },
    { goal: 'defragment', message: /^load policy load defragments; its room is not needed, or / },
  ];
  it.each(goals)('says why a policy that is to $goal leaves it where it is', ({ goal, message }) => {
    const hosts = { h1: { cpu: 0.2 }, h2: { cpu: 0.2 } };
    const pinned: FixtureLines['rules'] = [{ kind: 'pin', machines: ['vm', 'other'], hosts: ['h1', 'h2'] }];
    const machines = { vm: { on: 'h1', cpu: 3.2 }, other: { on: 'h2', cpu: 3.2, desired: { suspended: true } } };
    const found = told(
      { hosts, machines: { ...machines, vm: { ...machines.vm, host: 'h1' } }, rules: pinned, load: { goal } },
      'vm',
    );
    expect(found.decision).toMatchObject({ kind: 'stays', message: expect.stringMatching(message) as string });
  });

  it('is that of the plan in any cluster', () => {
    fc.assert(
      fc.property(fc.oneof(cluster, shuffled).map(fixture), ({ desired, world }) => {
        const made = plan(desired, world);
        for (const { name } of desired.machines) {
          const found = explain(desired, world, name);
          const last = made.moves.findLast((move) => move.machine === name);
          const refusal = made.refusals.find((entry) => entry.machine === name);
          expect(found.decision.kind).toBe(last !== undefined ? 'goes' : refusal !== undefined ? 'refused' : 'stays');
          if (last !== undefined) expect(answerOf(found, last.to), `${name} on ${last.to}`).toBe('yes');
          for (const { host, constraint } of refusal?.candidates ?? []) expect(answerOf(found, host)).toBe(constraint);
        }
      }),
      RUNS,
    );
  });

  it.each(['balance', 'consolidate', 'defragment'] as const)(
    'ranks hosts in any cluster as a plan that is to %s does: the runner-up comes next',
    (goal) => {
      let judged = 0;
      fc.assert(
        fc.property(fc.oneof(cluster, shuffled), (lines) => {
          const { desired, world } = fixture({ ...lines, load: { ...lines.load, goal } });
          const { moves, causes } = plan(desired, world);
          for (const { machine, to, from, bypass, cause, reasoning } of moves) {
            const isJoint = reasoning?.without.includes('only together') === true;
            if (bypass || isJoint || causes[cause]?.kind !== goal || reasoning === undefined) continue;
            judged++;
            const { candidates } = explain(desired, world, machine);
            const others = candidates.filter(({ host, feasible }) => feasible && host !== to && host !== from);
            const { runnerUp, alone } = reasoning;
            expect(runnerUp?.host, `${machine} to ${to}`).toBe(others[0]?.host);
            expect(alone === undefined).toBe(runnerUp !== null);
            const score = (name: string) => candidates.find(({ host }) => host === name)?.score ?? NaN;
            if (runnerUp !== null) expect(score(runnerUp.host) - score(to)).toBeCloseTo(runnerUp.difference, 3);
          }
        }),
        RUNS,
      );
      if (goal !== 'defragment') expect(judged).toBeGreaterThan(0);
    },
  );
});
