import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { XmlElement, XmlNode } from '../../../../src/drivers/libvirt/xml/index.js';
import { element, parseXml, printXml } from '../../../../src/drivers/libvirt/xml/index.js';
import { fixture } from '../inventory/fixture.js';

const seed = Number(process.env['SEED'] ?? 20_261_123);

/** `message at line:column`, or `ok`. */
function told(text: string, limits = {}): string {
  const parsed = parseXml(text, limits);
  return parsed.ok ? 'ok' : `${parsed.fault.message} at ${parsed.fault.line}:${parsed.fault.column}`;
}

function rootOf(text: string): XmlElement {
  const parsed = parseXml(text);
  if (!parsed.ok) throw new Error(told(text));
  return parsed.root;
}

const character = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...Array.from('ab ]>-?&<"\'\n\t\r=/!')) },
  { weight: 1, arbitrary: fc.constantFrom('é', '\u{1F600}', '\u2028', '\uFFFD', '\u0085') },
);
const value = fc.string({ unit: character, maxLength: 12 });
const name = fc
  .tuple(
    fc.constantFrom('a', 'Z', '_', 'é', 'berth:'),
    fc.string({ unit: fc.constantFrom('a', '1', '-', '.', '_'), maxLength: 4 }),
  )
  .map(([first, rest]) => `${first}x${rest}`);
const attributes = fc.uniqueArray(fc.tuple(name, value), { maxLength: 4, selector: ([key]) => key });

/** Elements as a document can have them: texts are not empty and do not follow each other. */
const tree = fc.letrec<{ node: XmlNode; element: XmlElement }>((tie) => ({
  element: fc
    .record({ name, attributes, children: fc.array(tie('node'), { maxLength: 4 }) })
    .map(({ name: called, attributes: pairs, children }) => ({
      kind: 'element',
      name: called,
      attributes: new Map(pairs),
      children: children.filter((one, at) => one.kind !== 'text' || children[at - 1]?.kind !== 'text'),
    })),
  node: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.string({ unit: character, minLength: 1, maxLength: 12 }).map((text) => ({ kind: 'text', text }) as const),
    value.filter((text) => !/--|-$|\r/.test(text)).map((text) => ({ kind: 'comment', text }) as const),
    value.filter((text) => !/]]>|\r/.test(text)).map((text) => ({ kind: 'cdata', text }) as const),
    name
      .filter((target) => !target.includes(':'))
      .chain((target) =>
        value
          .filter((text) => !/\?>|[\r<>"'?&=/]/.test(text))
          .map((text) => ({ kind: 'instruction', text: `${target} ${text}` }) as const),
      ),
    tie('element'),
  ),
}));

describe('reading XML', () => {
  it('gives back every document that it printed itself, whatever is in it', () => {
    fc.assert(
      fc.property(tree.element, (root) => {
        expect(rootOf(printXml(root))).toEqual(root);
      }),
      { seed, numRuns: 600 },
    );
  });

  it.each(['domain-running.xml', 'domain-defined.xml', 'capabilities.xml'])(
    'keeps every character of %s that libvirt wrote, but for the kind of quotes',
    (file) => {
      const text = fixture(file).trim();
      const root = rootOf(text);
      expect(rootOf(printXml(root))).toEqual(root);
      expect(printXml(root).replaceAll('"', "'")).toBe(text.replaceAll('"', "'").replaceAll('a&quot;b', 'a&quot;b'));
    },
  );

  it('ends for any text at all, in a tree or in a place', () => {
    const junk = fc.string({
      unit: fc.oneof(
        character,
        fc.constantFrom('<a', '</a>', '<!--', '-->', '<![CDATA[', ']]>', '<?', '?>', '&#', ';'),
      ),
      maxLength: 40,
    });
    fc.assert(
      fc.property(junk, (text) => {
        const parsed = parseXml(`<a>${text}</a>`);
        if (parsed.ok) expect(rootOf(printXml(parsed.root))).toEqual(parsed.root);
        else {
          expect(parsed.fault.line).toBeGreaterThanOrEqual(1);
          expect(parsed.fault.column).toBeGreaterThanOrEqual(1);
        }
      }),
      { seed, numRuns: 2000 },
    );
  });

  it('reads blanks in values and ends of lines as XML wants it', () => {
    const root = rootOf('<a x="1\n2\t3&#10;4">one\r\ntwo\rthree&#13;</a>');
    expect(root.attributes.get('x')).toBe('1 2 3\n4');
    expect(root.children).toEqual([{ kind: 'text', text: 'one\ntwo\nthree\r' }]);
  });

  it('leaves the declaration and what stands around the root element out', () => {
    expect(rootOf('\uFEFF<?xml version="1.0"?>\n<!-- note --><a/>\n<!-- end -->')).toEqual(element('a'));
  });

  it.each([
    {
      reason: 'a document type',
      text: '<!DOCTYPE a><a/>',
      fault: 'document types and entities are not accepted at 1:1',
    },
    {
      reason: 'entities that grow',
      text: '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]>\n<a>&c;</a>',
      fault: 'document types and entities are not accepted at 1:1',
    },
    {
      reason: 'a document type in small letters, further down',
      text: '<a>\n  <!doctype b></a>',
      fault: 'document types and entities are not accepted at 2:3',
    },
    {
      reason: 'an entity that nobody declared',
      text: '<a>\n<b>x &file; y</b></a>',
      fault: 'a reference is none of those that XML knows by itself at 2:6',
    },
    {
      reason: 'a bare ampersand',
      text: '<a b="x & y"/>',
      fault: 'a reference is none of those that XML knows by itself at 1:9',
    },
    {
      reason: 'a character that XML forbids, by its number',
      text: '<a>&#0;</a>',
      fault: 'a reference is none of those that XML knows by itself at 1:4',
    },
    {
      reason: 'half a pair, by its number',
      text: '<a>&#xD800;</a>',
      fault: 'a reference is none of those that XML knows by itself at 1:4',
    },
    {
      reason: 'a number past the last character',
      text: '<a>&#x110000;</a>',
      fault: 'a reference is none of those that XML knows by itself at 1:4',
    },
    { reason: 'a control character', text: '<a>\u0007</a>', fault: 'character U+0007 is not allowed in XML at 1:4' },
    { reason: 'half a pair', text: '<a>\uD800</a>', fault: 'character U+D800 is not allowed in XML at 1:4' },
    { reason: 'a zero behind the end', text: '<a/>\0', fault: 'character U+0000 is not allowed in XML at 1:5' },
    { reason: 'nothing', text: ' \n ', fault: 'there is no element at 2:2' },
    { reason: 'text alone', text: 'no xml', fault: 'text stands outside of the root element at 1:1' },
    { reason: 'text behind the end', text: '<a/>\nmore', fault: 'text stands outside of the root element at 2:1' },
    { reason: 'two roots', text: '<a/>\n<a/>', fault: 'a second root element begins at 2:1' },
    {
      reason: 'an end without a beginning',
      text: '<a/></a>',
      fault: 'a is closed but was not opened at 1:5',
    },
    { reason: 'a tag that does not end', text: '<a>\n <b x="1"', fault: 'the tag of b does not end at 2:2' },
    {
      reason: 'a value that does not end',
      text: '<a x="1>',
      fault: 'the value of the attribute x does not end at 1:6',
    },
    { reason: 'a comment that does not end', text: '<a><!-- x</a>', fault: 'the comment does not end at 1:4' },
    { reason: 'markup in a value', text: '<a x="<b>"/>', fault: 'the value of the attribute x contains "<" at 1:7' },
    {
      reason: 'a name that every object of JavaScript has',
      text: '<a><__proto__ x="1"/></a>',
      fault: 'the name __proto__ is not accepted at 1:5',
    },
    {
      reason: 'such an attribute',
      text: '<a hasOwnProperty="1"/>',
      fault: 'the name hasOwnProperty is not accepted at 1:4',
    },
  ])('refuses $reason', ({ text, fault }) => {
    expect(told(text)).toBe(fault);
  });

  it.each([
    { reason: 'ends that do not match', text: '<a>\n  <b></a>', fault: 'a is closed where b is open at 2:6' },
    { reason: 'an end that is missing', text: '<a><b></b>\n', fault: 'a is never closed at 2:1' },
    { reason: 'an end tag with more in it', text: '<a>\n</a x="1">', fault: 'the end tag is none at 2:1' },
    {
      reason: 'the same attribute twice',
      text: '<a>\n  <b x="1" x="2"/></a>',
      fault: 'the attribute x is there twice at 2:12',
    },
    {
      reason: 'a value without quotes',
      text: '<a>\n  <b x=1/></a>',
      fault: 'the attribute x has no value in quotes at 2:6',
    },
    {
      reason: 'an attribute without a value',
      text: '<a>\n  <b x/></a>',
      fault: 'the attribute x has no value in quotes at 2:6',
    },
    {
      reason: 'attributes that touch',
      text: '<a>\n  <b x="1"y="2"/></a>',
      fault: 'no blank stands before the attribute y at 2:11',
    },
    {
      reason: 'a name that begins with a digit',
      text: '<a>\n  <1b/></a>',
      fault: 'the name of an element was expected at 2:4',
    },
    { reason: 'a name that ends in a colon', text: '<a:/>', fault: 'the name of an element was expected at 1:2' },
    { reason: 'the end of raw text in text', text: '<a>x ]]> y</a>', fault: 'text contains "]]>" at 1:6' },
  ])('refuses $reason', ({ text, fault }) => {
    expect(told(text)).toBe(fault);
  });

  it('reads no more than it was told, counted in bytes', () => {
    expect(told('<a>é</a>', { maxBytes: 9 })).toBe('ok');
    expect(told('<a>é</a>', { maxBytes: 8 })).toBe('the document is larger than 8 bytes at 1:1');
  });

  it('goes no deeper than it was told, however long the document is', () => {
    const nested = (depth: number): string => '<a>'.repeat(depth) + '</a>'.repeat(depth);
    expect(told(nested(64))).toBe('ok');
    expect(told(nested(65))).toBe('elements are nested more than 64 levels deep at 1:193');
    expect(told('<a>'.repeat(500_000))).toBe('elements are nested more than 64 levels deep at 1:193');
  });
});
