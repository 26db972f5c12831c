/** Keys and indices that lead to a value. */
export type Path = readonly (string | number)[];

/** Line and column in a text, both from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** Lists and objects within each other that are followed. */
const DEEPEST = 500;

/** Where the value is that the path leads to; where it leads nowhere, the last value on the way. The text is JSON. */
export function placeOf(text: string, path: Path): TextPlace {
  const scanner = new Scanner(text, path);
  try {
    scanner.value(0, true);
  } catch (error) {
    if (!(error instanceof Unexpected)) throw error;
  }
  return lineAndColumn(text, scanner.found);
}

/** Where a text stops being JSON, and what is wrong there; null when it is JSON. */
export function syntaxErrorIn(text: string): (TextPlace & { readonly message: string }) | null {
  const scanner = new Scanner(text, null);
  try {
    scanner.whole();
    return null;
  } catch (error) {
    if (!(error instanceof Unexpected)) throw error;
    return { ...lineAndColumn(text, error.at), message: error.message };
  }
}

/** `model.views[0].id` as a path; `$` is the whole. */
export function pathOf(text: string): Path {
  const parts = text.match(/[^.[\]]+/g) ?? [];
  return parts.filter((part) => part !== '$').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

class Unexpected extends Error {
  constructor(
    readonly at: number,
    message: string,
  ) {
    super(message);
  }
}

/** Walks over JSON text without making anything of it, and notes where the value at a path begins. */
class Scanner {
  found = 0;
  #at = 0;

  constructor(
    private readonly text: string,
    private readonly path: Path | null,
  ) {}

  whole(): void {
    this.value(0, false);
    this.#blanks();
    if (this.#at < this.text.length) this.#fail('the text should end here');
  }

  /** One value; `onPath`: it is the one to which the first `depth` parts of the path lead. */
  value(depth: number, onPath: boolean): void {
    this.#blanks();
    if (depth > DEEPEST) this.#fail(`there are more than ${DEEPEST} lists and objects within each other`);
    if (onPath) this.found = this.#at;
    const next = this.text[this.#at];
    if (next === '{') this.#object(depth, onPath);
    else if (next === '[') this.#list(depth, onPath);
    else if (next === '"') this.#string();
    else this.#word();
    if (onPath && depth === this.path?.length) throw new Unexpected(this.found, 'found');
  }

  #object(depth: number, onPath: boolean): void {
    this.#entries('}', 'a name in quotes', () => {
      if (this.text[this.#at] !== '"') this.#fail('a name in double quotes is expected here');
      const start = this.#at;
      this.#string();
      const name = this.text.slice(start + 1, this.#at - 1);
      this.#blanks();
      if (this.text[this.#at] !== ':') this.#fail('a colon is expected here');
      this.#at += 1;
      this.value(depth + 1, onPath && String(this.path?.[depth]) === name);
    });
  }

  #list(depth: number, onPath: boolean): void {
    let index = 0;
    this.#entries(']', 'a value', () => {
      this.value(depth + 1, onPath && this.path?.[depth] === index);
      index += 1;
    });
  }

  #entries(end: string, what: string, entry: () => void): void {
    this.#at += 1;
    this.#blanks();
    if (this.text[this.#at] === end) {
      this.#at += 1;
      return;
    }
    for (;;) {
      this.#blanks();
      if (this.text[this.#at] === end) this.#fail(`${what} is expected after a comma`);
      entry();
      this.#blanks();
      const next = this.text[this.#at];
      if (next !== ',' && next !== end) this.#fail(`a comma or ${end} is expected here`);
      this.#at += 1;
      if (next === end) return;
    }
  }

  #string(): void {
    const start = this.#at;
    for (this.#at += 1; this.#at < this.text.length; this.#at++) {
      const code = this.text.charCodeAt(this.#at);
      if (code < 32) this.#fail('a text in quotes has a line break or control character');
      if (code === 92) this.#escape();
      else if (code === 34) {
        this.#at += 1;
        return;
      }
    }
    this.#at = start;
    this.#fail('the text that begins here has no closing quote');
  }

  #escape(): void {
    const escaped = /^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.exec(this.text.slice(this.#at, this.#at + 6));
    if (escaped === null) this.#fail('a backslash stands before one of " \\ / b f n r t, or u and four digits');
    else this.#at += escaped[0].length - 1;
  }

  #word(): void {
    const start = this.#at;
    while (this.#at < this.text.length && !' \t\r\n,:[]{}"'.includes(this.text[this.#at] ?? '')) this.#at += 1;
    const word = this.text.slice(start, this.#at);
    if (/^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/.test(word)) return;
    this.#at = start;
    const shown = JSON.stringify(word.length > 40 ? `${word.slice(0, 40)}…` : word);
    this.#fail(
      start >= this.text.length
        ? 'the file ends before it is complete'
        : `${word === '' ? 'this' : shown} is no JSON value`,
    );
  }

  #blanks(): void {
    while (' \t\r\n'.includes(this.text[this.#at] ?? '.')) this.#at += 1;
  }

  #fail(message: string): never {
    throw new Unexpected(this.#at, this.#at >= this.text.length ? 'the file ends before it is complete' : message);
  }
}

function lineAndColumn(text: string, at: number): TextPlace {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
