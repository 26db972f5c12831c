import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withLock } from '../../src/durable/index.js';
import { temporaryFolder } from './folder.js';

const deadPid = (): number => spawnSync(process.execPath, ['-e', '']).pid;

describe('a lock file', () => {
  it.each([
    { owner: () => `${hostname()} ${deadPid()} 12345`, reason: 'its process is gone' },
    { owner: () => `${hostname()} ${process.pid} 1`, reason: 'its process id is ours, from before a restart' },
    { owner: () => `${hostname()} ${process.ppid} 1`, reason: 'its process id went to a later process' },
  ])('is taken over when $reason', ({ owner }) => {
    const path = join(temporaryFolder(), 'state');
    writeFileSync(`${path}.lock`, owner());
    expect(withLock(path, () => readFileSync(`${path}.lock`, 'utf8'))).toContain(` ${process.pid} `);
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it('is removed when the work throws', () => {
    const path = join(temporaryFolder(), 'state');
    expect(() =>
      withLock(path, () => {
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it('is waited for while its owner lives', async () => {
    const path = join(temporaryFolder(), 'state');
    const script = `const fs=require('fs');const p=process.argv[1];
      const stat=fs.readFileSync('/proc/self/stat','utf8');const start=stat.slice(stat.lastIndexOf(')')+2).split(' ')[19];
      fs.writeFileSync(p+'.lock',require('os').hostname()+' '+process.pid+' '+start);console.log('held');
      setTimeout(()=>{fs.writeFileSync(p,'worked');fs.rmSync(p+'.lock')},300)`;
    const child = spawn(process.execPath, ['-e', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    expect(withLock(path, () => readFileSync(path, 'utf8'))).toBe('worked');
  });
});
