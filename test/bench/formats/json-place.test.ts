import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pathOf, placeOf, syntaxErrorIn } from './json-place.js';

describe('a place in JSON text', () => {
  const text = `{
  "a": [1, {"b": "x, ]", "c": null}],
  "7": true
}`;

  it.each([
    { path: '$', line: 1, column: 1 },
    { path: 'a', line: 2, column: 8 },
    { path: 'a[1].c', line: 2, column: 31 },
    { path: '7', line: 3, column: 8 },
    { path: 'a[1].missing', line: 2, column: 12 },
  ])('is found by the path $path', ({ path, line, column }) => {
    expect(placeOf(text, pathOf(path))).toEqual({ line, column });
  });

  it.each([
    { text: '', line: 1, column: 1, says: /ends before it is complete/ },
    { text: '{"a": 1,\n "b" 2}', line: 2, column: 6, says: /a colon is expected/ },
    { text: '[1,\n2 3]', line: 2, column: 3, says: /a comma or \]/ },
    { text: '[1,]', line: 1, column: 4, says: /a value is expected after a comma/ },
    { text: '{"a": tru}', line: 1, column: 7, says: /"tru" is no JSON value/ },
    { text: '[1] x', line: 1, column: 5, says: /should end here/ },
    { text: '["ab', line: 1, column: 2, says: /no closing quote/ },
    { text: '["\\q"]', line: 1, column: 3, says: /backslash/ },
    { text: '[1, 2', line: 1, column: 6, says: /ends before it is complete/ },
    { text: '['.repeat(1e5), line: 1, column: 502, says: /within each other/ },
  ])('is told where the text is no JSON: $says', ({ text: wrong, line, column, says }) => {
    const { message, ...place } = syntaxErrorIn(wrong) ?? { message: 'none' };
    expect(place).toEqual({ line, column });
    expect(message).toMatch(says);
  });

  it('is found wrong exactly where JSON.parse finds something wrong', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', '"', '1', '\n', '\\'), (json, at, put) => {
        const where = at % (json.length + 1);
        const changed = json.slice(0, where) + put + json.slice(where + (at % 2));
        let fine = true;
        try {
          JSON.parse(changed);
        } catch {
          fine = false;
        }
        expect(syntaxErrorIn(changed) === null).toBe(fine);
      }),
    );
  });
});
