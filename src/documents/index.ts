export { createDocumentCache, type DocumentCache } from './cache.js';
export { loadDesired } from './load.js';
export { kindNames, schemaOf } from './schemas.js';
export { parseIsolated, type IsolationLimits } from './isolated.js';
