import { CST, Lexer } from 'yaml';

/** Largest file that is read at all. */
export const MAX_FILE_BYTES = 1_048_576;
/** Deepest nesting of a document; the parser recurses, and would take the process down with it. */
const MAX_DEPTH = 64;
/** Most documents in one file. */
const MAX_DOCUMENTS = 10_000;

/** What is refused before the parser sees it, and where. */
export interface Refused {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly offset: number;
}

/**
 * Looks at the text with the library's lexer, which is iterative and linear, and refuses what its recursive parser must not
 * get: too deep nesting (flow or block), directives (`%YAML 1.1` turns a MAC into a number), and too many documents.
 */
export function guard(text: string): Refused | null {
  if (Buffer.byteLength(text) > MAX_FILE_BYTES) {
    return refuse('FileTooLarge', `the file is larger than ${MAX_FILE_BYTES} bytes`, 'split it into several files', 0);
  }
  const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.exec(text); // eslint-disable-line no-control-regex
  if (control !== null) return refuse('SyntaxError', 'a control character in the text', 'remove it', control.index);
  return walk(text);
}

function walk(text: string): Refused | null {
  const nesting = new Nesting();
  let offset = 0;
  let documents = 0;
  let scalar = false;
  for (const token of new Lexer().lex(text)) {
    const type = scalar ? 'scalar' : CST.tokenType(token);
    scalar = token === CST.SCALAR;
    if (token === CST.DOCUMENT) nesting.reset();
    if (token === CST.DOCUMENT || type === 'doc-start') documents += 1;
    if (type === 'directive-line') {
      return refuse('DirectiveRefused', `the directive ${token.trim()} is not allowed`, 'remove the line', offset);
    }
    if (documents > MAX_DOCUMENTS) {
      return refuse(
        'TooManyDocuments',
        `more than ${MAX_DOCUMENTS} documents in one file`,
        'split it into several files',
        offset,
      );
    }
    if (isMark(token)) continue;
    nesting.take(type, token);
    if (nesting.depth > MAX_DEPTH) {
      return refuse('TooDeep', `nested deeper than ${MAX_DEPTH} levels`, 'no document needs that depth', offset);
    }
    offset += token.length;
  }
  return null;
}

/** Tokens by which the lexer marks a state; they stand for no text. */
function isMark(token: string): boolean {
  return token === CST.DOCUMENT || token === CST.SCALAR || token === CST.FLOW_END;
}

/**
 * An upper bound of the depth at the current token: open flow brackets, and in block style the columns at which the open
 * nodes start (`- - x` and `a: b: c` nest within a line). A sequence may start in the column of the key that holds it.
 */
class Nesting {
  private flow = 0;
  private column = 0;
  private fresh = true;
  private readonly starts: number[] = [];

  get depth(): number {
    return this.flow + this.starts.length;
  }

  reset(): void {
    this.flow = 0;
    this.starts.length = 0;
    this.column = 0;
    this.fresh = true;
  }

  take(type: ReturnType<typeof CST.tokenType> | 'scalar', token: string): void {
    const indicator = type === 'seq-item-ind' || type === 'explicit-key-ind' || type === 'map-value-ind';
    if (type === 'newline') this.fresh = true;
    else if (type !== 'space' && type !== 'comment') {
      if (this.fresh && this.flow === 0) this.start(2 * this.column + (type === 'seq-item-ind' ? 1 : 0));
      this.fresh = indicator;
    }
    if (type === 'flow-map-start' || type === 'flow-seq-start') this.flow += 1;
    if (type === 'flow-map-end' || type === 'flow-seq-end') this.flow = Math.max(0, this.flow - 1);
    const newline = token.lastIndexOf('\n');
    this.column = newline < 0 ? this.column + token.length : token.length - newline - 1;
  }

  private start(key: number): void {
    while ((this.starts.at(-1) ?? -1) >= key) this.starts.pop();
    this.starts.push(key);
  }
}

function refuse(code: string, message: string, hint: string, offset: number): Refused {
  return { code, message, hint, offset };
}
