export type { Acting, ExecutionContext, Leave } from './acting.js';
export { adopt, type Contested } from './adopt.js';
export { type Effect, effectOf } from './effect.js';
export { execute, type ExecutionResult, type MoveEnd } from './execute.js';
export { type Freeze, freezeIn, lastMovesIn, openPlansIn } from './history.js';
export { observe } from './observe.js';
export type { MoveResult, ProgressEvent } from './progress.js';
export { recover } from './recover.js';
export { sweep, type Swept } from './sweep.js';
