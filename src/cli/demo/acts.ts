import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dummy, Plan, World } from '../../model/index.js';
import type { StatusStore } from '../../ports/index.js';
import type { ProgressEvent } from '../../reconcile/index.js';
import { plan as makePlan } from '../../planner/index.js';
import { solve } from '../../portfolio/solve.js';
import { planText, shortHash, worldText } from '../../report/index.js';
import { moveBars } from '../move-bars.js';
import { closeCluster, openClusters, type OpenCluster } from '../open-clusters.js';
import { passOnce, type PassResult } from '../pass.js';
import type { Progress } from '../progress.js';
import { lookLive } from '../world.js';
import { emptiness, safetyOf, type Expectation } from './end-state.js';
import type { Stage } from './stage.js';
import type { Story } from './story.js';

/** A pace at which simulated minutes take no time. */
const AT_ONCE = 1e9;

/** What every act works with. */
export interface Troupe {
  readonly stage: Stage;
  readonly story: Story;
  readonly progress: () => Progress;
  readonly color: boolean;
  /** Simulated seconds in a real one. */
  readonly pace: number;
  readonly signal: AbortSignal;
}

/** Act one: a host is overloaded, and one machine moves with its devices. */
export async function relieveOverload(troupe: Troupe): Promise<void> {
  const { stage, story, color } = troupe;
  story.chapter('A repository', 'What shall run, and by which rules, is written down and committed.');
  const revision = await stage.copy.commit('Describe the edge site');
  story.say(`${stage.url}  (git http-backend on loopback)`);
  story.say(`commit ${shortHash(revision)}  Describe the edge site`);
  await withCluster(troupe, async (cluster) => {
    const before = await lookLive(cluster.ports, cluster.desired);
    story.chapter('Before', 'The evening peak has come: a trace drives the user planes of edge-a1 to 95 %.');
    story.show(worldText(before, cluster.desired, { color }));
    story.chapter('The plan', 'Above 70 % for three windows: which machine, to which host, by which steps?');
    const plan = makePlan(cluster.desired, before, solve);
    story.show(planText(plan, { color }));
    story.chapter('Reconcile', 'A dummy VM holds each replacement device until its machine arrives.');
    const { result, dummies, after } = await perform(troupe, cluster);
    story.chapter('After', 'Ten minutes later: the machine has its new devices, and the load is spread.');
    story.show(worldText(after, cluster.desired, { color }));
    await tellStatus(story, cluster.status);
    story.expect([
      ...safetyOf(cluster.desired, after, dummies),
      ...outcomeOf(result, plan, revision),
      ...reservationsSeen(plan, dummies),
      await trailersOf(cluster.status, revision, plan),
    ]);
  });
}

/** Act two: somebody commits a maintenance drain. */
export async function drainHost(troupe: Troupe): Promise<void> {
  const { stage, story, color } = troupe;
  story.chapter('A change of policy', 'edge-b1 needs new firmware: one line in a pull request, and it is emptied.');
  const hosts = join(stage.copy.folder, 'hosts.yaml');
  const text = await readFile(hosts, 'utf8');
  await writeFile(hosts, text.replace(/(name: edge-b1\n[^]*?spec:\n)/, '$1  maintenance: drain\n'));
  const revision = await stage.copy.commit('Drain edge-b1 for new firmware');
  story.say(`commit ${shortHash(revision)}  Drain edge-b1 for new firmware`);
  story.say(`hosts.yaml  ${story.ink.green('+  maintenance: drain')}`);
  story.say('');
  await withCluster(troupe, async (cluster) => {
    const { result, dummies, after } = await perform(troupe, cluster);
    story.say('');
    story.show(worldText(after, cluster.desired, { color }));
    story.expect([
      ...safetyOf(cluster.desired, after, dummies),
      emptiness(after, 'edge-b1'),
      ...outcomeOf(result, result.facts.plan, revision),
      await trailersOf(cluster.status, revision, result.facts.plan),
    ]);
  });
}

const UNPLACEABLE = `apiVersion: berth/v1alpha1
kind: VirtualMachine
metadata:
  name: du-4
  labels: { app: du }
spec:
  role: DU
  vcpus: 8
  memoryMiB: 16384
  devices:
    - { name: fronthaul, class: fronthaul-vf, portProfile: fronthaul, vlan: 100 }
    - { name: midhaul, class: midhaul-vf, portProfile: midhaul, vlan: 200 }
  latencyBudgets:
    - { site: cell-a, maxMs: 0.5 }
`;

/** Act three: somebody asks for what cannot be, and hears why. */
export async function refuseImpossible(troupe: Troupe): Promise<void> {
  const { stage, story } = troupe;
  story.chapter('A refusal', 'A fourth unit for cell-a, while edge-b1 is drained: nothing can take it.');
  await writeFile(join(stage.copy.folder, 'machines', 'du-4.yaml'), UNPLACEABLE);
  const revision = await stage.copy.commit('Add a fourth distributed unit');
  story.say(`commit ${shortHash(revision)}  Add a fourth distributed unit`);
  story.say('');
  await withCluster(troupe, async (cluster) => {
    const { result, after } = await perform(troupe, cluster);
    const refusal = result.facts.plan?.refusals.find(({ machine }) => machine === 'du-4');
    const { ink } = story;
    if (refusal !== undefined) {
      story.say(`${ink.red('✗')} ${ink.bold(refusal.machine)}  ${ink.bold(refusal.reason)}: ${refusal.message}`);
      for (const { host, constraint, message } of refusal.candidates) {
        story.say(`    ${host}  ${constraint}`);
        story.say(ink.dim(`      ${message}`));
      }
    }
    const { machines } = after;
    story.expect([
      expectation('the refusal has a named reason, and one for each host', () =>
        refusal?.reason === 'NoFeasibleHost' && refusal.candidates.length === after.hosts.length ? [] : ['it has not'],
      ),
      expectation('nothing was moved for it', () =>
        result.facts.execution === null && !machines.some(({ name }) => name === 'du-4') ? [] : ['something was'],
      ),
    ]);
  });
}

async function withCluster(troupe: Troupe, act: (cluster: OpenCluster) => Promise<void>): Promise<void> {
  const { stage, pace } = troupe;
  for (const cluster of await openClusters(stage.options, stage.env, pace))
    await act(cluster).finally(() => closeCluster(cluster));
}

interface Performance {
  readonly result: PassResult;
  /** Dummies that the hypervisors showed while the plan was carried out. */
  readonly dummies: readonly Dummy[];
  readonly after: World;
}

/** One pass with live progress; the hypervisors are asked on the side for the dummies that stand. */
async function perform(troupe: Troupe, cluster: OpenCluster): Promise<Performance> {
  const { story } = troupe;
  const progress = troupe.progress();
  const bars = moveBars(progress);
  const looks: Promise<readonly Dummy[]>[] = [];
  const onProgress = (event: ProgressEvent): void => {
    bars(event);
    if (event.kind !== 'step-ended' || event.step.kind !== 'commission' || event.outcome.kind !== 'done') return;
    const [action] = event.step.actions;
    if (action?.port !== 'hypervisor' || action.kind !== 'commission') return;
    progress.say(`${story.ink.dim('◌')} ${action.dummy} on ${action.host} holds ${action.devices.join(', ')}`);
    progress.say(story.ink.dim(`  paused, diskless, MAC ${action.mac}`));
    looks.push(cluster.ports.hypervisor.observe().then(({ dummies }) => dummies));
  };
  const result = await passOnce(cluster, null, troupe.signal, onProgress);
  const dummies = new Map((await Promise.all(looks)).flat().map((dummy) => [`${dummy.host}/${dummy.name}`, dummy]));
  return { result, dummies: [...dummies.values()], after: await lookLater(troupe) };
}

/** The cluster ten minutes on, when whole windows of load have passed since the moves. The look keeps nothing, so the clock goes back. */
async function lookLater({ stage }: Troupe): Promise<World> {
  const [cluster] = await openClusters(stage.options, stage.env, AT_ONCE);
  if (cluster === undefined) throw new Error('the demo has one cluster');
  try {
    await cluster.ports.clock.sleep(10 * 60_000);
    return await lookLive(cluster.ports, cluster.desired);
  } finally {
    await closeCluster(cluster);
  }
}

function expectation(sentence: string, faults: () => readonly string[]): Expectation {
  return { sentence, faults: faults() };
}

/** The plan was carried out, all of it, and the pass followed the commit. */
function outcomeOf({ facts }: PassResult, plan: Plan | null, revision: string): readonly Expectation[] {
  const ends = facts.execution?.moves ?? [];
  return [
    expectation(`${ends.length} of ${plan?.moves.length ?? 0} planned moves are done`, () =>
      plan !== null && plan.moves.length > 0 && ends.length === plan.moves.length
        ? ends.filter(({ result }) => result !== 'succeeded').map(({ move, result }) => `${move} ${result}`)
        : ['the plan that was shown is not the plan that was carried out'],
    ),
    expectation('the pass followed the newest commit', () =>
      facts.revision === revision && facts.hold === null ? [] : [facts.hold?.message ?? 'another commit'],
    ),
  ];
}

/** Each replacement device was held by a dummy on the target before its machine came. */
function reservationsSeen(plan: Plan, dummies: readonly Dummy[]): readonly Expectation[] {
  const wanted = plan.moves.flatMap(({ to, assignments }) =>
    assignments.map(({ to: device }) => ({ host: to, device })),
  );
  const unseen = wanted.filter(
    ({ host, device }) => !dummies.some((dummy) => dummy.host === host && dummy.devices.includes(device)),
  );
  return [
    expectation('each replacement was held by a dummy first', () =>
      unseen.map(({ host, device }) => `${host}/${device}`),
    ),
  ];
}

/** Shows the newest status commits. */
async function tellStatus(story: Story, status: StatusStore): Promise<void> {
  story.chapter('Status', 'What was found and done is a commit on the branch berth/status.');
  for (const { revision, message } of await status.log(3)) {
    const [subject = '', ...rest] = message.trim().split('\n');
    story.say(`${story.ink.yellow(shortHash(revision))} ${subject}`);
    // A line of eighty columns has no room for a whole hash.
    const shown = rest.filter((text) => text !== '').map((line) => line.replace(/([0-9a-f]{40})[0-9a-f]+/, '$1…'));
    for (const line of shown) story.say(story.ink.dim(`             ${line}`));
  }
}

/** The newest status commit says which commit it is about, and which plan. */
async function trailersOf(status: StatusStore, revision: string, plan: Plan | null): Promise<Expectation> {
  const message = (await status.log(1))[0]?.message ?? '';
  const wanted = [`Berth-Source-Revision: ${revision}`, `Berth-Plan-Hash: ${plan?.planHash ?? ''}`, 'Berth-Result: '];
  return expectation('the status commit names its source, its plan and the result', () =>
    wanted.filter((trailer) => !message.includes(trailer)),
  );
}
