import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HoldReason, PassFacts } from '../reconcile/index.js';

/** What `berth suspend` leaves behind. */
export interface Suspension {
  readonly reason: string;
  /** RFC 3339. */
  readonly since: string;
}

/** Passes that end with these have not followed the commit that they saw. */
const NOT_FOLLOWED: readonly HoldReason[] = ['SourceRewound', 'GitUnreachable', 'Locked', 'LeaseLost'];

/** The commit that the last pass followed; null before the first one. */
export function readSettledRevision(state: string): string | null {
  const file = join(state, 'revision');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : null;
}

/** Remembers the commit that a pass followed, so that a history that is rewound later is noticed. */
export function settleRevision(state: string, { revision, hold }: PassFacts): void {
  if (revision === null || (hold !== null && NOT_FOLLOWED.includes(hold.reason))) return;
  mkdirSync(state, { recursive: true });
  writeFileSync(join(state, 'revision'), `${revision}\n`);
}

/** Lets the next pass follow whatever commit it finds. */
export function forgetRevision(state: string): void {
  rmSync(join(state, 'revision'), { force: true });
}

/** Remembers a commit whose documents could be read, for {@link readOpenedRevisions}. */
export function rememberOpened(state: string, revision: string): void {
  mkdirSync(state, { recursive: true });
  writeFileSync(join(state, 'opened'), `${revision}\n`);
}

/** The commits from which the clusters of a repository were opened last, each once. */
export function readOpenedRevisions(repositoryState: string): readonly string[] {
  if (!existsSync(repositoryState)) return [];
  const files = readdirSync(repositoryState).map((cluster) => join(repositoryState, cluster, 'opened'));
  return [...new Set(files.filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8').trim()))];
}

/** Null when the cluster is not suspended. */
export function readSuspension(state: string): Suspension | null {
  const file = join(state, 'suspended.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Suspension) : null;
}

/** Passes begin nothing new until the suspension is taken away (null). */
export function writeSuspension(state: string, suspension: Suspension | null): void {
  const file = join(state, 'suspended.json');
  if (suspension === null) {
    rmSync(file, { force: true });
    return;
  }
  mkdirSync(state, { recursive: true });
  writeFileSync(file, `${JSON.stringify(suspension)}\n`);
}
