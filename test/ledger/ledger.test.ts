import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileDamage } from '../../src/durable/index.js';
import { memoryLedger, openFileLedger } from '../../src/ledger/index.js';
import { entry, ledgerContract } from '../contracts/ledger.js';
import { temporaryFolder } from '../durable/folder.js';

ledgerContract('in memory', {
  open: () => {
    const ledger = memoryLedger();
    return { ledger, reopen: () => ledger };
  },
});

ledgerContract('in a file', {
  open: () => {
    const path = join(temporaryFolder(), 'deep', 'ledger.json');
    return { ledger: openFileLedger(path), reopen: () => openFileLedger(path) };
  },
});

describe('a ledger file', () => {
  it('is refused when it is cut or a byte is flipped anywhere, and says what to do', async () => {
    const path = join(temporaryFolder(), 'ledger.json');
    const ledger = openFileLedger(path);
    await ledger.swap(entry(1), 0, entry(1));
    const bytes = readFileSync(path);
    for (let offset = 0; offset < bytes.length; offset++) {
      writeFileSync(path, bytes.subarray(0, offset));
      await expect(ledger.read(), `cut at ${offset}`).rejects.toBeInstanceOf(FileDamage);
      const flipped = Buffer.from(bytes);
      flipped[offset] = (flipped[offset] ?? 0) ^ 0x41;
      writeFileSync(path, flipped);
      await expect(ledger.read(), `flip at ${offset}`).rejects.toThrow(/ledger\.json is damaged.*move the file away/);
      await expect(ledger.swap(entry(2), 1, entry(2))).rejects.toBeInstanceOf(FileDamage);
    }
  });

  it('leaves no lock behind, and goes on over the lock of a killed process', async () => {
    const path = join(temporaryFolder(), 'ledger.json');
    const ledger = openFileLedger(path);
    await ledger.swap(entry(1), 0, entry(1));
    expect(existsSync(`${path}.lock`)).toBe(false);
    writeFileSync(`${path}.next`, 'half a ledg');
    expect((await ledger.swap(entry(2), 1, entry(2))).won).toBe(true);
  });
});
