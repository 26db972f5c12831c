export { HostCommands, openHostCommands } from './host-commands.js';
export { withVfAttributes } from './link.js';
export type { Links } from './link.js';
export { readVfCounters } from './vf-counters.js';
