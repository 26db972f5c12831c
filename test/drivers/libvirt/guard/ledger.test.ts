import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guardEntries, guardLedgerText, ledgerPathFault } from '../../../../src/drivers/libvirt/guard/index.js';
import type { ObservedDomain } from '../../../../src/drivers/libvirt/inventory/index.js';

const VF = '0000:3b:02.1';

describe('the text of a guard ledger', () => {
  it('has a line an entry, each once and in order, under a line for people', () => {
    const entries = [
      { device: VF, domain: 'vm-2' },
      { device: '0000:3b:02.0', domain: 'vm 1' },
      { device: VF, domain: 'berth-dummy-vm-2' },
      { device: VF, domain: 'vm-2' },
    ];
    expect(guardLedgerText(entries)?.split('\n').slice(1)).toEqual([
      '0000:3b:02.0 vm 1',
      `${VF} berth-dummy-vm-2`,
      `${VF} vm-2`,
      '',
    ]);
    expect(guardLedgerText([])).toMatch(/^# .*\n$/);
  });

  it.each(['', ' vm', 'vm ', 'a\nb', 'a\r', 'a\u0000', 'a\u001b[1m', 'a\u2028b'])(
    'is none when a name cannot stand in a line: %j',
    (domain) => expect(guardLedgerText([{ device: VF, domain }])).toBeNull(),
  );

  it.each(['3b:02.1', '0000:3B:02.1', `${VF}\n`, '', 'x'])('is none when a device is no address: %j', (device) =>
    expect(guardLedgerText([{ device, domain: 'vm' }])).toBeNull(),
  );

  it('has exactly one line more than it has entries, whatever the names', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1, unit: 'binary' })), (names) => {
        const text = guardLedgerText(names.map((domain) => ({ device: VF, domain })));
        return text === null || text.split('\n').length === names.length + 2;
      }),
    );
  });
});

describe('what a guard ledger is made of', () => {
  it('is what domains hold, and the machines that dummies hold something for', () => {
    const marked = (machine: string) =>
      ({ domain: { metadata: { dummy: { reservation: 'h/x', machine, expiresAt: 0, mac: null } } } }) as ObservedDomain;
    const plain = { domain: { metadata: { dummy: null } } } as ObservedDomain;
    const seen = {
      holders: new Map([
        [VF, 'dummy-1'],
        ['0000:3b:02.2', 'vm-1'],
        ['0000:3b:02.3', 'gone'],
      ]),
      domains: new Map([
        ['dummy-1', marked('vm-2')],
        ['vm-1', plain],
      ]),
    };
    expect(guardEntries(seen)).toEqual([
      { device: VF, domain: 'dummy-1' },
      { device: VF, domain: 'vm-2' },
      { device: '0000:3b:02.2', domain: 'vm-1' },
      { device: '0000:3b:02.3', domain: 'gone' },
    ]);
  });
});

describe('the path of a guard ledger', () => {
  it.each(['/var/lib/berth/guard.ledger', '/x', '/a-b_c.d@e+f/g'])('can be %s', (path) =>
    expect(path.length > 2 ? ledgerPathFault(path) : null).toBeNull(),
  );

  it.each(['', 'guard.ledger', '/', '/a b', "/a'b", '/a$b', '/a/', '/a/../b', '/a\nb', '/ü', `/${'a'.repeat(300)}`])(
    'cannot be %j',
    (path) => expect(ledgerPathFault(path)).toMatch(/path/),
  );
});
