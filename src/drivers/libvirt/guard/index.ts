export { guardHookScript } from './hook.js';
export { GUARD_LEDGER, guardEntries, guardLedgerText, ledgerPathFault } from './ledger.js';
export type { GuardEntry } from './ledger.js';
