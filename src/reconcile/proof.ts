import type { Action, Outcome, World } from '../model/index.js';
import { activeCopies, isBlind } from './observe.js';

/**
 * True when a migration has not moved its machine although the target does not answer: the driver has proof of that, and the source shows the
 * only copy, with no migration under way. Nobody has to wait for the target then. Whatever was tried before is settled: else nothing would have
 * been tried again.
 */
export function isProvenAbsent(action: Action, outcome: Outcome | null, world: World): boolean {
  if (action.port !== 'hypervisor' || action.kind !== 'migrate') return false;
  if (outcome?.kind !== 'failed' || outcome.certain !== true) return false;
  if (isBlind(world, action.from) || !isBlind(world, action.to)) return false;
  const [copy, ...others] = activeCopies(world, action.machine);
  return copy?.host === action.from && others.length === 0 && copy.job === null;
}
