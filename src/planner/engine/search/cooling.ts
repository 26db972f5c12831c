/** The temperature at the start, in mean changes of cost, and the share of it at the knee and at the end. */
const HOT = 2;
const KNEE_TEMPERATURE = 1e-4;
const COLD = 1e-7;
/** Share of the search that lies before the knee. */
const KNEE = 0.85;

/**
 * The temperature after a share of the whole search, 0 to 1, in mean changes of cost. It falls geometrically and slowly as long as loads
 * settle, then fast, through the costs of single moves, which may be a millionth of the others. Hotter than twice a mean change nothing
 * is decided.
 */
export function temperatureAt(done: number): number {
  if (done < KNEE) return HOT * KNEE_TEMPERATURE ** (done / KNEE);
  return HOT * KNEE_TEMPERATURE * (COLD / KNEE_TEMPERATURE) ** ((done - KNEE) / (1 - KNEE));
}
