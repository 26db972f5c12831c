import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { openMoveLog, publishStatus } from '../../../src/cli/publish.js';
import { expandScenario } from '../../../src/drivers/simulator/expand.js';
import type { Plan } from '../../../src/model/index.js';
import { decodePlan, encodePlan } from '../../../src/report/index.js';
import type { PassFacts, ProgressEvent } from '../../../src/reconcile/index.js';
import { readConditions } from '../../../src/status/index.js';
import { memoryStatus } from '../../claims/story.js';
import { describeLab } from '../../lab/describe.js';
import { guestImage } from '../../lab/guest/image.js';
import { openLab, type Lab } from '../../lab/namespaces/lab.js';
import { documentsOf, machineDoc, scenarioInputOf } from '../../reconcile/documents-of.js';
import { openLoopOn } from '../../reconcile/loop.js';
import { clear } from './lab-cluster.js';
import { oneMachine, openLabLoop, startGuests } from './lab-loop.js';

/** What is to be the same wherever a plan is applied. */
interface Applied {
  readonly steps: readonly string[];
  readonly moves: readonly string[];
  readonly conditions: readonly string[];
  readonly communicating: string | undefined;
  readonly host: string;
}

describeLab('one plan file', ['guests', 'stand-in functions'], () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab({ hosts: 2 });
  });
  afterEach(() => clear(lab.hosts));
  afterAll(() => lab.close());

  it.each([
    ['vfio-live', 64],
    ['hotplug', 96],
    ['cold', 64],
  ] as const)(
    'for a %s move leads to the same steps and conditions on the simulator and on real hypervisors',
    async (strategy, memoryMiB) => {
      const of = oneMachine(strategy, memoryMiB);
      const [machine] = of.machines;
      if (machine === undefined) throw new Error('there is no machine');
      const pinned = { 'machines/cu-1.yaml': machineDoc({ ...machine, host: 'h2' }) };

      const real = openLabLoop({ hosts: lab.hosts, of });
      await startGuests(lab.hosts, of, strategy === 'hotplug' ? await guestImage() : undefined);
      await real.pass();
      real.repository.commit(pinned);
      const text = encodePlan(await real.plan());

      const startsAt = new Date().toISOString();
      const scenario = expandScenario({ ...scenarioInputOf(of), startsAt });
      const simulated = openLoopOn({ files: documentsOf(of), scenario });
      await simulated.pass();
      simulated.repository.commit(pinned);

      const onSimulator = await applied(text, simulated, () => Promise.resolve(simulated.hostOf('cu-1')));
      const onHosts = await applied(text, real, () => real.hostOf('cu-1'));
      await real.close();
      expect(onHosts.host).toBe('h2');
      expect(onHosts.steps.length).toBeGreaterThan(8);
      // The lab's switch tells nobody what it has learned.
      expect(onHosts.communicating).toBe('NotLearned');
      expect(onHosts).toEqual({ ...onSimulator, communicating: 'NotLearned' });
    },
  );
});

/** A loop, as far as it is the same for the simulator and for a lab. */
interface AnyLoop {
  pass(by: { readonly plan: Plan; readonly onProgress: (event: ProgressEvent) => void }): Promise<PassFacts>;
}

async function applied(text: string, loop: AnyLoop, host: () => Promise<string>): Promise<Applied> {
  const plan = decodePlan(text);
  if (!plan.ok) throw new Error('the plan cannot be read');
  const steps: string[] = [];
  const log = openMoveLog();
  const onProgress = (event: ProgressEvent): void => {
    log.record(event);
    if (event.kind === 'step-ended') steps.push(`${event.step.id} ${event.direction} ${event.outcome.kind}`);
  };
  const facts = await loop.pass({ plan: plan.value, onProgress });
  expect(facts.hold).toBeNull();
  const store = memoryStatus();
  await publishStatus(store, facts, log.results());
  const conditions = readConditions(store.text('clusters/test/machines/cu-1.yaml'));
  expect(conditions.length).toBeGreaterThan(0);
  return {
    steps,
    moves: (facts.execution?.moves ?? []).map(({ machine, result }) => `${machine} ${result}`),
    communicating: conditions.find(({ type }) => type === 'Communicating')?.reason,
    conditions: conditions
      .filter(({ type }) => type !== 'Communicating')
      .map(({ type, status, reason }) => `${type} ${status} ${reason}`),
    host: await host(),
  };
}
