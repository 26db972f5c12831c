/**
 * What XML 1.0 (fifth edition) allows: characters by its production 2, names by productions 4 and 5. The colon of a namespace may stand
 * inside of a name.
 */
const ILLEGAL = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
const START = [
  'A-Z_a-z',
  String.raw`\u{C0}-\u{D6}\u{D8}-\u{F6}\u{F8}-\u{2FF}\u{370}-\u{37D}\u{37F}-\u{1FFF}\u{200C}-\u{200D}\u{2070}-\u{218F}`,
  String.raw`\u{2C00}-\u{2FEF}\u{3001}-\u{D7FF}\u{F900}-\u{FDCF}\u{FDF0}-\u{FFFD}\u{10000}-\u{EFFFF}`,
].join('');
const NAME = new RegExp(String.raw`[${START}][\u{300}-\u{36F}\u{203F}-\u{2040}\u{B7}:\-.0-9${START}]*`, 'uy');

/** Where the first character stands that no XML document may contain, not even escaped; -1 when there is none. */
export function illegalCharacter(text: string): number {
  return text.search(ILLEGAL);
}

/** The name of an element or attribute that begins at `at`; empty when none does. */
export function nameAt(text: string, at: number): string {
  NAME.lastIndex = at;
  const [name = ''] = NAME.exec(text) ?? [];
  return name.endsWith(':') ? '' : name;
}

/** True for what may be the name of an element or attribute. */
export function isName(text: string): boolean {
  return text !== '' && nameAt(text, 0) === text;
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
const REFERENCE = /&(?:lt|gt|amp|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});/y;

/** Where a text has an ampersand that begins no reference, or one to a character that XML forbids; -1 when it has none. */
export function badReference(text: string): number {
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', at + 1)) {
    REFERENCE.lastIndex = at;
    const [reference] = REFERENCE.exec(text) ?? [];
    if (reference === undefined || referenced(reference) === null) return at;
  }
  return -1;
}

/** Text with its references replaced; one that is none stays as it is. */
export function decode(text: string): string {
  return text.includes('&') ? text.replace(/&[^;]{1,9};/g, (reference) => referenced(reference) ?? reference) : text;
}

function referenced(reference: string): string | null {
  const known = VALUES.get(reference);
  if (known !== undefined) return known;
  const match = /^&#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}));$/.exec(reference);
  if (match === null) return null;
  const code = match[1] === undefined ? Number(match[2]) : Number.parseInt(match[1], 16);
  if (code > 0x10ffff) return null;
  const character = String.fromCodePoint(code);
  return illegalCharacter(character) === -1 ? character : null;
}
