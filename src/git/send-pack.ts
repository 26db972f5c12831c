import { FLUSH, parsePktLines, pktLine } from './pkt-line.js';
import { printable, refuse } from './refuse.js';
import type { Transport } from './transport.js';

const NO_OBJECT = '0'.repeat(40);

export interface RefUpdate {
  readonly ref: string;
  /** Null: the ref must not be there yet. */
  readonly from: string | null;
  readonly to: string;
}

/** `moved`: somebody else was faster, or is at it · `refused`: the remote does not want it. Nothing was changed in either case. */
export type PushOutcome = { readonly kind: 'won' } | { readonly kind: 'moved' | 'refused'; readonly reason: string };

/** What git's servers say when the ref was not at the expected commit, or was being written. */
const RACE =
  /lock|failed to update ref|transaction failed|already exists|fetch first|non-fast-forward|stale|old value/i;

/**
 * Moves one ref of a remote from an expected commit to a new one, with a pack of the objects it needs. The server compares the expected commit
 * under its own lock; the library's `push` only compares on this side, and its `force` would lose another writer's commit.
 */
export async function sendPack(transport: Transport, update: RefUpdate, pack: Uint8Array): Promise<PushOutcome> {
  const command = `${update.from ?? NO_OBJECT} ${update.to} ${update.ref}\0report-status agent=berth`;
  const body = Buffer.concat([Buffer.from(pktLine(command) + FLUSH, 'utf8'), pack]);
  const lines = parsePktLines(await transport.call('git-receive-pack', body));
  const report = (lines ?? []).flatMap((line) => (line === null ? [] : [line.toString('utf8').trim()]));
  if (report.includes(`ok ${update.ref}`) && report[0] === 'unpack ok') return { kind: 'won' };
  if (report.length === 0) {
    refuse('BadServerAnswer', `${transport.url} gave no report about a push`, { answer: 'wait' });
  }
  const refusal = report.find((line) => line.startsWith(`ng ${update.ref} `))?.slice(`ng ${update.ref} `.length);
  const reason = printable(refusal ?? report[0] ?? '');
  return { kind: RACE.test(reason) ? 'moved' : 'refused', reason };
}
