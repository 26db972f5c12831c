import { describe, expect, it } from 'vitest';
import { type ClusterOf, documentsOf } from './documents-of.js';
import { openLoop } from './loop.js';

const cluster: ClusterOf = {
  hosts: [{ name: 'h1' }, { name: 'h2' }, { name: 'h3' }],
  machines: [
    { name: 'du-1', at: 'h1', vfs: 2 },
    { name: 'cu-1', at: 'h1', vfs: 1 },
    { name: 'db-1', at: 'h1' },
    { name: 'foreign', at: 'h1', vfs: 1, unwritten: true },
  ],
};
const names = ['du-1', 'cu-1', 'db-1'];
const drained: ClusterOf = {
  ...cluster,
  hosts: [{ name: 'h1', maintenance: 'drain' }, { name: 'h2' }, { name: 'h3' }],
};

describe('a pass', () => {
  it('adopts what runs, and changes nothing when everything is as it is written', async () => {
    const loop = openLoop(cluster);
    const facts = await loop.pass();
    expect(facts).toMatchObject({ hold: null, problems: [], execution: null });
    expect(facts.plan?.moves).toEqual([]);
    expect((await loop.ledger.read()).map((entry) => entry.phase)).toEqual(['Bound', 'Bound', 'Bound']);
    expect(await loop.atRest(names)).toEqual([]);
  });

  it('drains a host by a commit, and leaves alone what nobody wrote', async () => {
    const loop = openLoop(cluster);
    await loop.pass();
    loop.repository.commit(documentsOf(drained));
    const facts = await loop.pass();
    expect(facts.hold).toBeNull();
    expect(facts.execution?.result).toBe('succeeded');
    expect(names.map((name) => loop.hostOf(name))).not.toContain('h1');
    expect(loop.hostOf('foreign')).toBe('h1');
    expect(await loop.atRest([...names])).toEqual([]);
    expect((await loop.pass()).plan?.moves).toEqual([]);
  });
});
