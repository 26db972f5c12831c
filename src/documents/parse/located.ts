import type { Place } from '../../model/index.js';

/** Longest line that is shown; one of generated text would only bury the message. */
const MAX_EXCERPT = 400;

/** A file's text that can say which line and column an offset is. */
export class SourceText {
  private readonly lineStarts: number[] = [0];

  constructor(
    readonly path: string,
    readonly text: string,
  ) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.lineStarts.push(at + 1);
  }

  place(offset: number, pointer = ''): Place {
    const line = this.lineOf(offset);
    const start = this.lineStarts[line] ?? 0;
    const end = (this.lineStarts[line + 1] ?? this.text.length + 1) - 1;
    const excerpt = end - start > MAX_EXCERPT ? '' : this.text.slice(start, end).trimEnd();
    return { file: this.path, line: line + 1, column: offset - start + 1, pointer, excerpt };
  }

  private lineOf(offset: number): number {
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Offsets of a key (the item itself in a list) and of its value. */
export interface Spot {
  readonly key: number;
  readonly value: number;
}

/** One YAML document as plain data, with the spot of every part of it. */
export class LocatedDocument {
  constructor(
    readonly source: SourceText,
    readonly value: unknown,
    private readonly spots: ReadonlyMap<string, Spot>,
  ) {}

  /** Where the value at the pointer is written; the nearest part around it when it is not written. */
  at(pointer: string): Place {
    return this.source.place(this.nearest(pointer).value, pointer);
  }

  /** Where the key at the pointer is written. */
  keyAt(pointer: string): Place {
    return this.source.place(this.nearest(pointer).key, pointer);
  }

  has(pointer: string): boolean {
    return this.spots.has(pointer);
  }

  private nearest(pointer: string): Spot {
    for (let part = pointer; part !== ''; part = part.slice(0, part.lastIndexOf('/'))) {
      const spot = this.spots.get(part);
      if (spot !== undefined) return spot;
    }
    return this.spots.get('') ?? { key: 0, value: 0 };
  }
}

/** A key as a part of a JSON pointer. */
export function pointerPart(key: string | number): string {
  return String(key).replaceAll('~', '~0').replaceAll('/', '~1');
}
