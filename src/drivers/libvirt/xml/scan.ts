import { badReference, illegalCharacter } from './characters.js';
import { BAD_REFERENCE, readEndTag, readStartTag } from './tag.js';
import type { Fault } from './tag.js';

export interface Scanned {
  /** What stands between `<?` and `?>`, in order. */
  readonly instructions: readonly string[];
  readonly fault: Fault | null;
}

/**
 * Reads over a document whose lines end in line feeds before the parser does, in one pass and without recursion, and refuses what is not
 * well-formed, which the parser would let pass: it builds the tree and checks little. Refused as well are document types and with them
 * entities, too many levels, and names that JavaScript objects use themselves.
 */
export function scan(source: string, maxDepth: number): Scanned {
  const instructions: string[] = [];
  const illegal = illegalCharacter(source);
  if (illegal !== -1) {
    const message = `character ${codePoint(source, illegal)} is not allowed in XML`;
    return { instructions, fault: { message, at: illegal } };
  }
  return { instructions, fault: walk(source, maxDepth, instructions) };
}

function walk(source: string, maxDepth: number, instructions: string[]): Fault | null {
  const open: string[] = [];
  let hasRoot = false;
  for (let at = 0; ;) {
    const next = source.indexOf('<', at);
    const fault = textFault(source, at, next === -1 ? source.length : next, open.length > 0);
    if (fault !== null) return fault;
    if (next === -1) break;
    const markup = readMarkup(source, next);
    if ('message' in markup) return markup;
    switch (markup.kind) {
      case 'comment':
        if (/--|-$/.test(source.slice(next + 4, markup.end - 3)))
          return { message: 'a comment contains "--"', at: next };
        break;
      case 'cdata':
        if (open.length === 0) return { message: OUTSIDE, at: next };
        break;
      case 'instruction':
        instructions.push(source.slice(next + 2, markup.end - 2));
        break;
      case 'end': {
        const begun = open.pop();
        if (begun === undefined) return { message: `${markup.name} is closed but was not opened`, at: next };
        if (begun !== markup.name) return { message: `${markup.name} is closed where ${begun} is open`, at: next };
        break;
      }
      case 'start':
        if (open.length === 0 && hasRoot) return { message: 'a second root element begins', at: next };
        if (open.length === maxDepth)
          return { message: `elements are nested more than ${maxDepth} levels deep`, at: next };
        hasRoot = true;
        if (!markup.empty) open.push(markup.name);
        break;
    }
    at = markup.end;
  }
  const left = open.pop();
  if (left !== undefined) return { message: `${left} is never closed`, at: source.length };
  return hasRoot ? null : { message: 'there is no element', at: source.length };
}

/** A piece of markup; `end` is the index behind it. */
type Markup =
  | { readonly kind: 'comment' | 'cdata' | 'instruction'; readonly end: number }
  | { readonly kind: 'start'; readonly name: string; readonly empty: boolean; readonly end: number }
  | { readonly kind: 'end'; readonly name: string; readonly end: number };

/** Reads the markup that begins with the `<` at `at`. */
function readMarkup(source: string, at: number): Markup | Fault {
  if (source.startsWith('<!--', at)) return ended(source, at, 'comment', '-->', 4);
  if (source.startsWith('<![CDATA[', at)) return ended(source, at, 'cdata', ']]>', 9);
  if (source.startsWith('<!', at)) return { message: 'document types and entities are not accepted', at };
  if (source.startsWith('<?', at)) return ended(source, at, 'instruction', '?>', 2);
  if (source.startsWith('</', at)) {
    const tag = readEndTag(source, at);
    return 'message' in tag ? tag : { kind: 'end', ...tag };
  }
  const tag = readStartTag(source, at);
  return 'message' in tag ? tag : { kind: 'start', ...tag };
}

function ended(
  source: string,
  at: number,
  kind: 'comment' | 'cdata' | 'instruction',
  close: string,
  skipped: number,
): Markup | Fault {
  const end = source.indexOf(close, at + skipped);
  return end === -1 ? { message: `the ${kind} does not end`, at } : { kind, end: end + close.length };
}

const OUTSIDE = 'text stands outside of the root element';

/** Looks at a piece of the document only: a search to its end from every piece would take the square of its length. */
function textFault(source: string, from: number, to: number, inside: boolean): Fault | null {
  const text = source.slice(from, to);
  if (!inside) {
    const first = text.search(/\S/);
    return first === -1 ? null : { message: OUTSIDE, at: from + first };
  }
  const end = text.indexOf(']]>');
  if (end !== -1) return { message: 'text contains "]]>"', at: from + end };
  const reference = badReference(text);
  return reference === -1 ? null : { message: BAD_REFERENCE, at: from + reference };
}

function codePoint(source: string, at: number): string {
  return `U+${(source.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
