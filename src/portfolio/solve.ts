import { availableParallelism } from 'node:os';
import { search } from '../planner/engine/search/index.js';
import type { Solve } from '../planner/view.js';
import { searchTogether } from './index.js';

/** From so many evaluations on, two members share a search: below, starting a thread takes longer than it saves. */
const SHARED_FROM = 1_000_000;

/**
 * The search for plans: as the planner does it by itself, and by two members for budgets that take seconds. The budget alone decides which,
 * so that the same documents give the same plan on every machine; a second thread is used where there is a core for it.
 */
export const solve: Solve = (instance, options) =>
  (options.budget.evaluations ?? 0) < SHARED_FROM
    ? search(instance, options)
    : searchTogether(instance, { ...options, members: 2, threads: Math.min(2, availableParallelism()) });
