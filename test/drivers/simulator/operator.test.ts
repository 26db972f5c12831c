import { describe, expect, it } from 'vitest';
import { code, context, deadline, GUEST_ADDRESS, host, macOf, open, scenarioOf, vf, vm } from './cluster-of.js';
import { commission, migrate, net, start } from './orders.js';

const scenario = scenarioOf([host('a'), host('b')], [vm('m', 'a', { vf: vf(0) }), vm('n', 'a')]);
const detach = { port: 'hypervisor', kind: 'detach', machine: 'm', host: 'a', ...net('m', 0) } as const;
const announce = {
  port: 'fabric',
  kind: 'announce',
  machine: 'm',
  host: 'a',
  device: vf(0),
  mac: macOf('m'),
  vlan: null,
} as const;

describe('bad luck', () => {
  it('a dummy that is killed is gone, and its device is free, without a word', async () => {
    const simulator = open(scenario);
    await simulator.hypervisor.perform(commission('b', 'm', vf(0)), context());
    simulator.operator.killDummy('b', 'berth-dummy-m-net');
    expect((await simulator.hypervisor.observe()).dummies).toEqual([]);
    expect(code(simulator.operator.steal('b', vf(0), 'thief'))).toBe('done');
    expect(code(await simulator.hypervisor.perform(commission('b', 'm', vf(0)), context()))).toBe('failed DeviceInUse');
  });

  it('a thief cannot take what a dummy holds, and is seen when it takes something else', async () => {
    const simulator = open(scenario);
    await simulator.hypervisor.perform(commission('b', 'm', vf(0)), context());
    expect(code(simulator.operator.steal('b', vf(0), 'thief'))).toBe('failed DeviceInUse');
    expect(code(simulator.operator.steal('b', vf(1), 'thief'))).toBe('done');
    const { machines } = await simulator.hypervisor.observe();
    expect(machines.find((machine) => machine.name === 'thief')?.assignments).toMatchObject([{ device: vf(1) }]);
  });

  it('a port keeps its VFs while one is held, and loses them when none is', async () => {
    const simulator = open(scenario);
    expect(code(simulator.operator.setVfCount('a', 'ens1f0', 2))).toBe('failed DeviceInUse');
    expect(code(simulator.operator.setVfCount('b', 'ens1f0', 5))).toBe('failed NotSupported');
    expect(code(simulator.operator.setVfCount('b', 'ens1f0', 2))).toBe('done');
    const { hosts } = await simulator.hypervisor.observe();
    const count = hosts.map((other) => other.devices.filter((device) => device.function.kind === 'vf').length);
    expect(count).toEqual([4, 2]);
    expect(code(await simulator.hypervisor.perform(commission('b', 'm', vf(3)), context()))).toBe(
      'failed DeviceMissing',
    );
  });

  it.each([
    ['detach', detach],
    ['failover', migrate('m', 'a', 'b', { strategy: 'failover', devices: [net('m', 1)] })],
  ])('a guest that ignores unplugging makes %s end at its deadline, the machine unchanged', async (_, action) => {
    const simulator = open(scenario);
    simulator.operator.setGuest('m', { answersUnplug: false });
    const started = simulator.clock.now();
    const signal = deadline(simulator.clock, 30_000);
    expect(code(await simulator.hypervisor.perform(action, context({ signal })))).toBe('failed UnplugIgnored');
    expect(simulator.clock.now() - started).toBe(30_000);
    const { machines } = await simulator.hypervisor.observe();
    expect(machines.find((machine) => machine.name === 'm')).toMatchObject({
      host: 'a',
      state: 'running',
      assignments: [{ claim: 'net', device: vf(0), guestAddress: GUEST_ADDRESS, mac: macOf('m') }],
    });
  });

  it('announcements that are lost are repeated until the switch has learned the address', async () => {
    const simulator = open(scenario);
    simulator.operator.loseAnnouncements(3);
    const started = simulator.clock.now();
    expect(code(await simulator.fabric.perform(announce, context()))).toBe('done');
    expect(simulator.clock.now() - started).toBeGreaterThan(400);
    simulator.operator.loseAnnouncements(1_000_000);
    const signal = deadline(simulator.clock, 5000);
    expect(code(await simulator.fabric.perform(announce, context({ signal })))).toBe('failed DeadlineExceeded');
  });

  it('an announcement from a port that lacks the profile of the machine is never learned', async () => {
    const hosts = [host('a'), host('b')];
    const devices = { net: { bdf: vf(0), mac: macOf('m'), guestAddress: GUEST_ADDRESS, profile: 'midhaul' } };
    const simulator = open(scenarioOf(hosts, [vm('m', 'a', { devices })]));
    await simulator.hypervisor.perform(
      migrate('m', 'a', 'b', { strategy: 'failover', devices: [net('m', 1)] }),
      context(),
    );
    const there = { ...announce, host: 'b', device: vf(1) };
    const signal = deadline(simulator.clock, 5000);
    expect(code(await simulator.fabric.perform(there, context({ signal })))).toBe('failed DeadlineExceeded');
    const profile = { name: 'midhaul', vlan: 200, trunk: [], acl: [], rateMbps: 0 };
    const apply = {
      port: 'fabric',
      kind: 'apply-port-profile',
      machine: 'm',
      claim: 'net',
      host: 'b',
      device: vf(1),
    } as const;
    await simulator.fabric.perform({ ...apply, profile }, context());
    expect(code(await simulator.fabric.perform(there, context()))).toBe('done');
    const { switchPorts } = await simulator.fabric.observe();
    expect(switchPorts.map((port) => [port.host, port.learned])).toEqual([
      ['a', []],
      ['b', [macOf('m')]],
    ]);
  });

  it('a host that goes down takes its machines and dummies along, and frees their devices', async () => {
    const simulator = open(scenario);
    await simulator.hypervisor.perform(commission('a', 'x', vf(1)), context());
    simulator.operator.setHost('a', 'down');
    expect((await simulator.hypervisor.observe()).machines).toEqual([]);
    expect(code(await simulator.hypervisor.perform(start('a', 'new'), context()))).toBe('failed HostUnreachable');
    simulator.operator.setHost('a', 'up');
    const { machines, dummies } = await simulator.hypervisor.observe();
    expect(machines.map((machine) => machine.state)).toEqual(['stopped', 'stopped']);
    expect(dummies).toEqual([]);
    expect(code(simulator.operator.steal('a', vf(0), 'next'))).toBe('done');
  });

  it.each([
    ['b', [['a', 'running']], 'the target'],
    ['a', [], 'the source'],
  ])('a host %s that goes down during a migration ends it, leaving %j: %s', async (victim, left) => {
    const simulator = open(scenario);
    const moving = simulator.hypervisor.perform(migrate('n', 'a', 'b', { bandwidthMibps: 100 }), context());
    await simulator.clock.sleep(5000);
    simulator.operator.setHost(victim, 'down');
    expect(code(await moving)).toBe('failed HostUnreachable');
    const { machines } = await simulator.hypervisor.observe();
    const copies = machines.filter((machine) => machine.name === 'n');
    expect(copies.map((machine) => [machine.host, machine.state])).toEqual(left);
  });

  it('a machine that dies is stopped, and its device is free', async () => {
    const simulator = open(scenario);
    simulator.operator.killMachine('a', 'm');
    const { machines } = await simulator.hypervisor.observe();
    expect(machines.find((machine) => machine.name === 'm')).toMatchObject({ state: 'stopped', assignments: [] });
    expect(code(simulator.operator.steal('a', vf(0), 'next'))).toBe('done');
  });

  it('a machine that somebody starts twice is seen twice', async () => {
    const simulator = open(scenario);
    simulator.operator.duplicate('n', 'a', 'b');
    const { machines } = await simulator.hypervisor.observe();
    const copies = machines.filter((machine) => machine.name === 'n');
    expect(copies.map((machine) => [machine.host, machine.state])).toEqual([
      ['a', 'running'],
      ['b', 'running'],
    ]);
  });
});
