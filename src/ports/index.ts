export * from './clock.js';
export * from './fabric.js';
export * from './hypervisor.js';
export * from './journal.js';
export * from './lease.js';
export * from './ledger.js';
export * from './repository.js';
export * from './telemetry.js';
