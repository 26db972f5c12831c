import type { Clock, StatusPublication, StatusTree } from '../ports/index.js';
import { formatCommit, formatMessage } from './commit-text.js';
import { realChanges, writeChanges } from './status-tree.js';
import { refuse, repositoryError } from './refuse.js';
import type { BranchUpdate, Repository } from './repository.js';
import type { PushOutcome } from './send-pack.js';
import { RepositoryError } from '../ports/index.js';
import type { Signature } from './commit-text.js';
import { attempt } from './attempt.js';
import { signCommit } from './sign.js';

export interface Publisher {
  readonly repository: Repository;
  readonly read: (tip: string | null) => Promise<StatusTree>;
  readonly author: Signature;
  readonly committer?: Signature;
  readonly signingKey?: string;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Tries of one publication; with so many, a dozen writers at once get through. */
const MAX_TRIES = 40;
/** Refusals in a row: servers do not always name a race as one. */
const MAX_REFUSALS = 4;
const FIRST_PAUSE_MS = 40;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Renders against the branch's tip, commits and moves the branch if it still is at that tip; otherwise waits a little and renders again from the new tip.
 * After a push whose answer was lost it looks whether the commit has arrived before it tries again. Null when nothing was to change.
 */
export async function publish(publisher: Publisher, publication: StatusPublication): Promise<string | null> {
  const { repository, clock, random } = publisher;
  let pending: BranchUpdate | null = null;
  let reason = '';
  let refusals = 0;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const tip = await attempt(repository, () => repository.refresh());
    if (pending !== null && (await hasArrived(repository, tip, pending))) return pending.to;
    // A branch that has moved since was lost in a race, whatever the server called it.
    if (pending !== null && tip !== pending.from) refusals = 0;
    if (refusals >= MAX_REFUSALS) break;
    const next: BranchUpdate | null = await attempt(repository, () => prepare(publisher, publication, tip));
    if (next === null) return null;
    pending = next;
    const outcome = await push(repository, next);
    if (outcome.kind === 'won') return next.to;
    reason = outcome.reason;
    refusals = outcome.kind === 'refused' ? refusals + 1 : 0;
    await clock.sleep(random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries));
  }
  if (refusals >= MAX_REFUSALS) {
    refuse('PushRefused', `${repository.shown} refuses commits on ${repository.branch}: ${reason}`, {
      hint: 'Check branch protection, hooks and what the credentials may do.',
    });
  }
  const message = `${repository.branch} of ${repository.shown} was busy at each of ${MAX_TRIES} tries: ${reason}`;
  throw repositoryError('PushContended', message, { answer: 'wait' });
}

/** The commit that brings the publication to the branch at `tip`; null when it would change nothing. */
async function prepare(
  { repository, read, author, committer = author, signingKey, clock }: Publisher,
  publication: StatusPublication,
  tip: string | null,
): Promise<BranchUpdate | null> {
  const current = await read(tip);
  const changes = realChanges(current, publication.render(current));
  if (changes.size === 0) return null;
  const objects = await repository.objects();
  const base = tip === null ? null : ((await objects.commit(tip))?.tree ?? null);
  const oids: string[] = [];
  const tree = (await writeChanges(objects, base, changes, oids)) ?? (await objects.write('tree', Buffer.alloc(0)));
  if (tree === base) return null;
  const message = formatMessage(publication.subject, publication.trailers);
  const text = formatCommit({ tree, parent: tip, author, committer, at: clock.now(), message });
  const signed = signingKey === undefined ? text : await signCommit(text, signingKey);
  const to = await objects.write('commit', Buffer.from(signed, 'utf8'));
  return { from: tip, to, objects, oids: [...new Set([...oids, tree, to])] };
}

/** A push whose answer did not come counts as overtaken for now: the next look at the branch tells. */
async function push(repository: Repository, update: BranchUpdate): Promise<PushOutcome> {
  try {
    return await attempt(repository, () => repository.swap(update));
  } catch (error) {
    if (error instanceof RepositoryError && error.problem.answer !== 'stall') {
      return { kind: 'moved', reason: error.problem.message };
    }
    throw error;
  }
}

/** True when the commit is on the branch, among those that came after the tip it was made for. */
async function hasArrived(repository: Repository, tip: string | null, { from, to }: BranchUpdate): Promise<boolean> {
  return attempt(repository, async () => {
    const objects = await repository.objects();
    let oid = tip;
    while (oid !== null && oid !== from && oid !== to) oid = (await objects.commit(oid))?.parents[0] ?? null;
    return oid === to;
  });
}
