export * from './branch.js';
export * from './create-repository.js';
export * from './folder.js';
export * from './http-backend.js';
export * from './limits.js';
export type { Credentials } from './location.js';
export * from './source.js';
export * from './status-store.js';
