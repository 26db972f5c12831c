/**
 * The floors of `src/`, bottom up: a floor may import itself and the floors named beside it, nothing else of ours.
 * `src/README.md` shows the same table for people; `test/architecture.test.ts` holds the two together.
 */
export default {
  model: [],
  ports: ['model'],
  documents: ['model', 'ports'],
  planner: ['model'],
  status: ['model'],
  report: ['model'],
  'drivers/simulator': ['model', 'ports', 'documents'],
  git: ['model', 'ports'],
  durable: [],
  journal: ['model', 'ports', 'durable'],
  ledger: ['model', 'ports', 'durable'],
  lease: ['model', 'ports', 'durable'],
  clock: ['model', 'ports'],
  reconcile: ['model', 'ports', 'documents', 'planner', 'status', 'report'],
  server: ['model', 'ports', 'reconcile', 'report'],
};
