import { describe, expect, it } from 'vitest';
import type { Host } from '../../src/model/index.js';
import { BUSY_DU, hosts, PLAIN_NICS } from './crossings.js';
import { copiesIn, deviceIn, hostsIn, tell } from './story.js';

describe('Rady: hosts for cellular networks', () => {
  const cells = (change: Partial<Host['numaNodes'][number]> | object) => [
    { cpus: 48, isolatedCpus: 24, memoryMiB: 131_072, hugepages: { 1048576: 32 }, ...change },
  ];
  it.each([
    ['a PTP clock', 'ptp', { ptp: false }],
    ['huge pages of 1 GiB', 'hugepages', { cells: cells({ hugepages: {} }) }],
    ['isolated CPUs', 'isolated-cpus', { cells: cells({ isolatedCpus: 0 }) }],
  ])('Rady: a DU does not go to a host without %s', async (_name, constraint, hardware) => {
    const { story, plan } = await tell({
      ...BUSY_DU,
      hosts: hosts({ name: 'edge-2', hardware }, { name: 'edge-3', hardware }),
    });
    expect(plan.moves).toEqual([]);
    expect(hostsIn(story.now(), 'du-1')).toEqual(['edge-1']);
    const candidates = plan.refusals.find(({ machine }) => machine === 'du-1')?.candidates;
    expect(candidates?.map((candidate) => candidate.constraint)).toEqual([constraint, constraint]);
  });

  it('Rady: a DU goes to the host that has what a DU needs', async () => {
    const { story } = await tell({ ...BUSY_DU, hosts: hosts({ name: 'edge-2', hardware: { ptp: false } }) });
    expect(hostsIn(story.now(), 'du-1')).toEqual(['edge-3']);
    const [copy] = copiesIn(story.now(), 'du-1');
    expect(copy).toMatchObject({ hugepageSizeKiB: 1_048_576, numaNode: 0 });
  });

  it.each(['UPF', 'CU-UP', 'DU'])('Rady: a %s gets a VF of the NUMA cell that it runs on', async (role) => {
    const near = [
      { cpus: 24, isolatedCpus: 12, memoryMiB: 65_536, hugepages: { 1048576: 16 } },
      { cpus: 24, isolatedCpus: 12, memoryMiB: 65_536, hugepages: { 1048576: 16 } },
    ];
    const nics = PLAIN_NICS.map((nic) => ({ ...nic, liveMigratable: true, numaNode: 1 }));
    const { story } = await tell({
      hosts: [{ name: 'edge-1', hardware: { cells: near, nics } }],
      machines: [{ name: 'new-1', at: null, claims: ['fronthaul', 'midhaul'], spec: { role } }],
    });
    expect(copiesIn(story.now(), 'new-1')).toMatchObject([{ host: 'edge-1', numaNode: 1 }]);
    expect(deviceIn(story.now(), 'new-1', 'fronthaul')).not.toBeNull();
  });

  it('Rady: replicas of a control-plane function are deployed to different hosts', async () => {
    const replicas = ['amf-1', 'amf-2', 'amf-3'].map((name) => ({
      ...{ name, at: null, labels: { app: 'amf' }, spec: { role: 'AMF' } },
    }));
    const { story } = await tell({ hosts: hosts(), machines: replicas });
    const places = replicas.flatMap(({ name }) => hostsIn(story.now(), name));
    expect(places.toSorted()).toEqual(['edge-1', 'edge-2', 'edge-3']);
  });
});
