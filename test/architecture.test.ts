import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import floors from './floors.json' with { type: 'json' };

const root = new URL('..', import.meta.url);

/** The rows of the floors table in `src/README.md`: folder → the folders that it may import. */
function documentedFloors(): Record<string, string[]> {
  const rows: Record<string, string[]> = {};
  const page = readFileSync(new URL('src/README.md', root), 'utf8');
  for (const [, folder, allowed] of page.matchAll(/^\| `([\w/]+)` +\| .* \| ([^|]+?) +\|$/gm)) {
    if (folder === undefined || allowed === undefined || allowed === 'everything') continue;
    rows[folder] = allowed === 'nothing' ? [] : allowed.split(', ');
  }
  return rows;
}

describe('the map of the house', () => {
  it('names the same floors and imports as the rules that are checked', () => {
    expect(documentedFloors()).toEqual(floors);
  });

  it('has a row for every folder of src, and a folder for every row', () => {
    const folders = readdirSync(new URL('src', root), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap((entry) =>
        entry.name === 'drivers'
          ? readdirSync(new URL('src/drivers', root)).map((driver) => `drivers/${driver}`)
          : [entry.name],
      );
    const rows = Object.keys(floors);
    // A floor inside another one has a row of its own.
    const inner = rows.filter((row) => rows.some((other) => row.startsWith(`${other}/`)));
    expect(inner.filter((row) => !existsSync(new URL(`src/${row}`, root)))).toEqual([]);
    expect([...folders, ...inner].sort()).toEqual([...rows, 'cli'].sort());
  });

  it('keeps the top level to what was agreed', () => {
    const allowed = [
      'package.json',
      'package-lock.json',
      'tsconfig.json',
      'src',
      'schemas',
      'examples',
      'test',
      'README.md',
      'LICENSE',
      'node_modules',
      'dist',
    ];
    const present = readdirSync(root).filter((name) => !name.startsWith('.'));
    expect(present.filter((name) => !allowed.includes(name))).toEqual([]);
    expect(existsSync(new URL('LICENSE', root))).toBe(true);
  });
});
