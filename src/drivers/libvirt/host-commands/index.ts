export { HostCommands, openHostCommands } from './host-commands.js';
export type { Answer } from './host-commands.js';
export { vfStates, withVfAttributes } from './link.js';
export type { Links, VfState } from './link.js';
export { parseCommandTarget } from './target.js';
export type { CommandTarget, TargetResult } from './target.js';
