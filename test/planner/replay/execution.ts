import type { Desired, Move, Plan, Step, World } from '../../../src/model/index.js';

/** Numbers from 0 to below `n`, from a seed. */
export type Dice = (n: number) => number;

/** What a plan does to a cluster when its steps are taken one by one in one random order that respects `dependsOn`. */
export function execute(plan: Plan, desired: Desired, world: World, dice: Dice): readonly string[] {
  const faults: string[] = [];
  const open = new Map(plan.moves.map((move) => [move.id, plan.steps.filter((step) => step.move === move.id).length]));
  const there = new Map<string, Set<string>>(world.machines.map((machine) => [machine.name, new Set([machine.host])]));
  const held = new Map<string, string>(
    world.reservations.map((entry) => [`${entry.host}/${entry.device}`, entry.machine]),
  );
  for (const step of randomOrder(plan.steps, dice)) {
    const move = plan.moves.find((candidate) => candidate.id === step.move);
    if (move === undefined) continue;
    const hosts = there.get(move.machine) ?? new Set<string>();
    const arrives = !hosts.has(move.to);
    there.set(move.machine, hosts.add(move.to));
    if (arrives) faults.push(...crowding(desired, world, there, move.to), ...meetings(desired, there, move));
    for (const action of step.actions) {
      if (action.port !== 'ledger') continue;
      const key = `${action.host}/${action.device}`;
      const owner = held.get(key);
      if (action.kind === 'reserve' && owner !== undefined) faults.push(`${key} is taken from ${owner}`);
      if (action.kind === 'reserve') held.set(key, action.machine);
      if (action.kind === 'release') held.delete(key);
    }
    const left = (open.get(move.id) ?? 0) - 1;
    open.set(move.id, left);
    if (left === 0 && move.from !== null) hosts.delete(move.from);
  }
  return faults;
}

function randomOrder(steps: readonly Step[], dice: Dice): readonly Step[] {
  const done = new Set<string>();
  const order: Step[] = [];
  const waiting = new Set(steps);
  while (waiting.size > 0) {
    const ready = [...waiting].filter((step) => step.dependsOn.every((id) => done.has(id)));
    const next = ready[dice(ready.length)];
    if (next === undefined) throw new Error('steps wait for each other');
    waiting.delete(next);
    done.add(next.id);
    order.push(next);
  }
  return order;
}

type Whereabouts = ReadonlyMap<string, ReadonlySet<string>>;

function crowding(desired: Desired, world: World, there: Whereabouts, name: string): readonly string[] {
  const host = world.hosts.find((candidate) => candidate.name === name);
  const roomMiB = host?.numaNodes.reduce((sum, cell) => sum + cell.memoryMiB, 0) ?? 0;
  const present = desired.machines.filter((machine) => there.get(machine.name)?.has(name) === true);
  const usedMiB = present.reduce((sum, machine) => sum + machine.memoryMiB, 0);
  return usedMiB > roomMiB ? [`${name} carries ${usedMiB} MiB of ${roomMiB}`] : [];
}

function meetings(desired: Desired, there: Whereabouts, { machine, to }: Move): readonly string[] {
  return desired.rules.flatMap((rule) => {
    if (rule.kind !== 'anti-affinity' || rule.topology !== 'host' || !rule.machines.includes(machine)) return [];
    const met = rule.machines.filter((other) => other !== machine && there.get(other)?.has(to) === true);
    return met.map((other) => `${machine} meets ${other} on ${to}`);
  });
}
