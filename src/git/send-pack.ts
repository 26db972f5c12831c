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

/** `lost`: the remote did not take it, and says why. */
export type PushOutcome = { readonly kind: 'won' } | { readonly kind: 'lost'; readonly reason: string };

/**
 * Moves one ref of a remote from an expected commit to a new one, with a pack of the objects it needs. The server compares the expected commit
 * under its own lock; the library's `push` only compares on this side, and its `force` would lose another writer's commit.
 */
export async function sendPack(transport: Transport, update: RefUpdate, pack: Uint8Array): Promise<PushOutcome> {
  const command = `${update.from ?? NO_OBJECT} ${update.to} ${update.ref}\0report-status atomic agent=berth`;
  const body = Buffer.concat([Buffer.from(pktLine(command) + FLUSH, 'utf8'), pack]);
  const lines = parsePktLines(await transport.call('git-receive-pack', body));
  const report = (lines ?? []).flatMap((line) => (line === null ? [] : [line.toString('utf8').trim()]));
  if (report.includes(`ok ${update.ref}`) && report[0] === 'unpack ok') return { kind: 'won' };
  if (report.length === 0) {
    refuse('BadServerAnswer', `${transport.url} gave no report about a push`, { answer: 'wait' });
  }
  const refusal = report.find((line) => line.startsWith(`ng ${update.ref} `))?.slice(`ng ${update.ref} `.length);
  return { kind: 'lost', reason: printable(refusal ?? report[0] ?? '') };
}
