const SLOW_MS = 20;

/** Lengths that grow slowly: at the first one that is slow even an exponential pattern takes no long time. */
const LENGTHS = [...Array.from({ length: 46 }, (_, index) => 10 + 2 * index), 125, 160, 200, 400, 800, 1_600, 3_200];

/**
 * Tries to make a regular expression backtrack: strings that repeat each of the short pieces its characters allow, and end
 * in one that does not match. The piece that made it slow, or null.
 */
export function backtracks(pattern: string): string | null {
  const expression = new RegExp(pattern, 'u');
  const tried = pieces(pattern);
  for (const length of LENGTHS) {
    for (const piece of tried) {
      const attack = piece.repeat(Math.ceil(length / piece.length));
      if (isSlow(expression, `${attack}\u0000`) || isSlow(expression, `${attack}\n`)) return piece;
    }
  }
  return null;
}

/** The least of three runs: a pause of the machine is no backtracking. */
function isSlow(expression: RegExp, attack: string): boolean {
  for (let run = 0; run < 3; run++) {
    const started = performance.now();
    expression.test(attack);
    if (performance.now() - started < SLOW_MS) return false;
  }
  return true;
}

/** Single characters and pairs of those that a pattern can tell apart: one of each class, and its punctuation. */
function pieces(pattern: string): readonly string[] {
  const literal = [...new Set(pattern.replace(/\\u[0-9a-f]{4}/g, '').replace(/[\\^$()[\]{}*+?|]/g, ''))];
  const singles = [...new Set(['a', 'A', '0', '-', '.', '/', ':', ' ', ',', ...literal])].slice(0, 14);
  return [...singles, ...singles.flatMap((a) => singles.map((b) => a + b))];
}
