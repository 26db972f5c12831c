import type { LoadPolicy } from '../../../model/index.js';

/** What sums of the same terms in another order differ by at most, and no one would move a machine for. */
const ROUNDING = 1e-6;

/** Weighted gain below which a policy lets a machine be: what it asks for, and always more than rounding, so that no move is for nothing. */
export function leastGain({ minimumGain }: Pick<LoadPolicy, 'minimumGain'>): number {
  return Math.max(minimumGain, ROUNDING);
}
