import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { memoryLease, openFileLease } from '../../src/lease/index.js';
import { handClock } from '../contracts/journal.js';
import { leaseContract } from '../contracts/lease.js';
import { temporaryFolder } from '../durable/folder.js';

leaseContract('in memory', {
  open: (clock) => {
    const lease = memoryLease(clock);
    return { lease, reopen: () => lease };
  },
});

leaseContract('in a file', {
  open: (clock) => {
    const path = join(temporaryFolder(), 'lease.json');
    return { lease: openFileLease(path, clock), reopen: () => openFileLease(path, clock) };
  },
});

describe('a lease file', () => {
  it('gives a higher token than before even when it was lost', async () => {
    const path = join(temporaryFolder(), 'lease.json');
    const clock = handClock();
    const lease = openFileLease(path, clock);
    const before = await lease.acquire('a', 10);
    rmSync(path);
    clock.set(60_000);
    const after = await lease.acquire('b', 10);
    if (!('granted' in before) || !('granted' in after)) throw new Error('not granted');
    expect(after.granted.token).toBeGreaterThan(before.granted.token);
  });

  it('is refused when it is damaged, and says what to do', async () => {
    const path = join(temporaryFolder(), 'lease.json');
    const lease = openFileLease(path, handClock());
    await lease.acquire('a', 10);
    writeFileSync(path, readFileSync(path).subarray(3));
    await expect(lease.acquire('b', 10)).rejects.toThrow(/lease\.json is damaged.*remove the file/);
  });
});
