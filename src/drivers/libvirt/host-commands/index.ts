export { HostCommands, openHostCommands } from './host-commands.js';
export { withVfAttributes } from './link.js';
export type { Links } from './link.js';
export { parseCommandTarget } from './target.js';
export type { CommandTarget } from './target.js';
export { readVfCounters } from './vf-counters.js';
