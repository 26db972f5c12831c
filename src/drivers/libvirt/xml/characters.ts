/**
 * What XML 1.0 (fifth edition) allows: characters by its production 2, names by productions 4 and 5. The namespace colon is allowed
 * anywhere but at the ends, for libvirt passes such names on.
 */
const ILLEGAL = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
const START = 'A-Z_a-z\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\u{F8}-\\u{2FF}\\u{370}-\\u{37D}\\u{37F}-\\u{1FFF}\\u{200C}\\u{200D}\\u{2070}-\\u{218F}\\u{2C00}-\\u{2FEF}\\u{3001}-\\u{D7FF}\\u{F900}-\\u{FDCF}\\u{FDF0}-\\u{FFFD}\\u{10000}-\\u{EFFFF}';
const NAME = new RegExp(`^[${START}][${START}:\\-.0-9\\u{B7}\\u{300}-\\u{36F}\\u{203F}\\u{2040}]*$`, 'u');

/** Where the first character stands that no XML document may contain, not even escaped; -1 when there is none. */
export function illegalCharacter(text: string): number {
  return text.search(ILLEGAL);
}

/** True for what may be the name of an element or attribute. */
export function isName(text: string): boolean {
  return NAME.test(text) && !text.endsWith(':');
}

/** Text with its markup characters escaped. A carriage return would be read back as a line feed, so it is escaped too. */
export function escapeText(text: string): string {
  return text.replace(/[&<>\r]/g, escaped);
}

/** The value of an attribute, for either kind of quotes. Blanks other than spaces are escaped, or they would be read back as spaces. */
export function escapeAttribute(value: string): string {
  return value.replace(/[&<>"'\t\n\r]/g, escaped);
}

function escaped(character: string): string {
  return NAMED.get(character) ?? `&#${character.charCodeAt(0)};`;
}

const NAMED = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&apos;'],
]);

const VALUES = new Map([...NAMED].map(([character, reference]) => [reference, character]));

/** One reference of the five that XML knows without a declaration, or of a character by its number. */
export const REFERENCE = /&(?:lt|gt|amp|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});/y;

/** The character that a reference stands for; null for what is no reference, or is one to a character that XML forbids. */
export function referenced(reference: string): string | null {
  const known = VALUES.get(reference);
  if (known !== undefined) return known;
  const match = /^&#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}));$/.exec(reference);
  if (match === null) return null;
  const code = match[1] === undefined ? Number(match[2]) : Number.parseInt(match[1], 16);
  if (code > 0x10ffff) return null;
  const character = String.fromCodePoint(code);
  return illegalCharacter(character) === -1 ? character : null;
}

/** Text with its references replaced; the scan has refused those that it does not know. */
export function decode(text: string): string {
  return text.includes('&') ? text.replace(/&[^;]{1,9};/g, (reference) => referenced(reference) ?? reference) : text;
}
