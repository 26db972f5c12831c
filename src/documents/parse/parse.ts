import { isAlias, isMap, isScalar, isSeq, parseAllDocuments, type Document, type Node, type YAMLError } from 'yaml';
import { problem, type Problem } from '../../model/index.js';
import { guard } from './guard.js';
import { LocatedDocument, pointerPart, SourceText, type Spot } from './located.js';

/** Most problems that are told of one file. */
export const MAX_PROBLEMS = 20;
/** Most nodes that aliases may stand for. */
const MAX_ALIASED = 100;

export interface Parsed {
  readonly documents: readonly LocatedDocument[];
  readonly problems: readonly Problem[];
}

/** Reads the documents of one file; a file that holds something that is refused gives problems and no documents. */
export function parse(path: string, text: string): Parsed {
  const source = new SourceText(path, text);
  const refused = guard(text);
  if (refused !== null) {
    const { offset, ...parts } = refused;
    return { documents: [], problems: [problem({ ...parts, place: source.place(offset) })] };
  }
  const documents: LocatedDocument[] = [];
  const problems: Problem[] = [];
  for (const document of composed(text)) {
    const errors = document.errors.length > 0 ? document.errors : document.warnings;
    const found = errors.slice(0, MAX_PROBLEMS).map((error) => syntaxProblem(error, source));
    const located = found.length > 0 ? null : locate(document, source, found);
    problems.push(...found);
    if (problems.length >= MAX_PROBLEMS) break;
    if (located !== null && found.length === 0 && located.value !== null) documents.push(located);
  }
  if (problems.length === 0) return { documents, problems };
  // Whatever else the parser finds in such a file most often follows from the tab.
  const tab = problems.find(({ code }) => code === 'TabIndentation');
  return { documents: [], problems: tab === undefined ? problems.slice(0, MAX_PROBLEMS) : [tab] };
}

/** `uniqueKeys` is off because the library compares every pair of keys; {@link spotsOf} looks for duplicates in linear time. */
function composed(text: string): Document.Parsed[] {
  const result = parseAllDocuments(text, {
    version: '1.2',
    prettyErrors: false,
    uniqueKeys: false,
    stringKeys: true,
    resolveKnownTags: false,
    merge: false,
    logLevel: 'silent',
  });
  return 'empty' in result ? [] : result;
}

function locate(document: Document.Parsed, source: SourceText, problems: Problem[]): LocatedDocument | null {
  const root: Node | null = document.contents;
  if (root === null) return null;
  const walk = new Walk(document, source, problems);
  walk.visit(root, '', root.range?.[0] ?? 0);
  if (problems.length > 0) return null;
  return new LocatedDocument(source, document.toJS({ maxAliasCount: -1 }), walk.spots);
}

/** Notes where every part is written, and refuses duplicate keys, numbers that would be rounded, and alias bombs. */
class Walk {
  readonly spots = new Map<string, Spot>();
  private readonly open = new Set<Node>();
  private aliased = 0;
  /** Offset of the alias (the outermost one) that the walk is inside of. */
  private aliasAt: number | null = null;

  constructor(
    private readonly document: Document,
    private readonly source: SourceText,
    private readonly problems: Problem[],
  ) {}

  visit(node: Node | null, pointer: string, key: number): void {
    if (this.problems.length >= MAX_PROBLEMS) return;
    const offset = this.aliasAt ?? node?.range?.[0] ?? key;
    if (!this.spots.has(pointer)) this.spots.set(pointer, { key: this.aliasAt ?? key, value: offset });
    if (this.aliasAt !== null && ++this.aliased > MAX_ALIASED) {
      this.refuse('TooManyAliases', `aliases stand for more than ${MAX_ALIASED} values`, 'write them out', offset);
      return;
    }
    if (isScalar(node)) this.number(node.value, offset);
    else if (isMap(node)) this.map(node.items as readonly { key: Node; value: Node | null }[], pointer);
    else if (isSeq(node)) {
      node.items.forEach((item, index) => {
        const child = item as Node;
        this.visit(child, `${pointer}/${index}`, child.range?.[0] ?? offset);
      });
    } else if (isAlias(node)) this.alias(node.resolve(this.document), pointer, offset);
  }

  private map(items: readonly { key: Node; value: Node | null }[], pointer: string): void {
    const seen = new Map<string, number>();
    for (const { key, value } of items) {
      if (this.problems.length >= MAX_PROBLEMS) return;
      const name = isScalar(key) ? String(key.value) : '';
      const at = key.range?.[0] ?? 0;
      const first = seen.get(name);
      if (first !== undefined) {
        this.refuse('DuplicateKey', `the key "${name}" is written twice`, 'keep one of them', at, first);
      }
      seen.set(name, at);
      this.visit(value, `${pointer}/${pointerPart(name)}`, at);
    }
  }

  private alias(target: Node | undefined, pointer: string, at: number): void {
    if (target === undefined || this.open.has(target)) {
      this.refuse('BadAlias', 'an alias that stands for nothing, or for itself', 'write the value out', at);
      return;
    }
    const outer = this.aliasAt;
    this.aliasAt ??= at;
    this.open.add(target);
    this.visit(target, pointer, at);
    this.open.delete(target);
    this.aliasAt = outer;
  }

  private number(value: unknown, at: number): void {
    if (typeof value !== 'number' || Number.isSafeInteger(value)) return;
    if (Number.isFinite(value) && !Number.isInteger(value)) return;
    if (!Number.isFinite(value))
      this.refuse('UnsafeNumber', 'a value that is no finite number', 'write a number, or quote it if it is text', at);
    else this.refuse('UnsafeNumber', 'a number that cannot be kept exactly', 'quote it if it is text', at);
  }

  private refuse(code: string, message: string, hint: string, at: number, first?: number): void {
    const related = first === undefined ? [] : [{ message: 'first written here', place: this.source.place(first) }];
    this.problems.push(problem({ code, message, hint, place: this.source.place(at), related }));
  }
}

const TAG_HINT = 'remove the tag; the fields of a document have their types already';

/** The codes of the library that get words of our own; the others keep the library's message. */
const SYNTAX: Readonly<Record<string, readonly [code: string, message: string, hint: string]>> = {
  TAB_AS_INDENT: ['TabIndentation', 'a tab in the indentation', 'indent with spaces; YAML does not allow tabs'],
  TAG_RESOLVE_FAILED: ['UnknownTag', 'a YAML tag', TAG_HINT],
  BAD_ALIAS: ['BadAlias', 'an alias that stands for nothing', 'write the value out'],
  NON_STRING_KEY: ['SyntaxError', 'a key that is no text', 'keys are plain words'],
  BLOCK_AS_IMPLICIT_KEY: [
    'SyntaxError',
    'a mapping inside of a value',
    'start it on a line of its own, indented; quote text that has ": " in it',
  ],
};

function syntaxProblem(error: YAMLError, source: SourceText): Problem {
  const place = source.place(error.pos[0]);
  const words = SYNTAX[error.code];
  if (words !== undefined) return problem({ code: words[0], message: words[1], hint: words[2], place });
  const tab = /^ *\t/.test(place.excerpt);
  if (tab)
    return problem({ code: 'TabIndentation', message: 'a tab in the indentation', hint: 'indent with spaces', place });
  return problem({ code: 'SyntaxError', message: error.message, place });
}
