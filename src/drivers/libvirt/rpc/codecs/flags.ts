import { RefusedArgument } from '../error.js';

/** Names of bits, such as the flags of a call. */
export type FlagTable = Readonly<Record<string, number>>;

/** The flags as one unsigned number. */
export function bitsOf<Table extends FlagTable>(table: Table, names: readonly (keyof Table & string)[]): number {
  return names.reduce((bits, name) => {
    const bit = table[name];
    if (bit === undefined) throw new RefusedArgument(`there is no flag ${name}`);
    return (bits | bit) >>> 0;
  }, 0);
}

/** The name of a number, by its place in a list; `other` where the list has none. */
export function nameOf<Name extends string>(names: readonly Name[], value: number): Name | 'other' {
  return names[value] ?? 'other';
}
