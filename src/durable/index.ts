export * from './frame.js';
export * from './lock.js';
export * from './replace.js';
