import { InputError } from '../command.js';

/** Percentages of a CPU by machine, one a window: `name,24,34,…` a line, all lines of one length. Throws `InputError`. */
export function parseTrace(file: string, text: string): readonly (readonly number[])[] {
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  const rows = lines.map((line, index) => {
    const [, ...cells] = line.split(',');
    const values = cells.map(Number);
    const wrong = values.findIndex((value, at) => !Number.isFinite(value) || value < 0 || cells[at]?.trim() === '');
    if (wrong >= 0) throw new InputError(file, index + 1, 1, `value ${wrong + 1} is no percentage`);
    if (values.length === 0) throw new InputError(file, index + 1, 1, 'a line is a name and percentages');
    return values;
  });
  const windows = rows[0]?.length ?? 0;
  const odd = rows.findIndex((row) => row.length !== windows);
  if (odd >= 0) throw new InputError(file, odd + 1, 1, `there are ${rows[odd]?.length ?? 0} values, above ${windows}`);
  if (windows === 0) throw new InputError(file, 1, 1, 'there is no line');
  return rows;
}
