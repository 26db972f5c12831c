import type { Instance } from '../planner/engine/instance.js';
import { STRATEGIES } from '../planner/engine/search/index.js';
import type { Crew } from './crew.js';
import type { PortfolioOptions } from './options.js';
import { share } from './shared.js';
import { set, total, withCrew } from './tasks.js';
import type { Found } from './tasks.js';
import { fieldAt, workplaceOf } from './workplace.js';
import type { Workplace } from './workplace.js';

const MEMBERS = 2;
const ROUNDS = 4;
/** Share of the budget in which all strategies are tried, each in a short search of its own. */
const TRIAL = 0.12;
/** Evaluations for each machine that a trial takes at least: a shorter one says nothing. */
const TRIAL_AT_LEAST = 150;
/**
 * Shares of the rest in which a large budget is cooled again from the start, longer each time: how well one cooling ends is partly luck, and
 * the best of several short ones may beat a long one.
 */
const COOLINGS = [1 / 7, 2 / 7, 4 / 7];
/** Strategies of the members where none could be tried: unlike each other, since no single one is good for most problems. */
const UNTRIED = [2, 0] as const;
/** Evaluations in a second, roughly. */
const USUAL_RATE = 2e6;

/**
 * Several searches for one problem, in rounds; see `searchTogether`. Where the budget is large, the strategies of annealing are tried first:
 * which one is good differs from problem to problem more than anything else, and a short search shows it.
 */
export function searchMembers(
  instance: Instance,
  start: Int32Array,
  startCost: number,
  options: PortfolioOptions,
): Found {
  const isLimited = (options.maxMoves ?? Infinity) < Infinity;
  const { members = MEMBERS, rounds = isLimited ? 1 : ROUNDS, budget, threads } = options;
  const { evaluations: most = Infinity, seconds = Infinity } = budget;
  const expected = Math.min(most, seconds * USUAL_RATE * Math.min(members, threads));
  const trials = !isLimited && options.phase === undefined && rounds > 1 && instance.machines > 0 ? STRATEGIES : 0;
  const hasTrial = trials > 0 && (TRIAL * expected) / trials >= TRIAL_AT_LEAST * instance.machines;
  const trial = hasTrial ? TRIAL : 0;
  const count = Math.max(members, hasTrial ? trials : 0);
  const all = Array.from({ length: count }, (_, task) => task);
  const place = workplaceOf(
    [share(instance)],
    all.map(() => instance.machines),
    threads,
  );
  const begin = performance.timeOrigin + performance.now();
  const run = { place, options, start, evaluations: 0 };
  let found: Outcome = { assignment: start, cost: startCost };
  withCrew(place, options, count, (crew) => {
    let tried: number | null = null;
    if (hasTrial) {
      const best = tryAll(run, crew, all, trial);
      tried = best;
      found = better(found, outcomeOf(place, best));
    }
    const tasks = all.slice(0, members);
    const coolings = hasTrial ? COOLINGS : [1];
    let spent = trial;
    for (const [cooling, share01] of coolings.entries()) {
      const part = (1 - trial) * share01;
      for (const assignment of place.assignments) assignment.set(start);
      for (let round = 0; round < rounds; round++) {
        const { from, to } = options.phase ?? { from: 0, to: 1 };
        for (const member of tasks) {
          set(place, member, {
            instance: 0,
            seed: options.seed + 1_000_003 * member + 7_919 * round + 15_485_863 * cooling,
            evaluations: Math.ceil((part * most) / members / rounds),
            deadline: begin + 1000 * seconds * (spent + (part * (round + 1)) / rounds),
            seconds: Infinity,
            from: from + ((to - from) * round) / rounds,
            to: from + ((to - from) * (round + 1)) / rounds,
            maxMoves: options.maxMoves ?? Infinity,
            strategy: tried ?? UNTRIED[member % UNTRIED.length] ?? 0,
          });
        }
        crew.run(members);
        run.evaluations += total(place, members);
        if (round + 1 < rounds) adopt(place, tasks);
      }
      found = better(found, outcomeOf(place, ranked(place, tasks)[0] ?? 0));
      spent += part;
    }
  });
  return { assignment: found.assignment, evaluations: run.evaluations };
}

interface Run {
  readonly place: Workplace;
  readonly options: PortfolioOptions;
  readonly start: Int32Array;
  evaluations: number;
}

/** A short search by each strategy; answers with the number of the best. */
function tryAll(run: Run, crew: Crew, tasks: readonly number[], share01: number): number {
  const { place, options, start } = run;
  const { evaluations = Infinity, seconds = Infinity } = options.budget;
  for (const task of tasks) {
    place.assignments[task]?.set(start);
    set(place, task, {
      instance: 0,
      seed: options.seed + 104_729 * (task + 1),
      evaluations: Math.ceil((share01 * evaluations) / tasks.length),
      deadline: Infinity,
      seconds: (share01 * seconds * Math.min(options.threads, tasks.length)) / tasks.length,
      from: 0,
      to: 1,
      strategy: task % STRATEGIES,
    });
  }
  crew.run(tasks.length);
  run.evaluations += total(place, tasks.length);
  return (ranked(place, tasks)[0] ?? 0) % STRATEGIES;
}

interface Outcome {
  readonly assignment: Int32Array;
  readonly cost: number;
}

function outcomeOf(place: Workplace, task: number): Outcome {
  const cost = place.fields[fieldAt(task, 'cost')] ?? Infinity;
  return { assignment: Int32Array.from(place.assignments[task] ?? []), cost };
}

/** Who has more machines placed, then who costs less: rounds in between may end anywhere. */
function better(one: Outcome, other: Outcome): Outcome {
  const waiting = ({ assignment }: Outcome) => assignment.filter((at) => at < 0).length;
  return (waiting(other) - waiting(one) || other.cost - one.cost) < 0 ? other : one;
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
