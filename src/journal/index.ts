export { openFileJournal } from './file.js';
export { memoryJournal } from './memory.js';
