export * from './frame.js';
export * from './lock.js';
export * from './process.js';
export * from './replace.js';
