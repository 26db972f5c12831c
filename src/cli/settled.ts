import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolderOf, readChecked, writeChecked } from '../durable/index.js';
import type { HoldReason, PassFacts } from '../reconcile/index.js';

/** What `berth suspend` leaves behind. */
export interface Suspension {
  readonly reason: string;
  /** RFC 3339. */
  readonly since: string;
}

/** Passes that end with these have not followed the commit that they saw. */
const NOT_FOLLOWED: readonly HoldReason[] = [
  ...(['SourceRewound', 'GitUnreachable', 'InvalidDocument', 'ClusterMissing', 'ConnectionChanged'] as const),
  ...(['Locked', 'LeaseLost'] as const),
];

/** The commit that the last pass followed; null before the first one. */
export function readSettledRevision(state: string): string | null {
  return readChecked(join(state, 'revision'), 'Remove it to follow whatever commit is there.') as string | null;
}

/** Remembers the commit that a pass followed, so that a history that is rewound later is noticed. */
export function settleRevision(state: string, { revision, hold }: PassFacts): void {
  if (revision === null || (hold !== null && NOT_FOLLOWED.includes(hold.reason))) return;
  keep(join(state, 'revision'), revision);
}

/** Lets the next pass follow whatever commit it finds. */
export function forgetRevision(state: string): void {
  rmSync(join(state, 'revision'), { force: true });
}

/** Remembers a commit whose documents could be read, for {@link readOpenedRevisions}. */
export function rememberOpened(state: string, revision: string): void {
  keep(join(state, 'opened'), revision);
}

/** A cluster that is no longer described is not opened from the last commit that could be read. */
export function forgetOpened(state: string): void {
  rmSync(join(state, 'opened'), { force: true });
}

/** The commits from which the clusters of a repository were opened last, each once. */
export function readOpenedRevisions(repositoryState: string): readonly string[] {
  if (!existsSync(repositoryState)) return [];
  const files = readdirSync(repositoryState).map((cluster) => join(repositoryState, cluster, 'opened'));
  const revisions = files.filter((file) => existsSync(file)).map((file) => readChecked(file, 'Remove it.') as string);
  return [...new Set(revisions)];
}

/** Null when the cluster is not suspended. */
export function readSuspension(state: string): Suspension | null {
  return readChecked(suspensionFile(state), 'Remove it to resume.') as Suspension | null;
}

/** True while a suspension stands: quick enough to be asked before every move. */
export function isSuspended(state: string): boolean {
  return existsSync(suspensionFile(state));
}

/** Passes begin nothing new until the suspension is taken away (null). */
export function writeSuspension(state: string, suspension: Suspension | null): void {
  if (suspension === null) rmSync(suspensionFile(state), { force: true });
  else keep(suspensionFile(state), suspension);
}

/** The file that stands while the cluster is suspended. */
export function suspensionFile(state: string): string {
  return join(state, 'suspended.json');
}

function keep(file: string, value: unknown): void {
  makeFolderOf(file);
  writeChecked(file, value);
}
