export { schedule } from './passes.js';
export type { Schedule, Stuck } from './passes.js';
export { streamLimits } from './problem.js';
export type { Problem, Run } from './problem.js';
export { relax } from './relax.js';
export type { Relaxing } from './relax.js';
