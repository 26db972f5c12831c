import type { LoadPolicy } from '../../model/index.js';
import { CONSTRAINTS } from '../constraints/index.js';
import type { Unary } from '../engine/instance.js';
import { allowedHosts, readingOf } from '../place/bounds.js';
import { definedOn } from '../place/definition.js';
import { sourceOf } from '../place/search.js';
import { needsOfRare, wasteOf } from '../place/drawbacks.js';
import { hostTraits } from '../place/traits.js';
import { strategyFloor } from '../strategy.js';
import type { MachineView, View } from '../view.js';
import type { Frame } from './frame.js';

interface UnaryOptions {
  readonly movable: readonly boolean[];
  readonly extra: number;
  readonly relief: LoadPolicy | null;
  /** What it counts that a place asks for a later strategy, and wastes what is rare; null: nothing. */
  readonly drawbacks?: { readonly strategy: number; readonly waste: number } | null;
}

const UNARY = CONSTRAINTS.flatMap(({ declares }) => (declares.kind === 'unary' ? [declares] : []));

/** Where machines may be for their own part, machines alike in one class. Fixed machines are in a class that nobody asks. */
export function packedUnary(
  view: View,
  frame: Frame,
  machines: readonly MachineView[],
  { movable, extra, relief, drawbacks = null }: UnaryOptions,
): Unary {
  const traits = hostTraits(frame);
  const { kind } = traits;
  const hostOfKind = [...new Set(kind)].map((each) => frame.hosts[kind.indexOf(each)] ?? '');
  const classes = new Map<
    string,
    { readonly machine: MachineView; readonly ranks: readonly (number | null)[]; readonly index: number }
  >();
  const classOf = new Int32Array(machines.length + extra);
  machines.forEach((machine, index) => {
    if (movable[index] !== true) return;
    const source = sourceOf(view, machine);
    const ranks = hostOfKind.map((host) => strategyFloor(view, machine, source, host));
    const able = drawbacks === null ? ranks.map((rank) => rank !== null) : [ranks, needsOfRare(machine)];
    const key = JSON.stringify([isPinned(machine), definedOn(view, machine), able, readingOf(view, machine, UNARY)]);
    const known = classes.get(key) ?? { machine, ranks, index: classes.size + 1 };
    classes.set(key, known);
    classOf[index] = known.index;
  });
  const relieving = relief === null ? null : new Set(relief.hosts);
  const cost = new Float64Array((classes.size + 1) * frame.places).fill(Infinity);
  for (const { machine, ranks, index } of classes.values()) {
    const allowed = allowedHosts(view, frame, machine, relief);
    const only = definedOn(view, machine);
    for (let place = 0; place < frame.places; place++) {
      const host = frame.hostOf[place] ?? place;
      const name = frame.hosts[host] ?? '';
      const rank = ranks[kind[host] ?? -1] ?? null;
      const isRight =
        allowed[host] === 1 &&
        rank !== null &&
        relieving?.has(name) !== false &&
        (only === null || only === name) &&
        isPinned(machine) === (place !== host);
      if (!isRight) continue;
      const { strategy = 0, waste: wasted = 0 } = drawbacks ?? {};
      cost[index * frame.places + place] = strategy * rank + wasted * wasteOf(machine, traits, host);
    }
  }
  return { classOf, cost, staying: new Float64Array(machines.length + extra) };
}

function isPinned({ desired }: MachineView): boolean {
  return desired.numaPinned || desired.claims.some((claim) => claim.numaLocal);
}
