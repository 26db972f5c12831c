import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HostCommands, readVfCounters, withVfAttributes } from '../../../../src/drivers/libvirt/host-commands/index.js';
import { parseLinks, vfStates } from '../../../../src/drivers/libvirt/host-commands/link.js';
import { IDLE_VF, type PciDevice } from '../../../../src/model/index.js';

/** What iproute2 6.1 printed on a host with kernel 6.1 and an igb NIC with three VFs, the first two of which had been given attributes. */
const igb = readFileSync(new URL('../fixtures/ip-link-igb.json', import.meta.url), 'utf8');

const one = (vf: object): string => JSON.stringify([{ ifname: 'p0', vfinfo_list: [{ vf: 0, ...vf }] }]);
const attributes = (vf: object) => parseLinks(one(vf))?.get('p0')?.[0]?.attributes;
const counters = (vf: object) => parseLinks(one(vf))?.get('p0')?.[0]?.counters;

describe('the answer of `ip link`', () => {
  it('tells the attributes of each VF of a real igb port', () => {
    const links = parseLinks(igb);
    expect([...(links?.keys() ?? [])]).toEqual(['eth0']);
    expect(links?.get('eth0')?.map((vf) => vf.attributes)).toEqual([
      { ...IDLE_VF, adminMac: '52:54:00:12:34:56', vlan: 100, qos: 3, trust: true, spoofCheck: false },
      { ...IDLE_VF, maxTxMbps: 200 },
      { ...IDLE_VF, vlan: 4095 },
    ]);
  });

  it('tells nothing of traffic where a driver shows only zeros', () => {
    expect(
      parseLinks(igb)
        ?.get('eth0')
        ?.map((vf) => vf.counters),
    ).toEqual([null, null, null]);
  });

  it.each([
    { reason: 'as newer versions name them', tx: { bytes: 3, packets: 4 } },
    { reason: 'as older versions name them', tx: { tx_bytes: 3, tx_packets: 4 } },
  ])('reads counters $reason', ({ tx }) => {
    expect(counters({ stats: { rx: { bytes: 1, packets: 2 }, tx } })).toEqual({
      rxBytes: 1,
      rxPackets: 2,
      txBytes: 3,
      txPackets: 4,
    });
  });

  it.each([
    { reason: 'no attributes at all', vf: {}, expected: IDLE_VF },
    {
      reason: 'words for truth values',
      vf: { trust: 'on', spoofchk: 'off' },
      expected: { trust: true, spoofCheck: false },
    },
    { reason: 'a tag outside of a list', vf: { vlan: 7, qos: 1 }, expected: { vlan: 7, qos: 1 } },
    { reason: 'both rates', vf: { rate: { max_tx: 100, min_tx: 10 } }, expected: { maxTxMbps: 100, minTxMbps: 10 } },
    { reason: 'the old rate only', vf: { tx_rate: 50 }, expected: { maxTxMbps: 50 } },
    { reason: 'a link that is off', vf: { link_state: 'disable' }, expected: { linkState: 'disable' } },
    { reason: 'no address, as zeros', vf: { address: '00:00:00:00:00:00' }, expected: { adminMac: null } },
    {
      reason: 'the old name of the address',
      vf: { mac: '52:54:00:AA:BB:CC' },
      expected: { adminMac: '52:54:00:aa:bb:cc' },
    },
    {
      reason: 'values of wrong kinds',
      vf: { trust: 3, vlan_list: 'x', rate: [], link_state: {}, address: 4 },
      expected: IDLE_VF,
    },
    {
      reason: 'negative and endless numbers',
      vf: { vlan: -1, qos: Number.MAX_VALUE * 2, rate: { max_tx: -5 } },
      expected: IDLE_VF,
    },
  ])('with $reason means what such a VF has', ({ vf, expected }) => {
    expect(attributes(vf)).toEqual({ ...IDLE_VF, ...expected });
  });

  it.each(['', 'Device "p0" does not exist.', '{}', '3', 'null', '[{"ifname":"p0"'])(
    'is none when it is %j',
    (text) => {
      expect(parseLinks(text)).toBeNull();
    },
  );

  it('leaves out links without VFs, and what is no link', () => {
    const text = JSON.stringify([null, 3, {}, { ifname: 'lo' }, { ifname: 'p0', vfinfo_list: [null, {}, { vf: -1 }] }]);
    expect(parseLinks(text)).toEqual(new Map([['p0', []]]));
  });

  it('never throws, whatever comes', () => {
    fc.assert(fc.property(fc.json(), (text) => void parseLinks(text)));
    fc.assert(fc.property(fc.array(fc.object()), (links) => void parseLinks(JSON.stringify(links))));
    fc.assert(fc.property(fc.object(), (vf) => void parseLinks(one(vf))));
  });
});

describe('the devices of a host', () => {
  const device = (bdf: string, is: PciDevice['function']): PciDevice => ({
    ...{ bdf, vendor: '8086', device: '10ca', category: 'network', driver: null },
    ...{ iommuGroup: 1, numaNode: 0, liveMigratable: false, function: is },
  });
  const pf = (bdf: string, netdev: string) =>
    device(bdf, { kind: 'pf', netdev, speedMbps: 1000, totalVfs: 7, mode: 'legacy', linkState: 'up' });
  const vf = (bdf: string, parent: string, index: number) =>
    device(bdf, { kind: 'vf', parent, index, attributes: IDLE_VF });
  const devices = [
    ...[pf('0000:01:00.0', 'eth0'), vf('0000:01:10.0', '0000:01:00.0', 0), vf('0000:01:10.4', '0000:01:00.0', 2)],
    ...[vf('0000:01:10.6', '0000:01:00.0', 3), pf('0000:02:00.0', ''), vf('0000:02:10.0', '0000:02:00.0', 0)],
  ];
  const links = parseLinks(igb) ?? new Map();

  it('are found under their ports by index', () => {
    expect([...vfStates(devices, links)].map(([bdf, state]) => [bdf, state.attributes.vlan])).toEqual([
      ['0000:01:10.0', 100],
      ['0000:01:10.4', 4095],
    ]);
  });

  it('get the attributes that the kernel shows, and keep the others', () => {
    const shown = withVfAttributes(devices, links);
    expect(shown.map(({ function: is }) => (is.kind === 'vf' ? is.attributes.vlan : is.kind))).toEqual([
      'pf',
      100,
      4095,
      null,
      'pf',
      null,
    ]);
    expect(withVfAttributes(devices, new Map())).toEqual(devices);
  });

  it('tell the counters of those VFs whose driver counts, or that nobody could be asked', async () => {
    const stats = { rx: { bytes: 1, packets: 2 }, tx: { bytes: 3, packets: 4 } };
    const vfs = [{ vf: 0, stats }, { vf: 2 }, { vf: 9, stats }];
    const stdout = JSON.stringify([{ ifname: 'eth0', vfinfo_list: vfs }]);
    const counting = new HostCommands(() => Promise.resolve({ kind: 'ended', status: 0, stdout, stderr: '' }));
    expect(await readVfCounters(counting, devices, 1000)).toEqual(
      new Map([['0000:01:10.0', { rxBytes: 1, rxPackets: 2, txBytes: 3, txPackets: 4 }]]),
    );
    const silent = new HostCommands(() => Promise.resolve({ kind: 'unanswered', message: 'no answer' }));
    await expect(readVfCounters(silent, devices, 1000)).rejects.toThrow('no answer');
  });
});
