export { SystemClock } from './system.js';
export { VirtualClock } from './virtual.js';
