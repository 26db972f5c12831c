import { describe, expect, it } from 'vitest';
import type { Clock, Lease, LeaseGrant } from '../../src/ports/index.js';
import { handClock } from './journal.js';

/** How one implementation is opened: `reopen` gives another handle on the same lease, as a second process has it. */
export interface LeaseFixture {
  readonly open: (clock: Clock) => { readonly lease: Lease; readonly reopen: () => Lease };
}

async function take(lease: Lease, holder: string): Promise<LeaseGrant> {
  const answer = await lease.acquire(holder, 10);
  if (!('granted' in answer)) throw new Error(`held by ${answer.heldBy.holder}`);
  return answer.granted;
}

/** What every lease has to do. */
export function leaseContract(name: string, fixture: LeaseFixture): void {
  describe(`the lease contract: ${name}`, () => {
    it('is given to one holder, and tells another who has it', async () => {
      const { lease, reopen } = fixture.open(handClock());
      const grant = await take(lease, 'a');
      expect(grant.expiresAt).toBe(11_000);
      expect(await reopen().acquire('b', 10)).toEqual({ heldBy: grant });
      expect(await reopen().current()).toEqual(grant);
    });

    it('keeps the token for the same holder and raises it for the next one', async () => {
      const clock = handClock();
      const { lease } = fixture.open(clock);
      const first = await take(lease, 'a');
      expect((await take(lease, 'a')).token).toBe(first.token);
      clock.set(20_000);
      const second = await take(lease, 'b');
      expect(second.token).toBeGreaterThan(first.token);
      clock.set(5);
      await lease.release(second);
      expect((await take(lease, 'a')).token).toBeGreaterThan(second.token);
    });

    it('keeps the token for a holder that gave it up and takes it again before anybody else', async () => {
      const { lease } = fixture.open(handClock());
      const first = await take(lease, 'a');
      await lease.release(first);
      expect((await take(lease, 'a')).token).toBe(first.token);
    });

    it.each(['a', 'b'])('gives a token above what the journal has seen, to %s after a', async (holder) => {
      const clock = handClock();
      const { lease } = fixture.open(clock);
      const first = await take(lease, 'a');
      await lease.release(first);
      const answer = await lease.acquire(holder, 10, first.token + 1_000);
      expect(answer).toMatchObject({ granted: { holder, token: first.token + 1_001 } });
      const [granted] = Object.values(answer) as [LeaseGrant];
      await lease.release(granted);
      expect(await lease.acquire(holder, 10, granted.token)).toEqual({ granted });
    });

    it('raises the token for a holder that let it expire', async () => {
      const clock = handClock();
      const { lease } = fixture.open(clock);
      const first = await take(lease, 'a');
      clock.set(11_000);
      expect(await lease.current()).toBeNull();
      expect((await take(lease, 'a')).token).toBeGreaterThan(first.token);
    });

    it('is renewed by its holder, and not once it expired or went to somebody else', async () => {
      const clock = handClock();
      const { lease, reopen } = fixture.open(clock);
      const grant = await take(lease, 'a');
      clock.set(9_000);
      expect(await lease.renew(grant, 10)).toEqual({ ...grant, expiresAt: 19_000 });
      clock.set(19_000);
      expect(await lease.renew(grant, 10)).toBeNull();
      await take(reopen(), 'b');
      expect(await lease.renew(grant, 10)).toBeNull();
    });

    it('is free after its holder released it, and untouched when somebody else tries', async () => {
      const clock = handClock();
      const { lease } = fixture.open(clock);
      const first = await take(lease, 'a');
      await lease.release(first);
      expect(await lease.current()).toBeNull();
      const second = await take(lease, 'b');
      await lease.release(first);
      expect(await lease.current()).toEqual(second);
    });
  });
}
