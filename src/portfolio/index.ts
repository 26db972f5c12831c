import type { Instance } from '../planner/engine/instance.js';
import { search } from '../planner/engine/search/index.js';
import type { Options, Result } from '../planner/engine/search/index.js';
import { State } from '../planner/engine/state.js';
import { searchMembers } from './members.js';
import { partsOf } from './parts.js';
import type { PartOf } from './parts.js';
import type { PortfolioOptions } from './options.js';
import { share } from './shared.js';
import { set, total, withCrew } from './tasks.js';
import type { Found } from './tasks.js';
import { workplaceOf } from './workplace.js';

/**
 * `search` by several threads, which is the same for the same seed whatever their number, as long as evaluations bound it. A problem of
 * independent parts is searched part by part, several at once. A problem of one part is searched by several members with seeds of their
 * own in rounds: after each round the worse half goes on from the best assignment, by cost and then by number. Blocks the caller until
 * the end; the other threads are gone then. Throws when a thread fails.
 */
export function searchTogether(instance: Instance, options: PortfolioOptions): Result {
  const bounded = (options.budget.evaluations ?? options.budget.seconds) !== undefined;
  const parts = limited(options) ? [] : partsOf(instance);
  const single = !bounded || (options.members === 1 && (options.rounds ?? 1) === 1);
  if (parts.length < 2 && single) return search(instance, options);
  const start = options.start ?? instance.origin;
  const startCost = new State(instance, start).cost;
  const { assignment, evaluations } =
    parts.length > 1 ? searchParts(parts, start, options) : searchMembers(instance, start, startCost, options);
  const { cost, moves } = new State(instance, assignment);
  options.onImprovement?.(assignment.slice(), cost);
  return { assignment, cost, startCost, evaluations, moves };
}

function limited({ maxMoves = Infinity }: Options): boolean {
  return maxMoves < Infinity;
}

function searchParts(parts: readonly PartOf[], start: Int32Array, options: PortfolioOptions): Found {
  // The largest first, so that no thread is left with a large one in the end.
  const order = [...parts].sort((a, b) => b.machines.length - a.machines.length);
  const all = start.length;
  const place = workplaceOf(
    order.map((part) => share(part.instance)),
    order.map((part) => part.machines.length),
    options.threads,
  );
  order.forEach(({ machines, places }, task) => {
    const placeAt = new Map([...places].map((own, index) => [own, index]));
    place.assignments[task]?.set(machines.map((machine) => placeAt.get(start[machine] ?? -1) ?? -1));
    const weight = machines.length / all;
    set(place, task, {
      instance: task,
      seed: options.seed + task,
      evaluations: Math.ceil((options.budget.evaluations ?? Infinity) * weight),
      deadline: Infinity,
      seconds: (options.budget.seconds ?? Infinity) * Math.min(1, weight * options.threads),
      from: options.phase?.from ?? 0,
      to: options.phase?.to ?? 1,
    });
  });
  withCrew(place, options, order.length, (crew) => crew.run(order.length));
  const assignment = new Int32Array(all);
  order.forEach(({ machines, places }, task) => {
    place.assignments[task]?.forEach(
      (own, index) => (assignment[machines[index] ?? 0] = own < 0 ? -1 : (places[own] ?? -1)),
    );
  });
  return { assignment, evaluations: total(place, order.length) };
}
