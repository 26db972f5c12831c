import { describe, expect, it } from 'vitest';
import { MAX_FILE_BYTES } from '../../src/documents/parse/guard.js';
import { parse } from '../../src/documents/parse/parse.js';

/** Code, line and column of the first problem, or `ok`. */
function verdict(text: string): string {
  const { problems } = parse('a.yaml', text);
  const first = problems[0];
  return first === undefined ? 'ok' : `${first.code} ${first.place?.line ?? 0}:${first.place?.column ?? 0}`;
}

describe('a file that must not reach the parser, or not leave it, is refused with its place', () => {
  const cases: readonly (readonly [reason: string, text: string, expected: string])[] = [
    ['flow brackets in each other overflow the stack of the parser', '['.repeat(3000), 'TooDeep 1:64'],
    ['braces as well', 'a: ' + '{b: '.repeat(3000), 'TooDeep 1:252'],
    ['sequences nest within one line', '- '.repeat(3000), 'TooDeep 1:129'],
    ['so do explicit keys', '? '.repeat(3000), 'TooDeep 1:129'],
    ['and empty keys', ': '.repeat(3000), 'TooDeep 1:129'],
    ['and mappings that the parser would take for nested', 'a: '.repeat(3000), 'TooDeep 1:193'],
    ['and lines that are indented further and further', staircase(3000), 'TooDeep 65:65'],
    ['and a sequence in the column of its key', sequencesInKeys(200), 'TooDeep 33:65'],
    ['%YAML 1.1 turns a MAC into a number', '%YAML 1.1\n---\nmac: 10:20:30:40:50:59\n', 'DirectiveRefused 1:1'],
    ['%TAG gives tags other meanings', '%TAG ! tag:x,2000:\n---\na: 1\n', 'DirectiveRefused 1:1'],
    ['directives may come before a later document', 'a: 1\n...\n%YAML 1.1\n---\nb: 1\n', 'DirectiveRefused 3:1'],
    ['an unknown tag would only warn', 'a: !js/function x\n', 'UnknownTag 1:4'],
    ['tags of YAML 1.1 bring types of their own', 'a: !!binary AAAA\n', 'UnknownTag 1:4'],
    ['a key written twice hides one of its values', 'a: 1\nb: 2\na: 3\n', 'DuplicateKey 3:1'],
    ['also in flow style', 'x: {a: 1, a: 2}\n', 'DuplicateKey 1:11'],
    ['integers above 2^53 are rounded', 'a: 9007199254740993\n', 'UnsafeNumber 1:4'],
    ['hexadecimal ones too', 'a: 0x20000000000001\n', 'UnsafeNumber 1:4'],
    ['infinity is no quantity', 'a: .inf\n', 'UnsafeNumber 1:4'],
    ['nor is a number that overflows to it', 'a: 1e999\n', 'UnsafeNumber 1:4'],
    ['an alias that contains itself never ends', 'a: &x\n  b: *x\n', 'BadAlias 2:6'],
    ['an alias of nothing', 'a: *x\n', 'BadAlias 1:4'],
    ['aliases of aliases grow exponentially', bomb(), 'TooManyAliases 3:10'],
    ['a mapping as a key', '? {a: 1}\n: 2\n', 'SyntaxError 1:3'],
    ['a tab as indentation', 'a:\n\tb: 1\n', 'TabIndentation 2:1'],
    ['a tab after spaces', 'a:\n  b: 1\n \tc: 1\n', 'TabIndentation 3:1'],
    ['control characters have no business in a document', 'a: "x\u0007"\n', 'SyntaxError 1:6'],
    ['an escape sequence of a terminal', 'a: \u001b[31mred\n', 'SyntaxError 1:4'],
    ['a file above the cap', `a: ${'x'.repeat(MAX_FILE_BYTES)}\n`, 'FileTooLarge 1:1'],
    ['no end of documents', '---\n'.repeat(20_000), 'TooManyDocuments 10000:1'],
  ];
  it.each(cases)('%s', (_reason, text, expected) => {
    expect(verdict(text)).toBe(expected);
  });
});

describe('a tab in the indentation', () => {
  it.each([
    ['of a mapping', 'spec:\n  a: 1\n\tb: 2\n  c: 3\n'],
    ['of several lines', 'spec:\n\ta: 1\n\tb: 2\n'],
    ['of a sequence', 'spec:\n  list:\n\t- a\n\t- b\n  x: 1\n'],
    ['of one of two documents', 'a: 1\n---\nspec:\n\ta: 1\n  b: 2\n'],
  ])('%s gives one problem', (_reason, text) => {
    expect(parse('a.yaml', text).problems.map(({ code }) => code)).toEqual(['TabIndentation']);
  });
});

it('a value that is no number is not told as one that is too large', () => {
  const hints = ['.nan', '.inf'].map((value) => parse('a.yaml', `a: ${value}\n`).problems[0]?.message);
  expect(hints).toEqual(['a value that is no finite number', 'a value that is no finite number']);
});

describe('what people write is accepted', () => {
  it.each([
    ['a MAC of digits stays text', 'mac: 10:20:30:40:50:59\n', { mac: '10:20:30:40:50:59' }],
    ['yes and no stay text', 'a: yes\n', { a: 'yes' }],
    ['numbers stay numbers', 'a: 8192\nb: 0.5\n', { a: 8192, b: 0.5 }],
    ['an anchor and an alias', 'a: &x {b: 1}\nc: *x\n', { a: { b: 1 }, c: { b: 1 } }],
    ['keys that are digits', '1: a\n', { '1': 'a' }],
    ['Windows line ends', 'a: 1\r\nb: 2\r\n', { a: 1, b: 2 }],
  ])('%s', (_reason, text, expected) => {
    expect(parse('a.yaml', text).documents.map((document) => document.value)).toEqual([expected]);
  });

  it('a key named __proto__ is an ordinary key and changes no prototype', () => {
    const value = parse('a.yaml', '__proto__: {polluted: 1}\n').documents[0]?.value as object;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('several documents in a file each know their own lines, and empty ones are left out', () => {
    const { documents } = parse('a.yaml', '# head\n---\na: 1\n---\n# nothing\n---\nb:\n  - c: 2\n');
    expect(documents.map((document) => document.value)).toEqual([{ a: 1 }, { b: [{ c: 2 }] }]);
    expect(documents[1]?.at('/b/0/c')).toEqual({
      file: 'a.yaml',
      line: 8,
      column: 8,
      pointer: '/b/0/c',
      excerpt: '  - c: 2',
    });
    expect(documents[1]?.keyAt('/b/0/c').column).toBe(5);
  });

  it('64 levels are enough for anybody', () => {
    expect(verdict('['.repeat(60) + ']'.repeat(60))).toBe('ok');
  });
});

describe('the time grows with the size and not faster', () => {
  const units = ['a: ', '- ', '? ', '[]', 'a\n', '---\n', '&a ', '!x ', '- a\n', 'a: 1\n', '"', "'", '# c\n', '\n', '\t', '|\n', '*a ', ',', '[a,', 'a,', '\\', '? a\n', '- |\n x\n', '" "', '\r', '- *a\n', '- &a a\n', '- !x a\n', '[{a: b}],', 'x']; // prettier-ignore
  it.each(units)('%j repeated', (unit) => {
    expect(cpuSeconds(() => parse('a.yaml', `&a a: 1\nb:\n${unit.repeat(65_536 / unit.length)}`))).toBeLessThan(6);
  });

  it('50,000 different keys in one mapping', () => {
    const text = Array.from({ length: 50_000 }, (_, index) => `k${index}: 1\n`).join('');
    expect(cpuSeconds(() => expect(verdict(text)).toBe('ok'))).toBeLessThan(8);
  });
});

it('of 200,000 mistakes in a file, twenty are told', () => {
  expect(parse('a.yaml', 'a: 1\n'.repeat(200_000)).problems).toHaveLength(20);
});

/** Time of this process alone: others on the machine do not count. */
function cpuSeconds(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000_000;
}

function staircase(levels: number): string {
  return Array.from({ length: levels }, (_, level) => `${' '.repeat(level)}a:\n`)
    .join('')
    .slice(0, 900_000);
}

function sequencesInKeys(levels: number): string {
  return `a:\n${Array.from({ length: levels }, (_, level) => `${'  '.repeat(level)}- a:\n`).join('')}`;
}

function bomb(): string {
  const lines = ['x0: &x0 [1, 2, 3, 4, 5, 6, 7, 8, 9]'];
  for (let level = 1; level < 12; level++) {
    lines.push(`x${level}: &x${level} [${Array.from({ length: 9 }, () => `*x${level - 1}`).join(', ')}]`);
  }
  return `${lines.join('\n')}\n`;
}
