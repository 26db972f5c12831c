export { openFileLedger } from './file.js';
export { memoryLedger } from './memory.js';
