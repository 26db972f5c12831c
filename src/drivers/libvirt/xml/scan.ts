import { REFERENCE, illegalCharacter, referenced } from './characters.js';

/** Where a document breaks the rules; `at` counts code units. */
export interface Scanned {
  /** What stands between `<?` and `?>`, in order. */
  readonly instructions: readonly string[];
  readonly fault: { readonly message: string; readonly at: number } | null;
}

/**
 * Reads over a document before the parser does, in one pass without recursion, and refuses what the parser would let pass or choke on:
 * document types and entities, characters outside of XML, too many levels, markup that does not end, names that JavaScript objects use
 * themselves.
 */
export function scan(source: string, maxDepth: number): Scanned {
  const instructions: string[] = [];
  const refuse = (message: string, at: number): Scanned => ({ instructions, fault: { message, at } });
  const illegal = illegalCharacter(source);
  if (illegal !== -1) return refuse(`character ${codePoint(source, illegal)} is not allowed in XML`, illegal);
  let depth = 0;
  let roots = 0;
  for (let at = 0; at < source.length; ) {
    const open = source.indexOf('<', at);
    const textEnd = open === -1 ? source.length : open;
    const fault = textFault(source, at, textEnd, depth);
    if (fault !== null) return refuse(fault.message, fault.at);
    if (open === -1) break;
    const markup = markupAt(source, open);
    if (typeof markup === 'string') return refuse(markup, open);
    switch (markup.kind) {
      case 'comment':
        if (/--|-$/.test(source.slice(open + 4, markup.end - 3)))
          return refuse('a comment contains "--"', open);
        break;
      case 'cdata':
        if (depth === 0) return refuse('text stands outside of the root element', open);
        break;
      case 'instruction':
        instructions.push(source.slice(open + 2, markup.end - 2));
        break;
      case 'close':
        depth--;
        break;
      case 'open': {
        const tag = tagFault(source, open, markup.end);
        if (tag !== null) return refuse(tag.message, tag.at);
        if (depth === 0 && ++roots > 1) return refuse('a second root element begins', open);
        if (depth === maxDepth) return refuse(`elements are nested more than ${maxDepth} levels deep`, open);
        if (source[markup.end - 2] !== '/') depth++;
        break;
      }
    }
    if (depth < 0) return refuse('an element is closed that was not opened', open);
    at = markup.end;
  }
  return roots === 0 ? refuse('there is no element', source.length) : { instructions, fault: null };
}

type Markup = { readonly kind: 'comment' | 'cdata' | 'instruction' | 'close' | 'open'; readonly end: number };

/** The markup that begins with the `<` at `at`; `end` is the index behind it. A sentence when it is refused or does not end. */
function markupAt(source: string, at: number): Markup | string {
  if (source.startsWith('<!--', at)) return ended(source, 'comment', '-->', at + 4);
  if (source.startsWith('<![CDATA[', at)) return ended(source, 'cdata', ']]>', at + 9);
  if (source.startsWith('<!', at)) return 'document types and entities are not accepted';
  if (source.startsWith('<?', at)) return ended(source, 'instruction', '?>', at + 2);
  if (source.startsWith('</', at)) return ended(source, 'close', '>', at + 2);
  let quote = '';
  for (let i = at + 1; i < source.length; i++) {
    const character = source[i] ?? '';
    if (quote !== '') {
      if (character === quote) quote = '';
      else if (character === '<') return 'the value of an attribute contains "<"';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '>') return { kind: 'open', end: i + 1 };
    else if (character === '<') return 'the tag does not end';
  }
  return quote === '' ? 'the tag does not end' : 'the value of an attribute does not end';
}

function ended(source: string, kind: Markup['kind'], end: string, from: number): Markup | string {
  const at = source.indexOf(end, from);
  return at === -1 ? `the ${kind === 'close' ? 'closing tag' : kind} does not end` : { kind, end: at + end.length };
}

interface Fault {
  readonly message: string;
  readonly at: number;
}

function textFault(source: string, from: number, to: number, depth: number): Fault | null {
  if (depth === 0) {
    const text = source.slice(from, to).replace(/^\uFEFF/, '');
    if (text.trim() !== '') return { message: 'text stands outside of the root element', at: from + text.search(/\S/) };
    return null;
  }
  const closing = source.slice(from, to).indexOf(']]>');
  if (closing !== -1) return { message: 'text contains "]]>"', at: from + closing };
  return referenceFault(source, from, to);
}

/** Names that the parser refuses or changes, because every JavaScript object has such a property. */
const RESERVED = new Set([...Object.getOwnPropertyNames(Object.prototype), 'prototype']);

function tagFault(source: string, open: number, end: number): Fault | null {
  const tag = source.slice(open, end);
  for (const match of tag.replace(/"[^"]*"|'[^']*'/g, (value) => ' '.repeat(value.length)).matchAll(/[^\s<>/="']+/g))
    if (RESERVED.has(match[0])) return { message: `the name ${match[0]} is not accepted`, at: open + match.index };
  return referenceFault(source, open, end);
}

/** Looks at a piece of the document only: a search to its end from every piece would take the square of its length. */
function referenceFault(source: string, from: number, to: number): Fault | null {
  const piece = source.slice(from, to);
  for (let at = piece.indexOf('&'); at !== -1; at = piece.indexOf('&', at + 1)) {
    REFERENCE.lastIndex = at;
    const [reference] = REFERENCE.exec(piece) ?? [];
    if (reference === undefined || referenced(reference) === null)
      return { message: 'a reference is none of those that XML knows by itself', at: from + at };
  }
  return null;
}

function codePoint(source: string, at: number): string {
  return `U+${(source.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
