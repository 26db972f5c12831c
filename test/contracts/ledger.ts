import { describe, expect, it } from 'vitest';
import type { Reservation } from '../../src/model/index.js';
import type { Ledger } from '../../src/ports/index.js';

/** How one implementation is opened: `reopen` gives another handle on the same entries, as a second process has it. */
export interface LedgerFixture {
  readonly open: () => { readonly ledger: Ledger; readonly reopen: () => Ledger };
}

const device = { host: 'h1', device: '0000:3b:02.0' };

/** A reservation of `device` with the usual values. */
export function entry(epoch: number, parts: Partial<Reservation> = {}): Reservation {
  return {
    ...device,
    epoch,
    phase: 'Pending',
    machine: 'du-1',
    claim: 'fronthaul',
    holder: 'none',
    dummy: null,
    move: 'du-1.1',
    planHash: 'p1',
    expiresAt: null,
    ...parts,
  };
}

/** What every ledger has to do. */
export function ledgerContract(name: string, fixture: LedgerFixture): void {
  describe(`the ledger contract: ${name}`, () => {
    it('takes the first entry of a device at epoch 1 and keeps it', async () => {
      const { ledger, reopen } = fixture.open();
      expect(await ledger.read()).toEqual([]);
      expect(await ledger.swap(device, 0, entry(1))).toEqual({ won: true, stored: entry(1) });
      expect(await reopen().read()).toEqual([entry(1)]);
    });

    it('refuses a swap that expects another epoch, and tells what stands', async () => {
      const { ledger } = fixture.open();
      await ledger.swap(device, 0, entry(1));
      const late = await ledger.swap(device, 0, entry(1, { machine: 'du-2' }));
      expect(late).toEqual({ won: false, stored: entry(1) });
      expect(await ledger.swap(device, 4, entry(5))).toEqual({ won: false, stored: entry(1) });
    });

    it('throws for an entry whose epoch does not follow, or that is of another device', async () => {
      const { ledger } = fixture.open();
      await expect(ledger.swap(device, 0, entry(2))).rejects.toThrow(/epoch 2/);
      await expect(ledger.swap({ ...device, host: 'h2' }, 0, entry(1))).rejects.toThrow(/h2/);
    });

    it('lets exactly one of many win the same swap', async () => {
      const { ledger, reopen } = fixture.open();
      const other = reopen();
      const tries = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          (n % 2 === 0 ? ledger : other).swap(device, 0, entry(1, { machine: `du-${n}` })),
        ),
      );
      expect(tries.filter((result) => result.won)).toHaveLength(1);
      const standing = (await ledger.read())[0];
      expect(tries.every((result) => result.stored?.machine === standing?.machine)).toBe(true);
    });

    it('keeps entries of several devices apart, sorted by device', async () => {
      const { ledger } = fixture.open();
      const second = { host: 'h0', device: '0000:01:00.0' };
      await ledger.swap(device, 0, entry(1));
      await ledger.swap(second, 0, entry(1, second));
      expect((await ledger.read()).map((reservation) => reservation.host)).toEqual(['h0', 'h1']);
    });
  });
}
