import { describe, expect, it } from 'vitest';
import { createDocumentCache, loadDesired } from '../../src/documents/index.js';
import { plan } from '../../src/planner/index.js';
import { observe } from '../../src/reconcile/index.js';
import { commission } from '../drivers/simulator/orders.js';
import { vf } from '../drivers/simulator/cluster-of.js';
import type { ClusterOf } from './documents-of.js';
import { type Loop, openLoop } from './loop.js';

const cluster: ClusterOf = { hosts: [{ name: 'h1' }, { name: 'h2' }], machines: [{ name: 'du-1', at: 'h1', vfs: 1 }] };

/** What `berth plan` would say now. */
async function driftNow({ repository, simulator, ledger, clock }: Loop): Promise<readonly string[]> {
  const loaded = await loadDesired(await repository.tree(await repository.fetch()), createDocumentCache());
  const [desired] = loaded.ok ? loaded.value : [];
  if (desired === undefined) throw new Error('the documents describe no cluster');
  const { hypervisor, fabric } = simulator;
  const world = await observe({ cluster: 'test', hypervisor, fabric, ledger, clock });
  return plan(desired, world).drift.map(({ subject, code, message }) => `${subject} ${code}: ${message}`);
}

describe('what a pass takes away is announced by the plan before it', () => {
  it('a dummy of ours that the ledger does not know, once its time is over and not before', async () => {
    const loop = openLoop(cluster);
    await loop.pass();
    const context = { idempotencyKey: 'lost', signal: new AbortController().signal, epoch: 1, onProgress: () => {} };
    await loop.simulator.hypervisor.perform(commission('h2', 'gone', vf(2)), context);
    const subject = 'Dummy/berth-dummy-gone-net';
    expect(await driftNow(loop)).toMatchObject([expect.stringMatching(`^${subject} ForeignDummy: .*left alone$`)]);
    expect((await loop.pass()).swept).toEqual([]);

    await loop.clock.sleep(700_000);
    expect(await driftNow(loop)).toMatchObject([
      expect.stringMatching(`^${subject} ExpiredDummy: .*the next reconcile removes it$`),
    ]);
    expect((await loop.pass()).swept).toMatchObject([{ subject: 'Dummy/h2/berth-dummy-gone-net', done: true }]);
    expect(await driftNow(loop)).toEqual([]);
    expect(loop.simulator.cluster.look().dummies).toEqual([]);
  });

  it('a reservation of a machine that does not use it', async () => {
    const loop = openLoop(cluster);
    await loop.pass();
    const ref = { host: 'h2', device: vf(2) };
    const own = (await loop.ledger.read())[0];
    if (own === undefined) throw new Error('du-1 has a device');
    await loop.ledger.swap(ref, 0, { ...own, ...ref, epoch: 1, move: 'du-1.1' });
    expect(await driftNow(loop)).toMatchObject([expect.stringMatching(/OrphanReservation: .*releases it$/)]);
    expect((await loop.pass()).swept).toMatchObject([{ done: true }]);
    expect(await driftNow(loop)).toEqual([]);
  });
});
