import { describe, expect, it } from 'vitest';
import { LibvirtFabric } from '../../../src/drivers/libvirt/fabric.js';
import { HostCommands } from '../../../src/drivers/libvirt/host-commands/index.js';
import type { Ran, Words } from '../../../src/drivers/libvirt/host-commands/run.js';
import { silentHost } from '../../../src/drivers/libvirt/inventory/index.js';
import {
  deviceKey,
  failed,
  IDLE_VF,
  type DeviceRef,
  type Dummy,
  type FabricAction,
  type Outcome,
  type PciDevice,
  type VfAttributes,
} from '../../../src/model/index.js';
import { effectOf } from '../../../src/reconcile/effect.js';

const PF = '0000:3b:00.0';
const VF = '0000:3b:02.1';
const OWNER = { machine: 'vm', claim: 'net', host: 'a', device: VF };

type VfAction = Extract<FabricAction, { readonly kind: 'set-vf' | 'reset-vf' }>;
const setVf = (change: Partial<VfAttributes>): VfAction => ({
  ...{ port: 'fabric', kind: 'set-vf', ...OWNER },
  attributes: { ...IDLE_VF, ...change },
});
const resetVf: VfAction = { port: 'fabric', kind: 'reset-vf', ...OWNER, attributes: IDLE_VF };
const profile = { name: 'access', vlan: 5, trunk: [], acl: [], rateMbps: 0 };
const crossing = { port: 'fabric', machine: 'vm', mac: '52:54:00:00:00:01', from: 'b', to: 'a' } as const;

function device(bdf: string, is: PciDevice['function']): PciDevice {
  return {
    ...{ bdf, vendor: '8086', device: '10ca', category: 'network', driver: 'vfio-pci' },
    ...{ iommuGroup: 1, numaNode: 0, liveMigratable: false, function: is },
  };
}

/** A kernel with one port and its second VF, which takes attributes as `ip` tells them. */
function kernel(start: Partial<VfAttributes> = {}) {
  const state: { now: VfAttributes; said: string[]; next: Ran[]; ignores: readonly (keyof VfAttributes)[] } = {
    now: { ...IDLE_VF, ...start },
    said: [],
    next: [],
    ignores: [],
  };
  const take = (words: readonly string[]): void => {
    const value = (word: string): string | undefined => words[words.indexOf(word) + 1 || words.length];
    const wanted: Partial<Record<keyof VfAttributes, unknown>> = {
      ...(words.includes('mac') && { adminMac: value('mac') === '00:00:00:00:00:00' ? null : value('mac') }),
      ...(words.includes('vlan') && { vlan: Number(value('vlan')) || null, qos: Number(value('qos')) }),
      ...(words.includes('trust') && { trust: value('trust') === 'on' }),
      ...(words.includes('spoofchk') && { spoofCheck: value('spoofchk') === 'on' }),
      ...(words.includes('max_tx_rate') && { maxTxMbps: Number(value('max_tx_rate')) }),
      ...(words.includes('min_tx_rate') && { minTxMbps: Number(value('min_tx_rate')) }),
      ...(words.includes('state') && { linkState: value('state') }),
    };
    const kept = Object.entries(wanted).filter(([name]) => !state.ignores.includes(name as keyof VfAttributes));
    state.now = { ...state.now, ...Object.fromEntries(kept) };
  };
  const show = (): string => {
    const { adminMac, vlan, qos, trust, spoofCheck, maxTxMbps, minTxMbps, linkState } = state.now;
    const rate = { max_tx: maxTxMbps, min_tx: minTxMbps };
    const tag = vlan === null ? {} : { vlan, qos };
    const address = adminMac ?? '00:00:00:00:00:00';
    const shown = { vf: 1, address, vlan_list: [tag], rate, spoofchk: spoofCheck, trust, link_state: linkState };
    return JSON.stringify([{ ifname: 'p0', vfinfo_list: [shown] }]);
  };
  const commands = new HostCommands((words: Words) => {
    const scripted = state.next.shift();
    if (scripted !== undefined && scripted.kind !== 'ended') return Promise.resolve(scripted);
    if (!words.includes('set')) return Promise.resolve({ kind: 'ended', status: 0, stdout: show(), stderr: '' });
    state.said.push(words.slice(7).join(' '));
    if (scripted !== undefined) return Promise.resolve(scripted);
    take(words);
    return Promise.resolve({ kind: 'ended', status: 0, stdout: '', stderr: '' });
  });
  return { commands, state };
}

interface Around {
  readonly commands?: HostCommands | null;
  readonly holder?: string;
  readonly isDummy?: boolean;
  readonly silent?: boolean;
  readonly netdev?: string;
}

function open({ commands = null, holder, isDummy = false, silent = false, netdev = 'p0' }: Around = {}) {
  const pf = device(PF, { kind: 'pf', netdev, speedMbps: 1, totalVfs: 2, mode: 'legacy', linkState: 'up' });
  const vf = device(VF, { kind: 'vf', parent: PF, index: 1, attributes: IDLE_VF });
  const dummies = isDummy ? [{ name: holder ?? '' } as Dummy] : [];
  const seen = {
    host: { ...silentHost('a', null), devices: [pf, vf, device('0000:af:00.0', { kind: 'whole' })] },
    holders: new Map(holder === undefined ? [] : [[VF, holder]]),
    dummies,
  };
  const newest = new Map<string, number>();
  return new LibvirtFabric({
    hosts: [{ name: 'a', commands, look: () => Promise.resolve(silent ? null : seen) }],
    refusal: (ref: DeviceRef, epoch): Outcome | null => {
      const last = newest.get(deviceKey(ref)) ?? 0;
      if (epoch !== null && epoch < last) return failed('StaleEpoch', 'old');
      newest.set(deviceKey(ref), epoch ?? last);
      return null;
    },
  });
}

const perform = (fabric: LibvirtFabric, action: FabricAction, epoch: number | null = 1): Promise<Outcome> =>
  fabric.perform(action, {
    idempotencyKey: 'k',
    signal: new AbortController().signal,
    epoch,
    onProgress: () => undefined,
  });
const code = (outcome: Outcome): string => (outcome.kind === 'done' ? 'done' : outcome.code);

describe('the fabric of libvirt hosts, without commands on them', () => {
  it.each([
    { reason: 'an idle one', action: setVf({}) },
    { reason: 'one with address and VLAN, which libvirt sets', action: setVf({ adminMac: crossing.mac, vlan: 7 }) },
    { reason: 'one that is given back', action: resetVf },
  ])('is content with $reason, and says that nothing was set', async ({ action }) => {
    const outcome = await perform(open(), action);
    expect(outcome).toMatchObject({ kind: 'done', detail: expect.stringContaining('nothing was set') as string });
  });

  it.each([{ trust: true }, { spoofCheck: false }, { maxTxMbps: 100 }, { linkState: 'enable' }] as const)(
    'refuses %o, and says what to configure',
    async (change) => {
      const outcome = await perform(open(), setVf(change));
      expect(outcome).toMatchObject({ kind: 'failed', code: 'NotSupported' });
      expect(outcome).toHaveProperty('message', expect.stringContaining('spec.connection.hosts.a.commands') as string);
      expect(outcome).toHaveProperty('message', expect.stringContaining(Object.keys(change)[0] ?? '') as string);
    },
  );

  it('says of switches, announcements and forwards that no fabric is configured, and what was not done', async () => {
    const actions: readonly FabricAction[] = [
      { port: 'fabric', kind: 'apply-port-profile', profile, ...OWNER },
      { port: 'fabric', kind: 'remove-port-profile', profile, ...OWNER },
      { port: 'fabric', kind: 'announce', machine: 'vm', host: 'a', device: VF, mac: crossing.mac, vlan: null },
      { kind: 'forward', seconds: 10, ...crossing },
      { kind: 'unforward', ...crossing },
    ];
    const fabric = open();
    const outcomes = await Promise.all(actions.map((action) => perform(fabric, action)));
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({
        kind: 'done',
        detail: expect.stringMatching(/^no fabric is configured: ./) as string,
      });
    expect(await fabric.observe()).toEqual({ switchPorts: [], forwards: [] });
  });
});

describe('the fabric of libvirt hosts, with commands on them', () => {
  it('sets what differs, once, and sees that it is there', async () => {
    const { commands, state } = kernel({ trust: true });
    const fabric = open({ commands, holder: 'dummy', isDummy: true });
    const action = setVf({ trust: true, vlan: 100, maxTxMbps: 500 });
    expect(await perform(fabric, action)).toMatchObject({ kind: 'done' });
    expect(state.said).toEqual(['vlan 100 qos 0 max_tx_rate 500 min_tx_rate 0']);
    expect(await perform(fabric, action)).toMatchObject({ kind: 'done' });
    expect(state.said).toHaveLength(1);
  });

  it.each([
    { where: 'with commands', around: kernel() },
    { where: 'without commands', around: { commands: null, state: { said: [] } } },
  ])('refuses a VLAN priority $where: libvirt would write 0 when the machine gets the VF', async ({ around }) => {
    const outcome = await perform(open({ commands: around.commands }), setVf({ vlan: 100, qos: 3 }));
    expect(outcome).toMatchObject({ kind: 'failed', code: 'NotSupported' });
    expect(outcome).toHaveProperty(
      'message',
      expect.stringMatching(/libvirt writes priority 0.*qos of claim net/) as string,
    );
    expect(around.state.said).toEqual([]);
  });

  it('takes a VLAN priority away that somebody else has set', async () => {
    const { commands, state } = kernel({ vlan: 100, qos: 3 });
    expect(code(await perform(open({ commands }), setVf({ vlan: 100 })))).toBe('done');
    expect(state.now).toMatchObject({ vlan: 100, qos: 0 });
    state.now = { ...state.now, qos: 3 };
    expect(code(await perform(open({ commands }), resetVf))).toBe('done');
    expect(state.now).toEqual(IDLE_VF);
  });

  it('leaves the address to libvirt when a VF is set, and takes it away when it is given back', async () => {
    const { commands, state } = kernel({ adminMac: '52:54:00:aa:aa:aa', trust: true });
    await perform(open({ commands }), setVf({ trust: true }));
    expect(state.said).toEqual([]);
    expect(await perform(open({ commands }), resetVf)).toMatchObject({ kind: 'done' });
    expect(state.now).toEqual(IDLE_VF);
  });

  it('leaves a dummy its address while it undoes the rest', async () => {
    const { commands, state } = kernel({ adminMac: '02:00:00:00:00:01', trust: true });
    await perform(open({ commands, holder: 'dummy', isDummy: true }), resetVf);
    expect(state.now).toEqual({ ...IDLE_VF, adminMac: '02:00:00:00:00:01' });
  });

  it.each([
    {
      reason: 'another machine has it',
      around: { holder: 'other' },
      action: setVf({ trust: true }),
      expected: 'DeviceInUse',
    },
    {
      reason: 'it is to be reset and its machine has it',
      around: { holder: 'vm' },
      action: resetVf,
      expected: 'DeviceInUse',
    },
    { reason: 'the host does not answer', around: { silent: true }, action: resetVf, expected: 'HostUnreachable' },
    { reason: 'its port has no network device', around: { netdev: '' }, action: resetVf, expected: 'NotSupported' },
    { reason: 'its port shows no such VF', around: { netdev: 'p9' }, action: resetVf, expected: 'NotSupported' },
    { reason: 'it is no VF', around: {}, action: { ...resetVf, device: '0000:af:00.0' }, expected: 'NotSupported' },
    {
      reason: 'there is no such device',
      around: {},
      action: { ...resetVf, device: '0000:af:00.1' },
      expected: 'DeviceMissing',
    },
    {
      reason: 'the host is not configured',
      around: {},
      action: { ...resetVf, host: 'z' },
      expected: 'HostUnreachable',
    },
  ])('sets nothing when $reason', async ({ around, action, expected }) => {
    const { commands, state } = kernel({ qos: 1 });
    expect(code(await perform(open({ commands, ...around }), action))).toBe(expected);
    expect(state.said).toEqual([]);
  });

  it('refuses an order of an older epoch, such as a reset that comes after the VF was given again', async () => {
    const { commands, state } = kernel({ trust: true });
    const fabric = open({ commands });
    await perform(fabric, setVf({ trust: true }), 5);
    expect(code(await perform(fabric, resetVf, 4))).toBe('StaleEpoch');
    expect(state.now.trust).toBe(true);
    expect(code(await perform(fabric, resetVf, 6))).toBe('done');
  });

  const ended = (stderr: string): Ran => ({ kind: 'ended', status: 2, stdout: '', stderr });
  const shown: Ran = { kind: 'ended', status: 0, stdout: '', stderr: '' };
  it.each([
    { reason: 'the driver cannot', says: 'RTNETLINK answers: Operation not supported', expected: 'NotSupported' },
    {
      reason: 'the driver does not take the value',
      says: 'RTNETLINK answers: Invalid argument',
      expected: 'NotSupported',
    },
    {
      reason: 'the user has no rights',
      says: 'RTNETLINK answers: Operation not permitted',
      expected: 'PreconditionFailed',
    },
    { reason: 'the port has gone', says: 'Cannot find device "p0"', expected: 'DeviceMissing' },
  ])('fails in the words of the kernel when $reason, and names what is not as wanted', async ({ says, expected }) => {
    const { commands, state } = kernel();
    state.next.push(shown, ended(says));
    const outcome = await perform(open({ commands }), setVf({ linkState: 'enable' }));
    expect(code(outcome)).toBe(expected);
    expect(outcome).toHaveProperty('message', `linkState of ${VF} of host a cannot be set: ${says}`);
  });

  it('fails when a driver takes the order and does not follow it', async () => {
    const { commands, state } = kernel();
    state.ignores = ['trust'];
    const outcome = await perform(open({ commands }), setVf({ trust: true, vlan: 5 }));
    expect(code(outcome)).toBe('NotSupported');
    expect(outcome).toHaveProperty('message', expect.stringMatching(/^trust of/) as string);
  });

  it('bears a driver that makes up an address where there shall be none', async () => {
    const { commands, state } = kernel({ adminMac: '52:54:00:aa:aa:aa' });
    state.ignores = ['adminMac'];
    expect(code(await perform(open({ commands }), resetVf))).toBe('done');
  });

  const lost: Ran = { kind: 'unanswered', message: 'no answer within 1 ms' };
  it('knows that nothing was done when the first question was not answered, and knows nothing when the order was not', async () => {
    const { commands, state } = kernel();
    state.next.push(lost);
    expect(await perform(open({ commands }), setVf({ trust: true }))).toMatchObject({
      kind: 'failed',
      code: 'HostUnreachable',
    });
    state.next.push(shown, lost);
    expect(await perform(open({ commands }), setVf({ trust: true }))).toMatchObject({
      kind: 'unknown',
      code: 'HostUnreachable',
    });
  });
});

describe('what became of an order to the fabric', () => {
  const world = (attributes: VfAttributes) => ({
    ...{ cluster: 'c', at: 0, machines: [], dummies: [], latencies: [], switchPorts: [], forwards: [] },
    ...{ reservations: [], samples: [], lastMoves: [] },
    hosts: [
      {
        ...silentHost('a', null),
        state: 'up' as const,
        devices: [device(VF, { kind: 'vf', parent: PF, index: 1, attributes })],
      },
    ],
  });

  it('is seen by the attributes that the host shows', () => {
    expect(effectOf(setVf({ trust: true }), world({ ...IDLE_VF, trust: true }))).toBe('present');
    expect(effectOf(setVf({ trust: true }), world(IDLE_VF))).toBe('absent');
    expect(effectOf(resetVf, world(IDLE_VF))).toBe('present');
  });

  it('of which nothing can be seen is absent when something should be there, so that it is done and told again', () => {
    expect(effectOf({ kind: 'forward', seconds: 1, ...crossing }, world(IDLE_VF))).toBe('absent');
    expect(effectOf({ kind: 'unforward', ...crossing }, world(IDLE_VF))).toBe('present');
    expect(effectOf({ port: 'fabric', kind: 'remove-port-profile', profile, ...OWNER }, world(IDLE_VF))).toBe(
      'present',
    );
  });
});
