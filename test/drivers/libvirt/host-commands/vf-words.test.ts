import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { setVfWords } from '../../../../src/drivers/libvirt/host-commands/vf-words.js';
import { IDLE_VF, type VfAttributes } from '../../../../src/model/index.js';

describe('the command that sets a VF', () => {
  it('says all attributes of an idle one', () => {
    expect(setVfWords('ens1f0', 3, IDLE_VF)?.join(' ')).toBe(
      'ip link set dev ens1f0 vf 3 mac 00:00:00:00:00:00 vlan 0 qos 0 spoofchk on trust off max_tx_rate 0 min_tx_rate 0 state auto',
    );
  });

  it('says only what changes', () => {
    expect(setVfWords('p0', 0, { trust: true })?.join(' ')).toBe('ip link set dev p0 vf 0 trust on');
    expect(setVfWords('p0', 0, { vlan: 5 })?.join(' ')).toBe('ip link set dev p0 vf 0 vlan 5 qos 0');
    expect(setVfWords('p0', 0, { linkState: 'enable', maxTxMbps: 9 })?.join(' ')).toBe(
      'ip link set dev p0 vf 0 max_tx_rate 9 state enable',
    );
  });

  it.each(['-h', '', 'a b', 'a;b', '$x', 'a/b', '`id`', "a'b", 'a\n', 'ü', 'abcdefghijklmnop', '.x'])(
    'is none for a port of the name %j',
    (netdev) => expect(setVfWords(netdev, 0, {})).toBeNull(),
  );

  it.each([
    { reason: 'a tag that does not exist', change: { vlan: 4095 } },
    { reason: 'a negative tag', change: { vlan: -1 } },
    { reason: 'a priority over 7', change: { vlan: 1, qos: 8 } },
    { reason: 'half a megabit', change: { maxTxMbps: 0.5 } },
    { reason: 'a rate that is no number', change: { minTxMbps: NaN } },
    { reason: 'an address that is none', change: { adminMac: '52:54:00:00:00:0g' } },
    { reason: 'an address with more behind it', change: { adminMac: '52:54:00:00:00:01 trust on' } },
    { reason: 'a link state that does not exist', change: { linkState: 'on' as VfAttributes['linkState'] } },
  ])('is none for $reason', ({ change }) => expect(setVfWords('p0', 0, change)).toBeNull());

  it('is none for an index that is none', () => {
    for (const index of [-1, 1.5, NaN, 65_536]) expect(setVfWords('p0', index, {})).toBeNull();
  });

  it('has only words that mean themselves in every shell, whatever it is asked for', () => {
    const change = fc.record(
      {
        adminMac: fc.option(fc.string()),
        vlan: fc.option(fc.double()),
        qos: fc.double(),
        minTxMbps: fc.double(),
        maxTxMbps: fc.integer(),
        trust: fc.boolean(),
        linkState: fc.string() as fc.Arbitrary<VfAttributes['linkState']>,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.string(), fc.integer(), change, (netdev, index, attributes) =>
        (setVfWords(netdev, index, attributes) ?? []).every((word) => /^[A-Za-z0-9_.:-]+$/.test(word)),
      ),
    );
  });
});
