import jsonPatch from 'fast-json-patch';
import { describe, expect, it } from 'vitest';
import { plan } from '../../src/planner/index.js';
import { placementPatch } from '../../src/report/index.js';
import { fixture } from '../planner/fixture.js';

const machines = { a: { on: 'h1', claims: { net: 'vf' as const } }, b: { on: 'h2' }, c: { on: 'h2' } };
const settled = fixture({ hosts: { h1: {}, h2: {} }, machines });
const draining = fixture({ hosts: { h1: { maintenance: 'drain' }, h2: {} }, machines });

describe('the patch of a placement', () => {
  it('turns the observed placement into the planned one, and touches nothing else', () => {
    const made = plan(draining.desired, draining.world);
    const device = made.moves[0]?.assignments[0]?.to;
    const patch = placementPatch(draining.world, null, made);
    expect(patch).toContainEqual({ op: 'replace', path: '/machines/a/host', value: 'h2' });
    expect(patch.every(({ path }) => path.startsWith('/machines/a/'))).toBe(true);
    const observed = {
      machines: { a: { host: 'h1', devices: { net: draining.world.machines[0]?.assignments[0]?.device } } },
    };
    expect(jsonPatch.applyPatch(structuredClone(observed), [...patch]).newDocument).toEqual({
      machines: { a: { host: 'h2', devices: { net: device } } },
    });
  });

  it('compares what two plans make of the same world', () => {
    const base = plan(settled.desired, settled.world);
    const head = plan(draining.desired, settled.world);
    expect(placementPatch(settled.world, base, base)).toEqual([]);
    expect(placementPatch(settled.world, base, head)).toEqual(placementPatch(settled.world, null, head));
  });

  it('is empty when nothing moves', () => {
    expect(placementPatch(settled.world, null, plan(settled.desired, settled.world))).toEqual([]);
  });
});
