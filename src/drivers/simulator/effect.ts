import type { Outcome } from '../../model/index.js';

/** What an order does to the cluster: an outcome, or no end of its own (`stall`), or one more try after a while (`again`). */
export type Effect =
  Outcome | { readonly kind: 'stall'; readonly answer: Outcome } | { readonly kind: 'again'; readonly answer: Outcome };

/** An order that is never carried out: `answer` comes when the caller gives up. */
export function stall(answer: Outcome): Effect {
  return { kind: 'stall', answer };
}
