import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeChecked } from '../../src/durable/index.js';
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

  it.each([
    { process: () => `${hostname()} ${deadPid()} 12345`, reason: 'its process is gone', granted: true },
    { process: () => `${hostname()} ${process.ppid} 1`, reason: 'its process id went to a later one', granted: true },
    { process: () => `elsewhere ${deadPid()} 12345`, reason: 'it is of another host', granted: false },
  ])('is given at once with a higher token ($granted) when $reason', async ({ process, granted }) => {
    const path = join(temporaryFolder(), 'lease.json');
    writeChecked(path, { holder: 'a', token: 5_000, expiresAt: 60_000, process: process() });
    const lease = openFileLease(path, handClock());
    expect((await lease.current()) === null).toBe(granted);
    const answer = await lease.acquire('b', 10);
    if (granted) expect(answer).toEqual({ granted: { holder: 'b', token: 5_001, expiresAt: 11_000 } });
    else expect(answer).toEqual({ heldBy: { holder: 'a', token: 5_000, expiresAt: 60_000 } });
  });

  it('is not taken from a process that lives, and at once when it was killed', async () => {
    const path = join(temporaryFolder(), 'lease.json');
    const script = `const { openFileLease } = await import(process.argv[1]);
      await openFileLease(process.argv[2], { now: () => 1000 }).acquire('child', 60);
      console.log('held'); setInterval(() => undefined, 1000);`;
    const module = new URL('../../dist/lease/index.js', import.meta.url).href;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, module, path]);
    await once(child.stdout, 'data');
    const lease = openFileLease(path, handClock());
    const whileAlive = await lease.acquire('b', 10);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const afterDeath = await lease.acquire('b', 10);
    if (!('heldBy' in whileAlive) || !('granted' in afterDeath)) throw new Error('robbed, or not granted');
    expect(whileAlive.heldBy.holder).toBe('child');
    expect(afterDeath.granted.token).toBeGreaterThan(whileAlive.heldBy.token);
  });
});

const deadPid = (): number => spawnSync(process.execPath, ['-e', '']).pid;
