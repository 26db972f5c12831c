import { describe, expect, it } from 'vitest';
import { plan, replay } from '../../../src/planner/index.js';
import { fixture } from '../fixture.js';

/** A machine that has to leave h1, and a host whose devices are bound to a driver. */
function leaving(drivers: readonly string[], bound: string | null) {
  const { desired, world } = fixture({
    hosts: { h1: { maintenance: 'drain' }, h2: {} },
    machines: { vm: { on: 'h1', claims: { net: 'vf' } } },
    classes: [{ name: 'vf', drivers }],
  });
  const hosts = world.hosts.map((host) =>
    host.name === 'h2' ? { ...host, devices: host.devices.map((device) => ({ ...device, driver: bound })) } : host,
  );
  return { desired, world: { ...world, hosts } };
}

describe('a class that names drivers', () => {
  it.each([
    { reason: 'a device bound to one of them', drivers: ['igbvf', 'iavf'], bound: 'iavf' },
    { reason: 'a device that assignment has taken from the host’s driver', drivers: ['iavf'], bound: 'vfio-pci' },
    { reason: 'a device bound to whatever else where it names none', drivers: [], bound: null },
  ])('takes $reason', ({ drivers, bound }) => {
    const { desired, world } = leaving(drivers, bound);
    const made = plan(desired, world);
    expect(made.moves).toMatchObject([{ machine: 'vm', to: 'h2' }]);
    expect(made.drift).toEqual([]);
    expect(replay(made, desired, world)).toEqual({ accepted: true });
  });

  it.each([
    { reason: 'a device bound to another driver of the host', drivers: ['iavf'], bound: 'igbvf' },
    {
      reason: 'a device that belongs to the host’s driver when only prepared ones are wanted',
      drivers: ['vfio-pci'],
      bound: 'iavf',
    },
    { reason: 'a device bound to none', drivers: ['iavf'], bound: null },
  ])('leaves alone $reason', ({ drivers, bound }) => {
    const { desired, world } = leaving(drivers, bound);
    const made = plan(desired, world);
    expect(made.moves).toEqual([]);
    expect(made.refusals).toMatchObject([{ machine: 'vm', reason: 'NoFeasibleHost' }]);
  });
});
