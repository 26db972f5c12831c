/** Documents have no longer names; what is longer comes from elsewhere, and is whole in JSON and YAML. */
const LONGEST_NAME = 63;

/** A table of text cells, columns aligned, without trailing blanks. Cells are cut, but for the last column, which nothing stands behind. */
export function tableText(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows].map((row) =>
    row.map((cell, column) => (column < head.length - 1 ? cutName(cell) : cell)),
  );
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

/** A name as tables show it: whole, when a document could have it. */
export function cutName(name: string): string {
  return cut(name, LONGEST_NAME);
}

/** Text in at most so many columns, with … where the rest was. */
export function cut(text: string, columns: number): string {
  if (text.length <= columns) return text;
  return columns === 0 ? '' : `${text.slice(0, columns - 1)}…`;
}
