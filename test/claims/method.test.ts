import { describe, expect, it } from 'vitest';
import { IDLE_VF } from '../../src/model/index.js';
import { EVERYBODY, MACHINE, named, overloaded, PCIE_CROSSINGS, VF_CROSSINGS } from './crossings.js';
import { copiesIn, deviceIn, dummyOn, entryIn, exchange, firstWhen, hostsIn, tell, vfIn } from './story.js';

describe.each([
  { claims: 'claims 1, 8 and 14', cases: named(VF_CROSSINGS) },
  { claims: 'claims 8 and 14', cases: named(PCIE_CROSSINGS) },
])('$claims', ({ claims, cases }) => {
  it.each(cases)(
    `${claims}: a machine that owns a %s leaves an overloaded host and gets a replacement on the target`,
    async (_name, crossing) => {
      const { story, facts, plan } = await tell(overloaded(crossing));
      expect(facts.execution?.result).toBe('succeeded');
      // Detected: the load, and that the device is directly assigned.
      expect(plan.causes).toMatchObject([{ kind: 'load', host: 'edge-1', metric: 'cpu' }]);
      expect(plan.moves).toMatchObject([{ machine: MACHINE, from: 'edge-1', strategy: crossing.strategy }]);
      // A target with the resources, the device included.
      const { old, new: replacement } = exchange(story, MACHINE, crossing.claim);
      expect(old.host).toBe('edge-1');
      expect(hostsIn(story.now(), MACHINE)).toEqual(['edge-2']);
      expect(replacement.host).toBe('edge-2');

      const reserved = firstWhen(story.moments, (moment) => entryIn(moment, replacement)?.phase === 'Held');
      const told = firstWhen(story.moments, (moment) =>
        copiesIn(moment, MACHINE).some((copy) => copy.staged.some((staged) => staged.device === replacement.device)),
      );
      const arrived = firstWhen(story.moments, (moment) => hostsIn(moment, MACHINE).includes('edge-2'));
      // Reserved while the machine runs on the source and owns what it owned.
      expect(deviceIn(reserved, MACHINE, crossing.claim)).toEqual(old);
      expect(dummyOn(reserved, replacement)).not.toBeNull();
      // Reconfigured while it runs on the source, with what the replacement needs.
      expect(copiesIn(told, MACHINE)).toMatchObject([
        { host: 'edge-1', state: 'running', staged: [{ claim: crossing.claim, ...replacement }] },
      ]);
      if (crossing.claim === 'fronthaul') expect(vfIn(told, replacement)).toMatchObject({ vlan: 100, trust: true });
      expect(reserved.at).toBeLessThan(told.at);
      expect(told.at).toBeLessThan(arrived.at);

      // The source's device is nobody's afterwards, and nothing is left over.
      expect(entryIn(story.now(), old)?.phase).toBe('Released');
      if (crossing.claim === 'fronthaul') expect(vfIn(story.now(), old)).toEqual(IDLE_VF);
      expect(await story.loop.atRest(EVERYBODY)).toEqual([]);
    },
  );
});

describe('claims 1, 8 and 14', () => {
  const live = { claim: 'fronthaul', strategy: 'vfio-live' } as const;
  const gpu = overloaded({ claim: 'gpu', strategy: 'hotplug' });

  it('claims 1, 8 and 14: without the load nothing is picked and nothing moves', async () => {
    const { story, plan } = await tell(overloaded(live, 12));
    expect(plan.moves).toEqual([]);
    expect(hostsIn(story.now(), MACHINE)).toEqual(['edge-1']);
  });

  it('claims 1, 8 and 14: a host without a free device of the class is no target, however idle it is', async () => {
    const full = { name: 'vm-2', at: 'edge-2', claims: ['gpu'] as const, vcpus: 1, cpuPercent: 1 };
    const { story, plan } = await tell({ machines: [...gpu.machines, full] });
    expect(plan.moves).toHaveLength(1);
    expect(['edge-3', 'edge-4']).toContain(hostsIn(story.now(), MACHINE)[0]);
    expect(await story.loop.atRest([...EVERYBODY, 'vm-2'])).toEqual([]);
  });

  it('claims 1, 8 and 14: when no host has a free device, the machine stays and the reason is published', async () => {
    const others = ['edge-2', 'edge-3', 'edge-4'].map((at, index) => ({
      name: `vm-${index + 2}`,
      at,
      claims: ['gpu'] as const,
      vcpus: 1,
      cpuPercent: 1,
    }));
    const { story, plan } = await tell({ machines: [...gpu.machines, ...others] });
    expect(plan.moves).toEqual([]);
    expect(hostsIn(story.now(), MACHINE)).toEqual(['edge-1']);
    expect(refusalsIn(story.status('clusters/edge/status.yaml'))).toContainEqual(
      expect.objectContaining({ machine: MACHINE, reason: 'NoFeasibleHost' }),
    );
    const refusal = plan.refusals.find((entry) => entry.machine === MACHINE);
    expect(refusal?.candidates.map(({ constraint }) => constraint)).toEqual(others.map(() => 'free-devices'));
  });

  it('claims 1, 8 and 14: the status branch tells of the move and of the machine that communicates', async () => {
    const { story } = await tell(overloaded(live));
    const { new: replacement } = exchange(story, MACHINE, 'fronthaul');
    expect(story.status(`clusters/edge/machines/${MACHINE}.yaml`)).toMatchObject({
      status: {
        host: 'edge-2',
        assignments: [{ claim: 'fronthaul', device: replacement.device }],
        move: { from: 'edge-1', to: 'edge-2', strategy: 'vfio-live', result: 'succeeded' },
      },
    });
    expect(story.conditions(MACHINE)).toMatchObject({
      ...{ Ready: 'True', Healthy: 'True', Reserved: 'True', Reconfigured: 'True', Migrated: 'True' },
      ...{ Communicating: 'True', Degraded: 'False' },
    });
  });
});

function refusalsIn(status: unknown): readonly unknown[] {
  return (status as { readonly status: { readonly refusals: readonly unknown[] } }).status.refusals;
}
