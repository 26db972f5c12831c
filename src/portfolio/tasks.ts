import { Crew } from './crew.js';
import type { PortfolioOptions } from './options.js';
import { AT, fieldAt } from './workplace.js';
import type { FIELD, Workplace } from './workplace.js';

/** What searches found together. */
export interface Found {
  readonly assignment: Int32Array;
  readonly evaluations: number;
}

/** Runs tasks by a crew that is gone afterwards. */
export function withCrew(place: Workplace, options: PortfolioOptions, most: number, run: (crew: Crew) => void): void {
  const crew = new Crew(place, Math.max(1, Math.min(options.threads, most)), options.program);
  try {
    run(crew);
  } finally {
    crew.close();
  }
}

/** Writes what a task is to do; what is not named does not limit it. */
export function set({ fields }: Workplace, task: number, values: Partial<Record<keyof typeof FIELD, number>>): void {
  const all = { maxMoves: Infinity, strategy: 0, ...values };
  for (const [name, value] of Object.entries(all)) fields[fieldAt(task, name as keyof typeof FIELD)] = value;
}

/** Evaluations of the tasks of the last round. */
export function total({ fields, control }: Workplace, count: number): number {
  let sum = 0;
  for (let task = 0; task < Math.min(count, Atomics.load(control, AT.count)); task++) {
    sum += fields[fieldAt(task, 'spent')] ?? 0;
  }
  return sum;
}
