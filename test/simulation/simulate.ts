import type { FaultPlan } from '../../src/drivers/simulator/faults.js';
import { isActive } from '../../src/model/index.js';
import type { PassFacts } from '../../src/reconcile/index.js';
import { type Loop, openLoop } from '../reconcile/loop.js';
import { randomCommit, randomMisfortune, repair } from './changes.js';
import { Random } from './random.js';
import { randomCluster } from './scene.js';

/** What became of one seed. */
export interface Simulated {
  readonly seed: number;
  /** Empty when every promise was kept and the run came to an end. */
  readonly broken: readonly string[];
  /** How it ended: `converged`, or the named reason why not. */
  readonly end: string;
  /** What stood in the way, in words. */
  readonly message: string;
  readonly passes: number;
  readonly moves: number;
  readonly crashes: number;
  readonly freezes: number;
}

const PASSES_TO_CONVERGE = 12;

/** One whole history from a seed: a random cluster, commits, misfortunes and faults, and then peace, in which it must converge. */
export async function simulate(seed: number): Promise<Simulated> {
  const random = new Random(seed);
  let of = randomCluster(random);
  const died = new Set<string>();
  const ran = new Set(of.machines.filter((machine) => machine.at !== null).map((machine) => machine.name));
  const loop = openLoop(of, seed, (message, current) => {
    note(ran, died, current);
    if (message.startsWith('commission') && random.chance(0.05)) killSomeDummy(random, current);
  });
  const tally = { passes: 0, moves: 0, crashes: 0, freezes: 0 };
  let wasFrozen = false;
  const pass = async (faults: FaultPlan): Promise<PassFacts | null> => {
    tally.passes++;
    const facts = await loop.survive({ faults });
    if (facts === null) tally.crashes++;
    tally.moves += facts?.execution?.moves.filter((move) => move.result === 'succeeded').length ?? 0;
    // A person looks only when the next pass has not settled it by asking.
    const isFrozen = facts?.hold?.reason === 'Frozen';
    if (isFrozen) tally.freezes++;
    if (isFrozen && wasFrozen) await unlock(loop);
    wasFrozen = isFrozen && !wasFrozen;
    return facts;
  };

  for (let round = random.between(1, 4); round > 0; round--) {
    if (random.chance(0.8)) of = randomCommit(random, of, loop);
    if (random.chance(0.4)) randomMisfortune(random, of, loop);
    for (let count = random.between(1, 3); count > 0; count--) {
      await pass({ kind: 'random', seed: random.between(1, 1e9), rate: random.pick([0, 0.01, 0.03, 0.08, 0.2]) });
      await loop.clock.sleep(random.between(1, 400) * 1000);
    }
    if (random.chance(0.5)) repair(of, loop);
  }
  repair(of, loop);
  const end = await converge(loop, () => pass({ kind: 'none' }));
  const kept = of.machines.filter((machine) => machine.unwritten !== true);
  const written = kept.map((machine) => machine.name);
  const waiting = kept.filter((machine) => loop.hostOf(machine.name) === '');
  const alive = [...ran].filter((name) => !died.has(name));
  const atRest = await loop.atRest(alive, end.reason === 'converged' ? written : []);
  // While a document is invalid nothing new begins: what a machine that died had stays entered for it.
  const isExcused = (line: string): boolean =>
    end.reason !== 'converged' &&
    line.startsWith('the ledger leaks') &&
    [...died].some((name) => line.endsWith(` ${name}`));
  const broken = [
    ...atRest.filter((line) => !isExcused(line)),
    ...(end.reason === null ? ['it did not converge'] : []),
    ...(end.reason === 'PlanRejected' ? [`the planner and the checker disagree: ${end.message}`] : []),
    ...(end.reason === 'converged' ? waiting : [])
      .filter((machine) => !end.refused.has(machine.name))
      .map((machine) => `${machine.name} does not run`),
  ];
  return { seed, broken, end: end.reason ?? 'restless', message: end.message, ...tally };
}

/** Keeps book of machines that ran at some time, and of those that bad luck ended. */
function note(ran: Set<string>, died: Set<string>, { simulator, events }: Loop): void {
  for (const machine of simulator.cluster.look().machines)
    if (isActive(machine) && !machine.name.startsWith('thief')) ran.add(machine.name);
  const [, killed] = /^operator: machine (\S+) on \S+ was killed/.exec(events.at(-1) ?? '') ?? [];
  if (killed !== undefined) died.add(killed);
  const [, down] = /^operator: host (\S+) is down/.exec(events.at(-1) ?? '') ?? [];
  if (down === undefined) return;
  for (const machine of simulator.cluster.look().machines) if (machine.host === down) died.add(machine.name);
}

/** Passes until one has nothing to do, or gives a reason that only a person or another commit can answer. */
async function converge(
  loop: Loop,
  pass: () => Promise<PassFacts | null>,
): Promise<{ readonly reason: string | null; readonly message: string; readonly refused: ReadonlySet<string> }> {
  for (let count = 0; count < PASSES_TO_CONVERGE; count++) {
    await loop.clock.sleep(1_000_000);
    const facts = await pass();
    const refused = new Set(facts?.plan?.refusals.map((refusal) => refusal.machine));
    if (facts?.hold != null && facts.hold.reason !== 'Frozen') return { ...facts.hold, refused };
    if (facts?.plan?.moves.length === 0 && facts.recovered.length === 0)
      return { reason: 'converged', message: '', refused };
  }
  return { reason: null, message: '', refused: new Set() };
}

/** A person has looked and found that each machine runs at most once. */
async function unlock(loop: Loop): Promise<void> {
  const fence = loop.records.at(-1)?.fence ?? 0;
  loop.records.push({
    kind: 'unlocked',
    by: 'operator',
    sequence: (loop.records.at(-1)?.sequence ?? 0) + 1,
    at: loop.clock.now(),
    fence,
  });
  return Promise.resolve();
}

function killSomeDummy(random: Random, loop: Loop): void {
  const { dummies } = loop.simulator.cluster.look();
  if (dummies.length === 0) return;
  const dummy = random.pick(dummies);
  loop.simulator.operator.killDummy(dummy.host, dummy.name);
}
