import type { LoadPolicy } from '../../model/index.js';
import { CONSTRAINTS } from '../constraints/index.js';
import type { Unary } from '../engine/instance.js';
import { allowedHosts, readingOf } from '../place/bounds.js';
import { definedOn } from '../place/definition.js';
import { sourceOf } from '../place/search.js';
import { hostTraits } from '../place/traits.js';
import { strategyFloor } from '../strategy.js';
import type { MachineView, View } from '../view.js';
import type { Frame } from './frame.js';

const UNARY = CONSTRAINTS.flatMap(({ declares }) => (declares.kind === 'unary' ? [declares] : []));

/** Where machines may be for their own part, machines alike in one class. Fixed machines are in a class that nobody asks. */
export function packedUnary(
  view: View,
  frame: Frame,
  machines: readonly MachineView[],
  {
    movable,
    extra,
    relief,
  }: { readonly movable: readonly boolean[]; readonly extra: number; readonly relief: LoadPolicy | null },
): Unary {
  const { kind } = hostTraits(view, frame);
  const hostOfKind = [...new Set(kind)].map((each) => frame.hosts[kind.indexOf(each)] ?? '');
  const classes = new Map<
    string,
    { readonly machine: MachineView; readonly able: readonly boolean[]; readonly index: number }
  >();
  const classOf = new Int32Array(machines.length + extra);
  machines.forEach((machine, index) => {
    if (movable[index] !== true) return;
    const source = sourceOf(view, machine);
    const able = hostOfKind.map((host) => strategyFloor(view, machine, source, host) !== null);
    const key = JSON.stringify([isPinned(machine), definedOn(view, machine), able, readingOf(view, machine, UNARY)]);
    const known = classes.get(key) ?? { machine, able, index: classes.size + 1 };
    classes.set(key, known);
    classOf[index] = known.index;
  });
  const cost = new Float64Array((classes.size + 1) * frame.places).fill(Infinity);
  for (const { machine, able, index } of classes.values()) {
    const allowed = allowedHosts(view, frame, machine, relief);
    const only = definedOn(view, machine);
    for (let place = 0; place < frame.places; place++) {
      const host = frame.hostOf[place] ?? place;
      const name = frame.hosts[host] ?? '';
      const isRight =
        allowed[host] === 1 &&
        able[kind[host] ?? -1] === true &&
        (relief === null || relief.hosts.includes(name)) &&
        (only === null || only === name) &&
        isPinned(machine) === (place !== host);
      if (isRight) cost[index * frame.places + place] = 0;
    }
  }
  return { classOf, cost, staying: new Float64Array(machines.length + extra) };
}

function isPinned({ desired }: MachineView): boolean {
  return desired.numaPinned || desired.claims.some((claim) => claim.numaLocal);
}
