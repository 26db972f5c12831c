import { describe, expect, it } from 'vitest';
import { Occupancy } from '../../src/planner/occupancy.js';
import { viewOf } from '../../src/planner/view.js';
import type { FixtureLines } from './fixture-lines.js';
import { fixture } from './fixture.js';

const [FIRST, SECOND] = ['0000:16:01.0', '0000:16:01.1'] as const;

/** Two machines on h1, with a VF each, and both VFs in one IOMMU group. */
function shared(lines: Partial<FixtureLines> = {}): Occupancy {
  const { desired, world } = fixture({
    hosts: { h1: {} },
    machines: { a: { on: 'h1', claims: { net: 'vf' } }, b: { on: 'h1', claims: { net: 'vf' } } },
    ...lines,
  });
  const hosts = world.hosts.map((host) => ({
    ...host,
    devices: host.devices.map((device) => (device.bdf === SECOND ? { ...device, iommuGroup: 1 } : device)),
  }));
  return Occupancy.of(viewOf(desired, { ...world, hosts }));
}

describe('who holds a device', () => {
  it.each([
    { leaves: 'a', stays: 'b' },
    { leaves: 'b', stays: 'a' },
  ])('is $stays when $leaves leaves an IOMMU group of which $stays holds a member', ({ leaves, stays }) => {
    const occupancy = shared();
    occupancy.lift(leaves, 'h1');
    expect([FIRST, SECOND].map((device) => occupancy.owner('h1', device))).toEqual([stays, stays]);
  });

  it('is nobody when both have left', () => {
    const occupancy = shared();
    occupancy.lift('a', 'h1');
    occupancy.lift('b', 'h1');
    expect([FIRST, SECOND].map((device) => occupancy.owner('h1', device))).toEqual([null, null]);
  });

  it('is the dummy when the machine that used its device leaves', () => {
    const dummy = {
      name: 'dummy',
      host: 'h1',
      devices: [FIRST],
      mac: '02:00:00:00:00:01',
      reservation: '',
      expiresAt: 0,
    };
    const occupancy = shared({ machines: { a: { on: 'h1', claims: { net: 'vf' } } }, world: { dummies: [dummy] } });
    occupancy.lift('a', 'h1');
    expect(occupancy.owner('h1', FIRST)).toBe('dummy');
  });

  it('is not changed for a copy that was taken before', () => {
    const occupancy = shared();
    const copy = occupancy.copy();
    occupancy.lift('a', 'h1');
    occupancy.lift('b', 'h1');
    expect(copy.owner('h1', FIRST)).not.toBeNull();
  });
});
