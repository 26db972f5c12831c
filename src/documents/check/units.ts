const MEMORY = { k: 1 / 1024, m: 1, g: 1024, t: 1024 * 1024 };
const RATE = { k: 0.001, m: 1, g: 1000 };

/** How many of the unit that ends a field's name one of a written unit is. */
const FACTORS: readonly (readonly [field: RegExp, written: (unit: string) => number | undefined])[] = [
  [/MiB$/, (unit) => memory(unit)],
  [/GiB$/, (unit) => scale(memory(unit), 1 / 1024)],
  [/KiB$/, (unit) => scale(memory(unit), 1024)],
  [/Mibps$/, (unit) => memory(unit.replace(/(\/s|ps)$/i, ''))],
  [/Mbps$/, (unit) => rate(unit)],
  [/(^ms|Ms)$/, (unit) => scale(seconds(unit), 1000)],
  [/Seconds$/, (unit) => seconds(unit)],
  [/Minutes$/, (unit) => scale(seconds(unit), 1 / 60)],
  [/Percent$/, (unit) => (unit === '%' ? 1 : undefined)],
  [/^(high|low|minimumGain)$/, (unit) => (unit === '%' ? 0.01 : undefined)],
];

/** `8GiB` in the unit of the field `memoryMiB` is 8192; null when the text is no amount, or of another kind. */
export function inUnitOf(field: string, text: string): number | null {
  const match = /^([0-9]{1,12}(?:\.[0-9]{1,6})?) ?([A-Za-z%/]{1,10})$/.exec(text.trim());
  const factor = FACTORS.find(([pattern]) => pattern.test(field))?.[1](match?.[2] ?? '');
  if (match === null || factor === undefined) return null;
  return Number((Number(match[1]) * factor).toPrecision(12));
}

function memory(unit: string): number | undefined {
  const match = /^([kmgt])(i?b|i)?$/i.exec(unit);
  return MEMORY[match?.[1]?.toLowerCase() as keyof typeof MEMORY];
}

function rate(unit: string): number | undefined {
  const match = /^([kmg])(bps|bit|bits|bit\/s|b\/s|b)?$/i.exec(unit);
  return RATE[match?.[1]?.toLowerCase() as keyof typeof RATE];
}

function seconds(unit: string): number | undefined {
  const match = /^(ms|s|sec|m|min|h|d)$/.exec(unit.toLowerCase());
  const table: Readonly<Record<string, number>> = { ms: 0.001, s: 1, sec: 1, m: 60, min: 60, h: 3600, d: 86400 };
  return table[match?.[1] ?? ''];
}

function scale(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}
