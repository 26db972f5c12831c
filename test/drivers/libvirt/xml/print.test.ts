import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { element, parseXml, printXml, textNode } from '../../../../src/drivers/libvirt/xml/index.js';

const seed = Number(process.env['SEED'] ?? 20_261_123);

describe('printing XML', () => {
  it.each([
    { reason: 'an end of the value', value: `'/><hostdev/><a x='` },
    { reason: 'an end of the element', value: '</name><devices/><name>' },
    { reason: 'the beginning of a comment', value: '<!-- ' },
    { reason: 'the end of raw text', value: ']]>' },
    { reason: 'an entity', value: '&lt;!ENTITY&gt; &x;' },
    { reason: 'lines', value: 'one\ntwo\r\nthree\tfour' },
  ])('lets no value out of its place: $reason', ({ value }) => {
    const node = element('domain', { name: value }, [element('title', {}, [value])]);
    const parsed = parseXml(printXml(node));
    expect(parsed).toEqual({ ok: true, root: node });
  });

  it('lets no value at all out of its place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (value) => {
        const node = element('a', { x: value }, [textNode(value)]);
        let printed: string;
        try {
          printed = printXml(node);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          return;
        }
        expect(parseXml(printed)).toEqual({ ok: true, root: node });
      }),
      { seed, numRuns: 200 },
    );
  });

  it.each([
    { reason: 'a name with an end in it', node: element('a><b') },
    { reason: 'an empty name', node: element('') },
    { reason: 'an attribute whose name is several', node: element('a', { 'x="1" y': '2' }) },
    { reason: 'a name that ends in a colon', node: element('berth:') },
    { reason: 'a control character', node: element('a', { x: '\u0000' }) },
    { reason: 'half a pair', node: element('a', {}, ['\uDC00']) },
    { reason: 'a comment that would end early', node: element('a', {}, [{ kind: 'comment', text: 'x -- y' }]) },
    { reason: 'raw text that would end early', node: element('a', {}, [{ kind: 'cdata', text: 'x ]]> y' }]) },
    {
      reason: 'an instruction that would end early',
      node: element('a', {}, [{ kind: 'instruction', text: 'x ?> y' }]),
    },
  ])('throws for what XML cannot say: $reason', ({ node }) => {
    expect(() => printXml(node)).toThrow(RangeError);
  });

  it('leaves attributes out that have no value', () => {
    expect(printXml(element('vcpu', { current: null, cpuset: undefined, placement: 'static' }, ['2']))).toBe(
      "<vcpu placement='static'>2</vcpu>",
    );
  });
});
