import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { closeCluster, openClusters } from '../../src/cli/open-clusters.js';
import { passOnce, type PassResult } from '../../src/cli/pass.js';
import { StateFile } from '../../src/drivers/simulator/state-file.js';
import type { ClusterState } from '../../src/drivers/simulator/state.js';
import { serveRepositories } from '../../src/git/index.js';
import { bareRepository, type BareRepository, temporaryFolder } from '../git/bare-repository.js';
import { BUSY_DU, type Crossing, MACHINE, overloaded } from './crossings.js';
import { filesOf, macOf, type Site } from './site.js';

const closing: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A site in a bare repository that git serves over http, and one pass of `berth reconcile` after the other over it. */
async function serve(site: Site): Promise<{
  readonly repository: BareRepository;
  readonly reconcile: () => Promise<PassResult>;
  readonly hardware: () => ClusterState;
}> {
  const folder = temporaryFolder();
  closing.push(folder.dispose);
  const repository = bareRepository(join(folder.path, 'site.git'));
  repository.git(['config', 'http.receivepack', 'true']);
  repository.setBranch('main', repository.commit(null, filesOf(site)));
  const server = await serveRepositories({ root: folder.path });
  closing.push(() => server.close());
  const options = {
    source: `${server.url}/site.git`,
    statusBranch: 'berth/status',
    author: 'Berth <berth@localhost>',
    state: join(folder.path, 'state'),
  };
  let state = '';
  return {
    repository,
    reconcile: async () => {
      const [cluster] = await openClusters(options, {}, SIMULATED_PACE);
      if (cluster === undefined) throw new Error('the repository describes no cluster');
      state = cluster.ports.state;
      const result = await passOnce(cluster, null, new AbortController().signal, () => undefined);
      await closeCluster(cluster);
      return result;
    },
    hardware: () => {
      const kept = new StateFile(join(state, 'simulator.json')).read();
      if (kept === null) throw new Error('the simulated cluster left no state');
      return kept.state;
    },
  };
}

/** Simulated seconds in a real one. */
const SIMULATED_PACE = 1_000;

describe('from a pushed commit to a moved machine and a status commit', () => {
  it.each<{ title: string; site: Site; machine: string; crossing: Crossing }>([
    {
      title: 'claim 1: a machine with a VF',
      ...ofMachine({ claim: 'fronthaul', strategy: 'vfio-live' }),
    },
    {
      title: 'claim 8: a machine with a GPU',
      ...ofMachine({ claim: 'gpu', strategy: 'hotplug' }),
    },
    {
      title: 'claims 2, 9 and 15: a machine that runs a DU',
      machine: 'du-1',
      crossing: { claim: 'fronthaul', strategy: 'vfio-live' },
      site: BUSY_DU,
    },
  ])('$title', async ({ site, machine, crossing }) => {
    const { repository, reconcile, hardware } = await serve(site);
    const { facts } = await reconcile();
    expect(facts.execution?.result).toBe('succeeded');
    expect(facts.plan?.moves).toMatchObject([{ machine, from: 'edge-1', strategy: crossing.strategy }]);
    const copies = hardware().machines.filter(({ name }) => name === machine);
    expect(copies).toMatchObject([{ host: 'edge-2', state: 'running' }]);
    expect(copies[0]?.assignments.map(({ claim }) => claim)).toContain(crossing.claim);
    expect(hardware().dummies).toEqual([]);
    if (crossing.claim === 'fronthaul') {
      const learned = hardware().ports.filter((port) => port.learned.includes(macOf(machine, 'fronthaul')));
      expect(learned.map(({ host }) => host)).toEqual(['edge-2']);
    }

    const status = repository.tip('berth/status') ?? '';
    expect(repository.git(['show', `${status}:clusters/edge/machines/${machine}.yaml`])).toContain('host: edge-2');
    const message = repository.git(['log', '-1', '--format=%B', status]);
    expect(message).toContain(`Berth-Source-Revision: ${repository.tip('main') ?? ''}`);
    expect(message).toContain(`Berth-Plan-Hash: ${facts.plan?.planHash ?? ''}`);

    const again = await reconcile();
    expect(again.facts.plan?.moves).toEqual([]);
    expect(hardware().machines.filter(({ name }) => name === machine)).toMatchObject([{ host: 'edge-2' }]);
  });
});

function ofMachine(crossing: Crossing): { readonly site: Site; readonly machine: string; readonly crossing: Crossing } {
  return { site: overloaded(crossing), machine: MACHINE, crossing };
}
