import type { Instance } from '../planner/engine/instance.js';
import { search } from '../planner/engine/search/index.js';
import type { Options, Result } from '../planner/engine/search/index.js';
import { State } from '../planner/engine/state.js';
import { Crew } from './crew.js';
import { partsOf } from './parts.js';
import type { PartOf } from './parts.js';
import { share } from './shared.js';
import { AT, fieldAt, workplaceOf } from './workplace.js';
import type { FIELD, Workplace } from './workplace.js';

/** How a search is shared out. */
export interface PortfolioOptions extends Options {
  /** Threads at work, the caller's own among them. */
  readonly threads: number;
  /** Searches with seeds of their own that run side by side; with a budget of evaluations the result depends on them, not on threads. */
  readonly members?: number;
  /**
   * After each round, who is worst goes on from the best. Without a number: 4 rounds, and 1 where moves are limited, because there a search
   * that begins again has to find its price for moves again.
   */
  readonly rounds?: number;
  /** The module that threads run, when it is not beside this one (tests run sources that no thread can load). */
  readonly program?: URL;
}

const MEMBERS = 2;
const ROUNDS = 4;

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

interface Found {
  readonly assignment: Int32Array;
  readonly evaluations: number;
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

function searchMembers(instance: Instance, start: Int32Array, startCost: number, options: PortfolioOptions): Found {
  const { members = MEMBERS, rounds = limited(options) ? 1 : ROUNDS, budget } = options;
  const tasks = Array.from({ length: members }, (_, member) => member);
  const place = workplaceOf(
    [share(instance)],
    tasks.map(() => instance.machines),
    options.threads,
  );
  for (const assignment of place.assignments) assignment.set(start);
  const clock = () => performance.timeOrigin + performance.now();
  const begin = clock();
  const share01 = (round: number) => {
    const { from, to } = options.phase ?? { from: 0, to: 1 };
    return from + ((to - from) * round) / rounds;
  };
  let evaluations = 0;
  withCrew(place, options, members, (crew) => {
    for (let round = 0; round < rounds; round++) {
      for (const member of tasks) {
        set(place, member, {
          instance: 0,
          seed: options.seed + 1_000_003 * member + 7_919 * round,
          evaluations: Math.ceil((budget.evaluations ?? Infinity) / members / rounds),
          deadline: begin + ((budget.seconds ?? Infinity) * 1000 * (round + 1)) / rounds,
          seconds: Infinity,
          from: share01(round),
          to: share01(round + 1),
          maxMoves: options.maxMoves ?? Infinity,
        });
      }
      crew.run(members);
      evaluations += total(place, members);
      if (round + 1 < rounds) adopt(place, tasks);
    }
  });
  const best = ranked(place, tasks)[0] ?? 0;
  const found = Int32Array.from(place.assignments[best] ?? start);
  // Rounds in between may end anywhere; who was placed counts for more than cost.
  const waiting = (assignment: Int32Array) => assignment.filter((at) => at < 0).length;
  const worse = (place.fields[fieldAt(best, 'cost')] ?? 0) > startCost && waiting(found) >= waiting(start);
  return { assignment: worse ? start.slice() : found, evaluations };
}

/** The worse half goes on from the best. */
function adopt(place: Workplace, tasks: readonly number[]): void {
  const order = ranked(place, tasks);
  const best = place.assignments[order[0] ?? 0];
  for (const worse of order.slice(Math.ceil(order.length / 2))) {
    if (best !== undefined) place.assignments[worse]?.set(best);
  }
}

function ranked({ fields }: Workplace, tasks: readonly number[]): readonly number[] {
  const cost = (task: number) => fields[fieldAt(task, 'cost')] ?? Infinity;
  return [...tasks].sort((a, b) => cost(a) - cost(b) || a - b);
}

function withCrew(place: Workplace, options: PortfolioOptions, most: number, run: (crew: Crew) => void): void {
  const crew = new Crew(place, Math.max(1, Math.min(options.threads, most)), options.program);
  try {
    run(crew);
  } finally {
    crew.close();
  }
}

function set({ fields }: Workplace, task: number, values: Partial<Record<keyof typeof FIELD, number>>): void {
  const all = { maxMoves: Infinity, ...values };
  for (const [name, value] of Object.entries(all)) fields[fieldAt(task, name as keyof typeof FIELD)] = value;
}

function total({ fields, control }: Workplace, count: number): number {
  let sum = 0;
  for (let task = 0; task < Math.min(count, Atomics.load(control, AT.count)); task++) {
    sum += fields[fieldAt(task, 'spent')] ?? 0;
  }
  return sum;
}
