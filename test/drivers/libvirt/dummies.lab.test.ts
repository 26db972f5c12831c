import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { HypervisorAction, Outcome } from '../../../src/model/index.js';
import { printXml } from '../../../src/drivers/libvirt/xml/index.js';
import { dummyDomain } from '../../../src/drivers/libvirt/domain/dummy.js';
import type { DummyMark } from '../../../src/drivers/libvirt/inventory/index.js';
import { plain, told } from '../../contracts/bench.js';
import { describeLab } from '../../lab/describe.js';
import { firmwareGuest } from '../../lab/guest/machine.js';
import type { LabHost } from '../../lab/namespaces/host.js';
import { openLab, type Lab } from '../../lab/namespaces/lab.js';
import { standInBacking, standInFunctions, standIns } from '../../lab/stand-in.js';
import { machineDoc } from '../../reconcile/documents-of.js';
import { cardXml, clear, openLabDriver } from './lab-cluster.js';
import { oneMachine, openLabLoop, startGuests } from './lab-loop.js';
import { openClient } from './rpc/lab-client.js';

type Commission = Extract<HypervisorAction, { readonly kind: 'commission' }>;

describeLab('dummies on real hypervisors', ['hypervisors', 'stand-in functions'], () => {
  const [first = '', second = '', third = ''] = standIns;
  const of = oneMachine('vfio-live', 64);
  let lab: Lab;
  let target: LabHost;

  beforeAll(async () => {
    lab = await openLab({ hosts: 2 });
    [, target] = lab.hosts as unknown as [LabHost, LabHost];
  });
  afterEach(() => clear(lab.hosts));
  afterAll(() => lab.close());

  const commission: Commission = {
    port: 'hypervisor',
    kind: 'commission',
    host: 'h2',
    dummy: 'berth-dummy-cu-1-net0',
    devices: [first],
    mac: '02:be:47:00:00:01',
    reservation: `h2/${first}`,
    machine: 'cu-1',
    ttlSeconds: 600,
  };
  /** As the kernel ends a process when memory is short: nobody is asked. */
  const kill = async (guest: string): Promise<void> => {
    await target.exec(['sh', '-c', `kill -9 $(cat /run/libvirt/qemu/${guest}.pid)`]);
  };
  /** A dummy that this controller has not made. */
  async function plant(name: string, device: string, mark: DummyMark | null): Promise<void> {
    const found = standInFunctions.find(({ bdf }) => bdf === device);
    if (found === undefined) throw new Error(`there is no stand-in ${device}`);
    const client = await openClient(target.uri);
    const mac = `02:be:47:00:01:0${device.at(-1) ?? ''}`;
    const given = { reservation: '', machine: '', expiresAt: 0, mac, ...mark };
    const devices = [{ claim: 'held-0', device: found }];
    const xml = printXml(dummyDomain({ name, type: 'qemu', devices, mac, mark: given }, standInBacking));
    const bare = xml.replace(/<metadata>.*<\/metadata>/s, '');
    await client.createXml(mark === null ? bare : xml, ['paused']);
    await client.close();
  }

  it('are noticed when they are killed, and taken again', async () => {
    const { hypervisor } = openLabDriver(lab.hosts);
    expect(told(await hypervisor.perform(commission, plain()))).toBe('done');
    expect((await hypervisor.observe()).dummies).toMatchObject([{ name: commission.dummy, devices: [first] }]);
    await kill(commission.dummy);
    await expect.poll(async () => (await hypervisor.observe()).dummies, { timeout: 30_000 }).toEqual([]);
    expect(told(await hypervisor.perform(commission, plain()))).toBe('done');
    expect((await hypervisor.observe()).dummies).toMatchObject([{ name: commission.dummy, devices: [first] }]);
    await hypervisor.close();
  });

  it('outlive the daemon and the controller, and are found again by both', async () => {
    const before = openLabDriver(lab.hosts);
    expect(told(await before.hypervisor.perform(commission, plain()))).toBe('done');
    const { dummies } = await before.hypervisor.observe();
    await before.hypervisor.close();
    await target.killDaemon();
    await target.startDaemon();
    const after = openLabDriver(lab.hosts);
    expect((await after.hypervisor.observe()).dummies).toEqual(dummies);
    expect(told(await after.hypervisor.perform(commission, plain()))).toBe('done');
    expect((await after.hypervisor.observe()).dummies).toEqual(dummies);
    await after.hypervisor.close();
  });

  it('that others made are left alone, even when an order names them', async () => {
    await plant('somebody-elses', first, null);
    const { hypervisor } = openLabDriver(lab.hosts);
    const order = { port: 'hypervisor', kind: 'decommission', host: 'h2', dummy: 'somebody-elses' } as const;
    expect(told(await hypervisor.perform(order, plain()))).toBe('failed Conflict');
    expect(told(await hypervisor.perform(commission, plain()))).toBe('failed DeviceInUse');
    const { dummies, machines } = await hypervisor.observe();
    expect(dummies).toEqual([]);
    expect(machines).toMatchObject([{ name: 'somebody-elses', state: 'paused', assignments: [{ device: first }] }]);
    await hypervisor.close();
  });

  /** The move of one machine to h2, with somebody between the controller and the hypervisors. */
  async function move(meddle: (action: HypervisorAction, next: () => Promise<Outcome>) => Promise<Outcome>) {
    const loop = openLabLoop({ hosts: lab.hosts, of });
    await startGuests(lab.hosts, of);
    const { swept } = await loop.pass();
    const [machine] = of.machines;
    if (machine === undefined) throw new Error('there is no machine');
    loop.repository.commit({ 'machines/cu-1.yaml': machineDoc({ ...machine, host: 'h2' }) });
    const facts = await loop.pass({ meddle });
    const result = {
      facts,
      host: await loop.hostOf('cu-1'),
      broken: await loop.atRest(['cu-1']),
      seen: await loop.look(),
    };
    await loop.close();
    return { ...result, swept };
  }

  it('that are killed in the middle of a move are taken again, and the move goes on', async () => {
    let commissions = 0;
    const { facts, host, broken } = await move(async (action, next) => {
      const outcome = await next();
      if (action.kind === 'commission' && ++commissions === 1) await kill(action.dummy);
      return outcome;
    });
    expect(commissions).toBe(2);
    expect(facts.execution?.result).toBe('succeeded');
    expect(host).toBe('h2');
    expect(broken).toEqual([]);
  });

  it('whose VF somebody takes when they are killed are lost: the move is undone, and the thief keeps what it has', async () => {
    let stolenOnce = false;
    const { facts, host, broken, seen } = await move(async (action, next) => {
      const outcome = await next();
      if (action.kind === 'commission' && !stolenOnce) {
        stolenOnce = true;
        await kill(action.dummy);
        const stolen = { claim: 'stolen', device: action.devices[0] ?? '', guestAddress: '', mac: '52:54:00:00:99:01' };
        await target.create(firmwareGuest({ name: 'thief', number: 77, devices: cardXml(stolen) }));
      }
      return outcome;
    });
    expect(facts.execution).toMatchObject({ result: 'failed', moves: [{ result: 'undone' }] });
    expect(host).toBe('h1');
    expect(broken).toEqual([]);
    expect(seen.machines.find(({ name }) => name === 'thief')).toMatchObject({ state: 'running' });
    expect(seen.machines.find(({ name }) => name === 'cu-1')?.assignments).toHaveLength(1);
  });

  it('of others, and expired ones, are reported; only ours is taken away, and the move takes another VF', async () => {
    const lapsed = {
      reservation: `h2/${second}`,
      machine: 'gone',
      expiresAt: 1_700_000_000_000,
      mac: '02:be:47:00:01:01',
    };
    await plant('somebody-elses', first, null);
    await plant('berth-dummy-gone-net', second, lapsed);
    await plant('other-controller', third, { ...lapsed, reservation: `h2/${third}`, expiresAt: 4_000_000_000_000 });
    const { facts, host, broken, seen, swept } = await move((_, next) => next());
    expect(swept).toMatchObject([{ subject: 'Dummy/h2/berth-dummy-gone-net', done: true }]);
    expect(facts.plan?.drift.map(({ subject, code }) => `${subject} ${code}`)).toEqual(
      expect.arrayContaining(['Dummy/other-controller ForeignDummy', 'VirtualMachine/somebody-elses UnmanagedMachine']),
    );
    expect(host).toBe('h2');
    expect(facts.execution?.result).toBe('succeeded');
    expect(seen.dummies.map(({ name }) => name)).toEqual(['other-controller']);
    expect(seen.machines.map(({ name }) => name)).toContain('somebody-elses');
    expect(broken).toEqual(['dummy other-controller stands on h2']);
  });
});
