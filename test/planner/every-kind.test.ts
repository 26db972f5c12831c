import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan, Refusal } from '../../src/model/index.js';
import { plan, replay } from '../../src/planner/index.js';
import { CONSTRAINTS } from '../../src/planner/constraints/index.js';
import { fixture } from './fixture.js';
import type { Cluster } from './random/cluster.js';
import { everyKind } from './random/cluster.js';
import { crowded } from './random/crowded.js';
import { shuffled } from './random-cluster.js';
import { resultOf } from './result.js';
import { diceOf } from './walk/dice.js';
import { walk } from './walk/walk.js';

const SEED = Number(process.env['SEED'] ?? 20260108);
const NUMBER = Number(process.env['RUNS'] ?? 150);
const RUNS = { numRuns: NUMBER, seed: SEED };
const WALKS = 4;

const kinds = [
  { kind: 'clusters with every kind of constraint', clusters: everyKind },
  { kind: 'crowded clusters', clusters: crowded.map(fixture) },
  { kind: 'full clusters whose machines change places', clusters: shuffled.map(fixture) },
];

describe.each(kinds)(`plans of $kind (seed ${SEED})`, ({ clusters }) => {
  it('are accepted by the independent checker', () => {
    fc.assert(
      fc.property(clusters, ({ desired, world }) => {
        expect(replay(plan(desired, world), desired, world)).toEqual({ accepted: true });
      }),
      RUNS,
    );
  });

  it('do no harm at any instant, in whatever order their steps are carried out', () => {
    fc.assert(
      fc.property(clusters, fc.nat(), ({ desired, world }, seed) => {
        const made = plan(desired, world);
        for (let number = 0; number < WALKS; number += 1) {
          expect(walk(made, desired, world, { dice: diceOf(seed + number) })).toEqual([]);
        }
      }),
      RUNS,
    );
  });

  it('leave nothing behind of a move that is broken off and undone', () => {
    fc.assert(
      fc.property(clusters, fc.nat(), ({ desired, world }, seed) => {
        const made = plan(desired, world);
        for (let number = 0; number < WALKS; number += 1) {
          const dice = diceOf(seed + number);
          expect(walk(made, desired, world, { dice, undoAfter: dice(3 * made.steps.length) })).toEqual([]);
        }
      }),
      RUNS,
    );
  });

  it('leave nothing to move in the world that they make, unless they had to leave something for later', () => {
    fc.assert(
      fc.property(clusters, (cluster) => {
        fc.pre(!movesWhoMovedLately(cluster));
        const made = plan(cluster.desired, cluster.world);
        fc.pre(made.refusals.every((refusal) => refusal.reason !== 'BlastRadius' && refusal.reason !== 'CyclicSwap'));
        const again = plan(cluster.desired, resultOf(cluster.world, made));
        expect(again.moves.map(({ machine, from, to }) => ({ machine, from, to }))).toEqual([]);
      }),
      RUNS,
    );
  });

  it('name, for a machine that finds no place, the binding constraint of each host that could be asked', () => {
    fc.assert(
      fc.property(clusters, (cluster) => {
        for (const refusal of plan(cluster.desired, cluster.world).refusals) {
          if (refusal.reason !== 'NoFeasibleHost' && refusal.reason !== 'NoStrategy') continue;
          expect(unexplained(cluster, refusal)).toEqual([]);
        }
      }),
      RUNS,
    );
  });
});

/** Samples of a machine that has moved lately are told as if it had always been where it is now, so that a second move hides the first. */
function movesWhoMovedLately({ desired, world }: Cluster): boolean {
  const moved = new Set(world.lastMoves.map(({ machine }) => machine));
  return plan(desired, world).moves.some(({ machine }) => moved.has(machine));
}

const NAMES: ReadonlySet<string> = new Set([...CONSTRAINTS.map(({ name }) => name), 'strategy']);

/** Hosts for which the refusal says nothing, or nothing that is a constraint. */
function unexplained({ desired, world }: Cluster, { machine, candidates }: Refusal): readonly string[] {
  const copies = world.machines.filter(({ name }) => name === machine);
  const isLost = (host: string): boolean => world.hosts.find(({ name }) => name === host)?.state === 'down';
  const isShared = desired.machines.find(({ name }) => name === machine)?.sharedDisks === true;
  const stopped = copies.find(({ state }) => state === 'stopped');
  const running = copies.find(({ state }) => state === 'running');
  const asked = desired.hosts
    .map(({ name }) => name)
    .filter((name) => name !== running?.host)
    .filter(
      (name) =>
        running !== undefined || stopped === undefined || stopped.host === name || (isLost(stopped.host) && isShared),
    );
  const named = new Set(
    candidates.filter((one) => NAMES.has(one.constraint) && one.message !== '').map(({ host }) => host),
  );
  return asked.filter((host) => !named.has(host));
}

describe(`the random clusters (seed ${SEED})`, () => {
  it('reach every constraint, cause, strategy and reason, so that the properties above are about all of them', () => {
    const met = new Map<string, number>(EXPECTED.map((what) => [what, 0]));
    const count = Math.max(2000, NUMBER);
    kinds.forEach(({ clusters }, index) => {
      for (const { desired, world } of fc.sample(clusters, { numRuns: index === 0 ? count : 60, seed: SEED })) {
        for (const what of traitsOf(plan(desired, world))) met.set(what, (met.get(what) ?? 0) + 1);
      }
    });
    expect([...met].filter(([, times]) => times === 0).map(([what]) => what)).toEqual([]);
  });
});

/** What is to be seen in plans; whatever else is seen does not matter. */
const EXPECTED: readonly string[] = [
  ...[...NAMES].map((name) => `refused by ${name}`),
  ...['load', 'drain', 'deploy', 'placement', 'requested'].map((kind) => `caused by ${kind}`),
  ...['vfio-live', 'failover', 'hotplug', 'cold', 'start'].map((way) => `moved by ${way}`),
  ...['Proceed', 'Reconfigure'].map((advice) => `advised to ${advice}`),
  ...['NoFeasibleHost', 'NoStrategy', 'CyclicSwap', 'MachineSuspended', 'HostUnreachable', 'Cooldown'].map(reason),
  ...['GainTooSmall', 'BlastRadius', 'NoBenefit', 'Duplicate', 'MissingSamples', 'MoveInFlight'].map(reason),
  ...['by a bypass host', 'with a whole IOMMU group', 'to a cell', 'one after another'],
  ...['OrphanReservation', 'ForeignDummy', 'MachineRunsTwice', 'UnmanagedMachine'].map((code) => `drift ${code}`),
];

function reason(name: string): string {
  return `reason ${name}`;
}

function traitsOf({ moves, steps, causes, refusals, drift }: Plan): readonly string[] {
  return [
    ...refusals.flatMap(({ candidates }) => candidates.map(({ constraint }) => `refused by ${constraint}`)),
    ...causes.map(({ kind }) => `caused by ${kind}`),
    ...moves.map(({ from, strategy }) => `moved by ${from === null ? 'start' : strategy}`),
    ...moves.map(({ advice }) => `advised to ${advice}`),
    ...refusals.map((refusal) => reason(refusal.reason)),
    ...moves.flatMap(({ bypass }) => (bypass ? ['by a bypass host'] : [])),
    ...moves.flatMap(({ assignments }) =>
      assignments.some(({ group }) => group.length > 1) ? ['with a whole IOMMU group'] : [],
    ),
    ...moves.flatMap(({ numaNode }) => (numaNode === null ? [] : ['to a cell'])),
    ...steps.flatMap(({ move, dependsOn }) =>
      dependsOn.some((id) => !id.startsWith(`${move}/`)) ? ['one after another'] : [],
    ),
    ...drift.map(({ code }) => `drift ${code}`),
  ];
}
