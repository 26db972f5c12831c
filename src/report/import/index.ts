export { importDocuments } from './documents.js';
export type { FoundHost } from './inventory.js';
export { isLabel, labelOf } from './names.js';
