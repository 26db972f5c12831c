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
  const colours = coloursOf(machines, pairs);
  const classOf = new Int32Array(machines);
  const representatives: number[] = [];
  const byColour = new Map<number, number[]>();
  for (let machine = 0; machine < machines; machine++) {
    const colour = colours[machine] ?? 0;
    const known = byColour.get(colour) ?? [];
    byColour.set(colour, known);
    let found = known.find((other) => alike(machines, pairs, machine, representatives[other] ?? 0));
    if (found === undefined) {
      found = representatives.length;
      representatives.push(machine);
      known.push(found);
    }
    classOf[machine] = found;
  }
  return tableOf(machines, pairs, classOf, representatives.length) ?? everyoneAlone(machines, pairs);
}

/**
 * A number for each machine that is the same for machines of one class, and mostly another for others: colours are mixed from the colours
 * and distances of all others, in a few rounds (colour refinement of Weisfeiler and Leman), so that few pairs need to be compared.
 */
function coloursOf(machines: number, pairs: Uint16Array | Int32Array): Int32Array {
  let colours = new Int32Array(machines);
  for (let round = 1; round <= ROUNDS; round++) {
    const next = colours.map((colour) => Math.imul(colour, 31));
    for (let one = 0; one < machines; one++) {
      const colour = colours[one] ?? 0;
      for (let other = 0; other < machines; other++) {
        if (one === other) continue;
        const distance = (pairs[one * machines + other] ?? 0) + 1;
        next[one] = (next[one] ?? 0) + mixed(colours[other] ?? 0, distance, round);
        next[other] = (next[other] ?? 0) + mixed(colour, distance, -round);
      }
    }
    colours = next;
  }
  return colours;
}

const ROUNDS = 3;

function mixed(colour: number, distance: number, salt: number): number {
  const a = Math.imul(colour ^ Math.imul(distance, 0x9e3779b1) ^ Math.imul(salt, 0x85ebca6b), 0xc2b2ae35);
  return Math.imul(a ^ (a >>> 15), 0x27d4eb2f);
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
