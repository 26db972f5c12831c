export { decodeWorld, encodeWorld } from './observed.js';
export { materialChange, statusChanges } from './change.js';
export { mergeEvents, readEvents } from './events.js';
export { readConditions } from './conditions.js';
export { isStatusBranch, settleStatus } from './documents.js';
export type { StatusDocuments } from './documents.js';
export { statusMessage } from './message.js';
export type { StatusFacts } from './facts.js';
