/** Machines that all others see alike, and what it costs to go from a machine of one class to a machine of another. */
export interface Distances {
  readonly classOf: Int32Array;
  readonly classes: number;
  /** class × class. */
  readonly table: Float64Array;
}

/**
 * Folds a machine × machine table into classes: two machines are of one class when every third machine is as far from the one as from
 * the other, both ways. The diagonal does not count: who stays crosses nothing. 5,000 machines of 25 million pairs become some hundred
 * classes; where machines have nothing in common every one is a class of its own.
 */
export function foldDistances(machines: number, pairs: Uint16Array | Int32Array): Distances {
  const classOf = new Int32Array(machines);
  const representatives: number[] = [];
  for (let machine = 0; machine < machines; machine++) {
    const found = representatives.findIndex((other) => alike(machines, pairs, machine, other));
    classOf[machine] = found < 0 ? representatives.length : found;
    if (found < 0) representatives.push(machine);
  }
  return tableOf(machines, pairs, classOf, representatives.length) ?? everyoneAlone(machines, pairs);
}

function alike(machines: number, pairs: Uint16Array | Int32Array, one: number, other: number): boolean {
  if (pairs[one * machines + other] !== pairs[other * machines + one]) return false;
  for (let third = 0; third < machines; third++) {
    if (third === one || third === other) continue;
    if (pairs[one * machines + third] !== pairs[other * machines + third]) return false;
    if (pairs[third * machines + one] !== pairs[third * machines + other]) return false;
  }
  return true;
}

/** Null when two machines of one class are at another distance than two others of it. */
function tableOf(
  machines: number,
  pairs: Uint16Array | Int32Array,
  classOf: Int32Array,
  classes: number,
): Distances | null {
  const table = new Float64Array(classes * classes).fill(-1);
  for (let one = 0; one < machines; one++) {
    for (let other = 0; other < machines; other++) {
      if (one === other) continue;
      const at = (classOf[one] ?? 0) * classes + (classOf[other] ?? 0);
      const distance = pairs[one * machines + other] ?? 0;
      if (table[at] === -1) table[at] = distance;
      else if (table[at] !== distance) return null;
    }
  }
  return { classOf, classes, table: table.map((distance) => Math.max(0, distance)) };
}

function everyoneAlone(machines: number, pairs: Uint16Array | Int32Array): Distances {
  return {
    classOf: Int32Array.from({ length: machines }, (_, machine) => machine),
    classes: machines,
    table: Float64Array.from(pairs),
  };
}
