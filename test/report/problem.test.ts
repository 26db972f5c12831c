import { describe, expect, it } from 'vitest';
import { problem, type Place } from '../../src/model/index.js';
import { formatProblem } from '../../src/report/problem.js';

const place = (parts: Partial<Place> = {}): Place => ({
  file: 'a.yaml',
  line: 3,
  column: 5,
  pointer: '',
  excerpt: '    key: 1',
  ...parts,
});

describe('a problem as text', () => {
  it('shows the place, the line with a caret, the other place, and what to do', () => {
    const related = [
      { message: 'the first one', place: place({ file: 'b.yaml', line: 12, column: 1, excerpt: 'x: y' }) },
    ];
    const text = formatProblem(problem({ code: 'C', message: 'wrong', place: place(), related, hint: 'do it right' }));
    expect(text).toBe(
      `a.yaml:3:5: error: wrong (C)
     3 |     key: 1
       |     ^
  b.yaml:12:1: the first one
    12 | x: y
       | ^
  hint: do it right`,
    );
  });

  it('a problem without a place, and one whose line is unknown, are one line', () => {
    expect(formatProblem(problem({ code: 'C', message: 'wrong', severity: 'warning' }))).toBe('warning: wrong (C)');
    expect(formatProblem(problem({ code: 'C', message: 'wrong', place: place({ excerpt: '' }) }))).toBe(
      'a.yaml:3:5: error: wrong (C)',
    );
  });

  it('a tab is one column, and a long line is shown around its place', () => {
    expect(formatProblem(problem({ code: 'C', message: 'm', place: place({ column: 2, excerpt: '\tx' }) }))).toContain(
      '3 |  x\n       |  ^',
    );
    const long = formatProblem(
      problem({
        code: 'C',
        message: 'm',
        place: place({ column: 301, excerpt: `${'a'.repeat(300)}X${'b'.repeat(300)}` }),
      }),
    );
    const [, line = '', caret = ''] = long.split('\n');
    expect(line.length).toBeLessThan(120);
    expect(line[caret.indexOf('^')]).toBe('X');
  });

  it.each([
    ['an escape sequence in a file name', { file: 'a\u001b[31m.yaml' }],
    ['a newline in a file name', { file: 'a\n::error::x.yaml' }],
    ['an escape sequence in a source line', { excerpt: 'a: \u001b]0;title\u0007' }],
    ['text that turns the direction of writing', { excerpt: 'a: \u202Eevil' }],
  ])('%s does not reach the terminal', (_reason, parts) => {
    const text = formatProblem(problem({ code: 'C', message: 'm\u001b[2J', place: place(parts), hint: 'h\r\nx' }));
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202e]/); // eslint-disable-line no-control-regex
    expect(text.split('\n')).toHaveLength(4);
  });
});
