export { openFileLease } from './file.js';
export { memoryLease } from './memory.js';
