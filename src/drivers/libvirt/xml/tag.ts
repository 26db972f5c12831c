import { badReference, nameAt } from './characters.js';

/** Where and how a document breaks the rules; `at` counts code units. */
export interface Fault {
  readonly message: string;
  readonly at: number;
}

/** A start tag. `end` is the index behind it; `empty` when it closes itself. */
export interface Tag {
  readonly name: string;
  readonly end: number;
  readonly empty: boolean;
}

export const BAD_REFERENCE = 'a reference is none of those that XML knows by itself';

/** Names that the parser refuses or changes, because every JavaScript object has such a property. */
const RESERVED = new Set([...Object.getOwnPropertyNames(Object.prototype), 'prototype']);

/** Reads the start tag that begins with the `<` at `open`. */
export function readStartTag(source: string, open: number): Tag | Fault {
  const name = nameAt(source, open + 1);
  const wrong = nameFault(name, 'element', open + 1);
  if (wrong !== null) return wrong;
  const seen = new Set<string>();
  for (let at = open + 1 + name.length; ;) {
    const next = skipBlanks(source, at);
    if (source[next] === '>') return { name, end: next + 1, empty: false };
    if (source.startsWith('/>', next)) return { name, end: next + 2, empty: true };
    if (next >= source.length) return { message: `the tag of ${name} does not end`, at: open };
    const attribute = readAttribute(source, next);
    if ('message' in attribute) return attribute;
    if (next === at) return { message: `no blank stands before the attribute ${attribute.name}`, at: next };
    if (seen.has(attribute.name)) return { message: `the attribute ${attribute.name} is there twice`, at: next };
    seen.add(attribute.name);
    at = attribute.end;
  }
}

/** Reads the end tag that begins with the `</` at `open`. */
export function readEndTag(source: string, open: number): Omit<Tag, 'empty'> | Fault {
  const name = nameAt(source, open + 2);
  const end = skipBlanks(source, open + 2 + name.length);
  if (name === '' || source[end] !== '>') return { message: 'the end tag is none', at: open };
  return { name, end: end + 1 };
}

function readAttribute(source: string, at: number): { readonly name: string; readonly end: number } | Fault {
  const name = nameAt(source, at);
  const wrong = nameFault(name, 'attribute', at);
  if (wrong !== null) return wrong;
  const equals = skipBlanks(source, at + name.length);
  const open = skipBlanks(source, equals + 1);
  const quote = source[open];
  if (source[equals] !== '=' || (quote !== '"' && quote !== "'"))
    return { message: `the attribute ${name} has no value in quotes`, at };
  const close = source.indexOf(quote, open + 1);
  if (close === -1) return { message: `the value of the attribute ${name} does not end`, at: open };
  const value = source.slice(open + 1, close);
  const markup = value.indexOf('<');
  if (markup !== -1) return { message: `the value of the attribute ${name} contains "<"`, at: open + 1 + markup };
  const reference = badReference(value);
  if (reference !== -1) return { message: BAD_REFERENCE, at: open + 1 + reference };
  return { name, end: close + 1 };
}

function nameFault(name: string, of: 'element' | 'attribute', at: number): Fault | null {
  if (name === '') return { message: `the name of an ${of} was expected`, at };
  return RESERVED.has(name) ? { message: `the name ${name} is not accepted`, at } : null;
}

function skipBlanks(source: string, from: number): number {
  let at = from;
  while (source[at] === ' ' || source[at] === '\n' || source[at] === '\t') at++;
  return at;
}
