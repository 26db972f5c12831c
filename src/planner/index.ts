export { hashPlan } from '../model/index.js';
export { entriesBehind, standingOf } from './dummies.js';
export { explain } from './explain.js';
export { fingerprint } from './fingerprint.js';
export { plan } from './plan.js';
export { silencesIn } from './silence.js';
export type { Solve } from './view.js';
export { replay } from './replay/index.js';
export { closedSentence, isOpenAt, nextOpening } from './windows.js';
