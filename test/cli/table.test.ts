import { describe, expect, it } from 'vitest';
import { tableText } from '../../src/cli/table.js';

describe('a table of text', () => {
  const long = 'x'.repeat(200);

  it('aligns its columns, and leaves no blanks at the ends of lines', () => {
    expect(
      tableText(
        ['NAME', 'STATE', 'DEVICES'],
        [
          ['a', 'running', ''],
          ['longer', 'off', 'net'],
        ],
      ),
    ).toBe('NAME    STATE    DEVICES\na       running\nlonger  off      net\n');
  });

  it('is not widened by names that no document could have', () => {
    const [head, first, second] = tableText(['NAME', 'HOST'], [[long, 'a'], ['b', 'b']]).split('\n'); // prettier-ignore
    expect(head).toBe(`${'NAME'.padEnd(63)}  HOST`);
    expect(first).toBe(`${'x'.repeat(62)}…  a`);
    expect(second).toBe(`${'b'.padEnd(63)}  b`);
  });

  it('keeps what stands last as it is', () => {
    expect(tableText(['NAME', 'WRITTEN IN'], [['a', long]])).toContain(`a     ${long}\n`);
  });
});
