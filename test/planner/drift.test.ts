import { describe, expect, it } from 'vitest';
import type { Dummy, Reservation, World } from '../../src/model/index.js';
import { plan } from '../../src/planner/index.js';
import type { FixtureLines } from './fixture-lines.js';
import { NOW, fixture } from './fixture.js';

const held: Reservation = {
  ...{ host: 'h1', device: '0000:16:01.3', epoch: 3, phase: 'Held', machine: 'vm', claim: 'net', holder: 'dummy' },
  ...{ dummy: 'berth-dummy-vm-net', move: 'vm.1', planHash: '', expiresAt: NOW + 1000 },
};
const dummy: Dummy = {
  ...{ name: 'berth-dummy-vm-net', host: 'h1', devices: [held.device], mac: '02:00:00:00:00:01' },
  ...{ reservation: 'h1/0000:16:01.3', expiresAt: NOW + 1000 },
};

describe('drift', () => {
  const one: FixtureLines = { hosts: { h1: {} }, machines: { vm: { on: 'h1', claims: { net: 'vf' } } } };
  const claims = fixture(one).desired.machines[0]?.claims ?? [];
  const cases: readonly {
    reason: string;
    lines: FixtureLines;
    change?: (world: World) => World;
    codes: readonly string[];
  }[] = [
    { reason: 'there is none', lines: one, codes: [] },
    {
      reason: 'a machine that no document writes',
      lines: { hosts: { h1: {} }, machines: { vm: { on: 'h1', managed: false } } },
      codes: ['UnmanagedMachine'],
    },
    {
      reason: 'a host that was not observed',
      lines: one,
      change: (world) => ({ ...world, hosts: [], machines: [], reservations: [] }),
      codes: ['HostMissing'],
    },
    {
      reason: 'a host that no document writes',
      lines: one,
      change: (world) => ({ ...world, hosts: world.hosts.flatMap((host) => [host, { ...host, name: 'new' }]) }),
      codes: ['UnknownHost'],
    },
    {
      reason: 'a fact that is not as expected',
      lines: { ...one, hosts: { h1: { desired: { expect: { cpus: 64, vfs: 4, cpuModel: 'cpu-1', ptp: true } } } } },
      codes: ['HostFactMismatch', 'HostFactMismatch'],
    },
    {
      reason: 'a machine without a device for its claim',
      lines: { ...one, machines: { vm: { on: 'h1', desired: { claims } } } },
      codes: ['AssignmentMismatch'],
    },
    {
      reason: 'a device that no claim names',
      lines: { ...one, machines: { vm: { on: 'h1', claims: { net: 'vf' }, desired: { claims: [] } } } },
      codes: ['AssignmentMismatch'],
    },
    {
      reason: 'another address than the written one',
      lines: {
        ...one,
        machines: {
          vm: {
            ...{ on: 'h1', claims: { net: 'vf' } },
            desired: { claims: claims.map((claim) => ({ ...claim, mac: '52:54:00:99:99:99' })) },
          },
        },
      },
      codes: ['AssignmentMismatch'],
    },
    {
      reason: 'a dummy that the ledger does not know',
      lines: one,
      change: (world) => ({ ...world, dummies: [dummy] }),
      codes: ['ForeignDummy'],
    },
    {
      reason: 'a dummy of a move under way is none',
      lines: one,
      change: (world) => ({ ...world, dummies: [dummy], reservations: [...world.reservations, held] }),
      codes: [],
    },
    {
      reason: 'a dummy that was left behind',
      lines: one,
      change: (world) => ({
        ...world,
        dummies: [{ ...dummy, expiresAt: NOW }],
        reservations: [...world.reservations, { ...held, expiresAt: NOW }],
      }),
      codes: ['ExpiredDummy'],
    },
    {
      reason: 'an entry of the ledger for a machine that nobody writes',
      lines: one,
      change: (world) => ({ ...world, reservations: [...world.reservations, { ...held, machine: 'ghost' }] }),
      codes: ['OrphanReservation'],
    },
    {
      reason: 'a device that the ledger has for a machine on another host',
      lines: { ...one, hosts: { h1: {}, h2: {} } },
      change: (world) => ({
        ...world,
        reservations: [...world.reservations, { ...held, host: 'h2', phase: 'Bound', expiresAt: null }],
      }),
      codes: ['OrphanReservation'],
    },
  ];
  it.each(cases)('$reason', ({ lines, change, codes }) => {
    const { desired, world } = fixture(lines);
    const made = plan(desired, change?.(world) ?? world);
    expect(made.drift.map(({ code }) => code)).toEqual(codes);
    expect(made.moves).toEqual([]);
  });
});
