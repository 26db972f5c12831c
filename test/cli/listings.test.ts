import { describe, expect, it } from 'vitest';
import { findListing } from '../../src/cli/listings.js';
import { fixture } from '../planner/fixture.js';

describe('the list of machines', () => {
  const { desired, world } = fixture({
    hosts: { h1: {}, h2: {} },
    machines: { app: { on: 'h1' }, legacy: { on: 'h2', claims: { net: 'vf' } }, late: {} },
  });
  const written = { ...desired, machines: desired.machines.filter(({ name }) => name !== 'legacy') };
  const items = findListing('vm').items(written, world);

  it('shows what runs without being written last, as unmanaged', () => {
    expect(items.map(({ cells }) => cells.slice(0, 4))).toEqual([
      ['app', '', 'h1', 'running'],
      ['late', '', '-', '-'],
      ['legacy', 'unmanaged', 'h2', 'running'],
    ]);
  });

  it('gives its copies as data, and nothing that is wanted', () => {
    expect(items.at(-1)?.item).toMatchObject({ desired: null, observed: [{ name: 'legacy', host: 'h2' }] });
  });
});

describe('names that are longer than a document could have them', () => {
  const long = 'x'.repeat(200);
  const { desired, world } = fixture({
    hosts: { h1: {} },
    machines: { [long]: { on: 'h1', claims: { net: 'vf' }, managed: false } },
  });

  it.each(['host', 'device'])('are cut among the cells of a %s, and whole in the data', (kind) => {
    const items = findListing(kind).items(desired, world);
    const last = items.map(({ cells }) => cells.at(-1));
    expect(last).toContain(`${'x'.repeat(62)}…`);
    expect(last).not.toContain(long);
    expect(JSON.stringify(items.map(({ item }) => item))).toContain(`"${long}"`);
  });
});
