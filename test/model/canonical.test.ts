import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, sha256 } from '../../src/model/index.js';

describe('canonical JSON', () => {
  const cases: readonly { reason: string; value: unknown; text: string }[] = [
    {
      reason: 'keys are sorted at every depth',
      value: { b: { d: 1, c: 2 }, a: [] },
      text: '{"a":[],"b":{"c":2,"d":1}}',
    },
    { reason: 'the order of a list counts', value: [2, 1], text: '[2,1]' },
    { reason: 'an undefined value is as good as an absent key', value: { a: undefined, b: null }, text: '{"b":null}' },
    { reason: 'keys sort by code unit, not by locale', value: { a: 1, Z: 2 }, text: '{"Z":2,"a":1}' },
  ];
  it.each(cases)('$reason', ({ value, text }) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it('does not depend on the order in which keys were written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }), (record) => {
        const reversed = Object.fromEntries(Object.entries(record).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(record));
      }),
    );
  });

  it('is hashed as UTF-8', () => {
    expect(sha256('é')).toBe('4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c');
  });
});
