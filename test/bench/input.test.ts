import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { UsageError } from './command.js';
import { checkOutputs, countOption, limitOption, numberOption, readText } from './input.js';

describe('options of the bench', () => {
  it('refuse a file that cannot be written before any work is done', () => {
    expect(() => checkOutputs('/nonexistent/solution.data')).toThrow(UsageError);
    expect(() => checkOutputs('/')).toThrow(/cannot write "\/"/);
    expect(() => checkOutputs(undefined)).not.toThrow();
  });

  it('take whole numbers where something is counted', () => {
    expect(countOption('max-moves', '3', 1)).toBe(3);
    expect(countOption('max-moves', undefined, Infinity)).toBe(Infinity);
    expect(() => countOption('max-moves', '1.5', 1)).toThrow(/--max-moves takes a whole number, and was "1.5"/);
    expect(() => numberOption('seconds', '-1', 1)).toThrow(UsageError);
  });

  it('bound a search by evaluations or by seconds, never by both', () => {
    expect(limitOption({}, 300)).toEqual({ kind: 'seconds', seconds: 300 });
    expect(limitOption({ seconds: '2.5' }, 300)).toEqual({ kind: 'seconds', seconds: 2.5 });
    expect(limitOption({ evaluations: '1000' }, 300)).toEqual({ kind: 'evaluations', evaluations: 1000 });
    expect(() => limitOption({ evaluations: '1000', seconds: '1' }, 300)).toThrow(/not both/);
    expect(() => limitOption({ evaluations: '0' }, 300)).toThrow(/--evaluations takes a number of at least 1/);
  });
});

describe('a file of the bench', () => {
  it('is read without the byte order mark that some editors put first, plain or gzipped', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-input-'));
    const bytes = Buffer.from('\uFEFF{"a":"\uFEFF"}');
    writeFileSync(join(folder, 'plain'), bytes);
    writeFileSync(join(folder, 'packed'), gzipSync(bytes));
    for (const name of ['plain', 'packed']) expect(readText(join(folder, name))).toBe('{"a":"\uFEFF"}');
    rmSync(folder, { recursive: true });
  });
});
