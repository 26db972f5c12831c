import { describe, expect, it } from 'vitest';
import type {
  DesiredMachine,
  DeviceClaim,
  Dummy,
  Host,
  Machine,
  PciFunction,
  Reservation,
  VfAttributes,
  World,
} from '../../src/model/index.js';
import { IDLE_VF } from '../../src/model/index.js';
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

const one: FixtureLines = { hosts: { h1: {} }, machines: { vm: { on: 'h1', claims: { net: 'vf' } } } };

/** `vm` as `one` has it, its claim written otherwise. */
function withClaim(change: Partial<DeviceClaim>, more: Partial<DesiredMachine> = {}): FixtureLines {
  const written = fixture(one).desired.machines[0]?.claims ?? [];
  const claims = written.map((claim) => ({ ...claim, ...change }));
  return { ...one, machines: { vm: { on: 'h1', claims: { net: 'vf' }, desired: { claims, ...more } } } };
}

function withRunning(world: World, change: Partial<Machine>): World {
  return { ...world, machines: world.machines.map((machine) => ({ ...machine, ...change })) };
}

function withFunctions(world: World, change: (own: PciFunction) => PciFunction): World {
  const devices = (host: Host) => host.devices.map((device) => ({ ...device, function: change(device.function) }));
  return { ...world, hosts: world.hosts.map((host) => ({ ...host, devices: devices(host) })) };
}

function withVfs(world: World, change: Partial<VfAttributes>): World {
  return withFunctions(world, (own) =>
    own.kind === 'vf' ? { ...own, attributes: { ...own.attributes, ...change } } : own,
  );
}

function withLinksDown(world: World): World {
  return withFunctions(world, (own) => (own.kind === 'pf' ? { ...own, linkState: 'down' } : own));
}

describe('drift', () => {
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
      reason: 'a host that was not observed, on which the machine may run',
      lines: one,
      change: (world) => ({ ...world, hosts: [], machines: [], reservations: [] }),
      codes: ['HostMissing', 'HostUnreachable'],
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
      reason: 'another address inside the guest than the written one',
      lines: withClaim({ guestAddress: '0000:00:1f.0' }),
      codes: ['AssignmentMismatch'],
    },
    { reason: 'an address inside the guest that nobody writes', lines: withClaim({ guestAddress: '' }), codes: [] },
    {
      reason: 'disks of another size than the written one',
      lines: { ...one, machines: { vm: { on: 'h1', claims: { net: 'vf' }, desired: { diskGiB: 40 } } } },
      codes: ['SizeMismatch'],
    },
    {
      reason: 'disks of which nothing is written',
      lines: { ...one, machines: { vm: { on: 'h1', claims: { net: 'vf' }, desired: { diskGiB: 0 } } } },
      codes: [],
    },
    {
      reason: 'a machine that floats and is written to be on one cell',
      lines: { ...one, machines: { vm: { on: 'h1', claims: { net: 'vf' }, desired: { numaPinned: true } } } },
      codes: ['CellMismatch'],
    },
    {
      reason: 'a machine that floats while a claim wants its device on its cell',
      lines: withClaim({ numaLocal: true }),
      codes: ['CellMismatch'],
    },
    {
      reason: 'a machine on one cell that is written to float',
      lines: one,
      change: (world) => withRunning(world, { numaNode: 0 }),
      codes: ['CellMismatch'],
    },
    {
      reason: 'a dummy that the ledger does not know',
      lines: one,
      change: (world) => ({ ...world, dummies: [dummy] }),
      codes: ['ForeignDummy'],
    },
    {
      reason: 'a dummy that the ledger does not know, named as we name them, whose time is over: ours',
      lines: one,
      change: (world) => ({ ...world, dummies: [{ ...dummy, expiresAt: NOW }] }),
      codes: ['ExpiredDummy'],
    },
    {
      reason: 'a dummy that neither the ledger knows nor its name, whose time is over',
      lines: one,
      change: (world) => ({ ...world, dummies: [{ ...dummy, name: 'somebody-elses', expiresAt: NOW }] }),
      codes: ['ForeignDummy'],
    },
    {
      reason: 'a dummy of a move under way stands rightly; the move is told',
      lines: one,
      change: (world) => ({ ...world, dummies: [dummy], reservations: [...world.reservations, held] }),
      codes: ['MoveInFlight'],
    },
    {
      reason: 'a migration that runs',
      lines: { ...one, hosts: { h1: {}, h2: {} } },
      change: (world) => withRunning(world, { job: { to: 'h2', doneBytes: 0, totalBytes: 1, startedAt: NOW } }),
      codes: ['MoveInFlight'],
    },
    {
      reason: 'a machine of another size than the written one',
      lines: { ...one, machines: { vm: { on: 'h1', claims: { net: 'vf' }, desired: { vcpus: 4, memoryMiB: 8192 } } } },
      codes: ['SizeMismatch'],
    },
    {
      reason: 'a machine with pages of another size than the written one',
      lines: one,
      change: (world) => withRunning(world, { hugepageSizeKiB: 2048 }),
      codes: ['SizeMismatch'],
    },
    {
      reason: 'a VF with other attributes than the written ones',
      lines: withClaim({ attributes: { ...IDLE_VF, vlan: 200, trust: true, maxTxMbps: 100 } }),
      codes: ['VfAttributeMismatch'],
    },
    {
      reason: 'the address on a VF, which comes and goes with its machine',
      lines: one,
      change: (world) => withVfs(world, { adminMac: '52:54:00:00:00:00' }),
      codes: [],
    },
    {
      reason: 'a class that the device in use is not of any more',
      lines: { ...one, classes: [{ name: 'vf', devices: ['ffff'] }] },
      codes: ['DeviceClassMismatch'],
    },
    {
      reason: 'a class that is in another network than the device in use',
      lines: { ...one, classes: [{ name: 'vf', physicalNetwork: 'other' }] },
      codes: ['DeviceClassMismatch'],
    },
    {
      reason: 'a link that is down, which changes no class',
      lines: one,
      change: (world) => withLinksDown(world),
      codes: [],
    },
    {
      reason: 'another port profile than the written one',
      lines: withClaim({ portProfile: 'gold' }),
      codes: ['PortProfileMismatch'],
    },
    {
      reason: 'a port profile that is written no more',
      lines: withClaim({ portProfile: null }),
      codes: ['PortProfileMismatch'],
    },
    {
      reason: 'switch ports of which nobody tells',
      lines: withClaim({ portProfile: 'gold' }),
      change: (world) => ({ ...world, switchPorts: [] }),
      codes: [],
    },
    {
      reason: 'a machine on a host that does not answer, and nothing of its devices, of which nothing is known',
      lines: { ...withClaim({ attributes: { ...IDLE_VF, vlan: 200 } }), hosts: { h1: { state: 'unknown' } } },
      codes: ['HostUnreachable'],
    },
    {
      reason: 'a machine that nobody sees while its host does not answer',
      lines: { hosts: { h1: { state: 'unknown' }, h2: {} }, machines: { vm: { on: 'h1', claims: { net: 'vf' } } } },
      change: (world) => ({ ...world, machines: [] }),
      codes: ['HostUnreachable'],
    },
    {
      reason: 'a machine that was last seen running on a host that is down',
      lines: { hosts: { h1: { state: 'down' }, h2: {} }, machines: { vm: { on: 'h1' } } },
      codes: ['HostUnreachable'],
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
  it('tells of a move that has arrived and has not given back what the machine had', () => {
    const { desired, world } = fixture({
      hosts: { h1: {}, h2: {} },
      machines: { vm: { on: 'h2', claims: { net: 'vf' } } },
    });
    const arrived = world.reservations.map((entry) => ({ ...entry, move: 'vm.1' }));
    const source = world.reservations.map((entry) => ({ ...entry, host: 'h1' }));
    expect(plan(desired, { ...world, reservations: [...arrived, ...source] }).drift).toMatchObject([
      { subject: `Reservation/h1/${source[0]?.device ?? ''}`, code: 'MoveInFlight' },
    ]);
  });

  it('says of a machine that nobody writes whether it runs', () => {
    const { desired, world } = fixture({
      hosts: { h1: {} },
      machines: { on: { on: 'h1', managed: false }, off: { on: 'h1', managed: false } },
    });
    const machines = world.machines.map((one) => (one.name === 'off' ? { ...one, state: 'stopped' as const } : one));
    expect(plan(desired, { ...world, machines }).drift.map(({ message }) => message)).toEqual([
      'on runs on h1 and no document writes it; it is left alone',
      'off is defined on h1, does not run, and no document writes it; it is left alone',
    ]);
  });

  it('says what is observed, what is written and when it is applied', () => {
    const { desired, world } = fixture(withClaim({ attributes: { ...IDLE_VF, vlan: 200 } }, { vcpus: 4 }));
    expect(plan(desired, world).drift.map(({ message }) => message)).toEqual([
      'vm runs with vcpus 2 (4 is written); applied when it next starts (a cold move or a restart), not by a live move',
      'the VF 0000:16:01.0 for claim net of vm has vlan none (200 is written); applied with the next move',
    ]);
  });

  it.each(cases)('$reason', ({ lines, change, codes }) => {
    const { desired, world } = fixture(lines);
    const made = plan(desired, change?.(world) ?? world);
    expect(made.drift.map(({ code }) => code)).toEqual(codes);
    expect(made.moves).toEqual([]);
  });
});
