/**
 * An independent judge of reconfiguration plans: it reads the two JSON texts for itself, shares nothing with the reader, the engine or the
 * scheduler, and replays the plan instant by instant. At one instant what ends comes before what starts.
 */
import { Replay } from './replay.js';
import type { Raw, RawAction } from './replay.js';
import { isKept } from './laws.js';
import type { Law } from './laws.js';

export interface Verdict {
  readonly actions: number;
  /** Actions by name: migrateVM, bootVM and so on. */
  readonly byName: ReadonlyMap<string, number>;
  /** End of the last action. */
  readonly seconds: number;
  /** Sum of the ends of all actions: what the scheduler's objective (mean time to repair) adds up. */
  readonly sumOfEnds: number;
  readonly violations: readonly string[];
}

/** Judges a plan (JSON text) of an instance (JSON text). */
export function judge(instanceText: string, planText: string): Verdict {
  const raw = JSON.parse(instanceText) as Raw;
  const { actions } = JSON.parse(planText) as { readonly actions: readonly RawAction[] };
  const replay = new Replay(raw.model, raw.constraints);
  const laws = raw.constraints.map((law) => ({ law, continuous: law.continuous === true }));
  const violations = replay.violations;
  const lasting = laws.filter(({ continuous, law }) => continuous || law.id === 'root' || law.id === 'quarantine');
  const touched = indexed(lasting.map(({ law }) => law));
  for (const { law, continuous } of lasting) {
    if (continuous && !isKept(law, replay)) violations.push(`${tell(law)} does not hold before the first action`);
  }

  const instants = [...new Set(actions.flatMap(({ start, end }) => [start, end]))].sort((a, b) => a - b);
  const starting = grouped(actions, ({ start }) => start);
  const ending = grouped(actions, ({ end }) => end);
  const broken = new Set<Law>();
  for (const instant of instants) {
    const before = replay.changes.length;
    for (const action of ending.get(instant) ?? []) if (action.start < instant) replay.end(action, instant);
    for (const action of starting.get(instant) ?? []) replay.start(action, instant);
    replay.measure(instant);
    for (const law of affected(touched, replay.changes.slice(before))) {
      if (broken.has(law) || isKept(law, replay)) continue;
      broken.add(law);
      violations.push(`${tell(law)} does not hold at second ${instant}`);
    }
  }
  replay.close();
  for (const { law } of laws) {
    if (!broken.has(law) && !isKept(law, replay)) violations.push(`${tell(law)} does not hold after the last action`);
  }
  const byName = new Map<string, number>();
  for (const { id } of actions) byName.set(id, (byName.get(id) ?? 0) + 1);
  return {
    actions: actions.length,
    byName,
    seconds: actions.reduce((latest, { end }) => Math.max(latest, end), 0),
    sumOfEnds: actions.reduce((sum, { end }) => sum + end, 0),
    violations,
  };
}

function tell(law: Law): string {
  const text = JSON.stringify(law);
  return text.length > 160 ? `${text.slice(0, 157)}...` : text;
}

function grouped(actions: readonly RawAction[], key: (action: RawAction) => number): Map<number, RawAction[]> {
  const groups = new Map<number, RawAction[]>();
  for (const action of actions) {
    const group = groups.get(key(action));
    if (group === undefined) groups.set(key(action), [action]);
    else group.push(action);
  }
  return groups;
}

/** Laws by the machines and nodes that they name; a law about solitude is touched by every change. */
function indexed(laws: readonly Law[]): ReadonlyMap<string, readonly Law[]> {
  const index = new Map<string, Law[]>();
  const add = (key: string, law: Law) => {
    const list = index.get(key);
    if (list === undefined) index.set(key, [law]);
    else list.push(law);
  };
  for (const law of laws) {
    if (law.id === 'lonely') add('any', law);
    for (const key of ['vm', 'vms', 'vParts'] as const) for (const id of flat(law[key])) add(`vm ${id}`, law);
    if (law.id === 'split') for (const id of flat(law.parts)) add(`vm ${id}`, law);
    for (const key of ['node', 'nodes'] as const) for (const id of flat(law[key])) add(`node ${id}`, law);
  }
  return index;
}

function flat(value: Law[keyof Law]): readonly number[] {
  return [value].flat(2).filter((id) => typeof id === 'number');
}

function affected(index: ReadonlyMap<string, readonly Law[]>, changes: readonly string[]): ReadonlySet<Law> {
  const laws = new Set<Law>();
  if (changes.length === 0) return laws;
  for (const key of ['any', ...changes]) for (const law of index.get(key) ?? []) laws.add(law);
  return laws;
}
