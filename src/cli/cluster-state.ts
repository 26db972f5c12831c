import { join } from 'node:path';
import { repositoryState } from './compose.js';
import { readWanted, workingTree } from './documents.js';
import type { RepositoryOptions } from './options.js';

/** The cluster that is meant and the folder of its state; with `--cluster` no document needs to be read. */
export async function clusterState(
  options: RepositoryOptions,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly name: string; readonly state: string }> {
  const name = options.cluster ?? (await readWanted(await workingTree(options, env), undefined)).desired.cluster.name;
  return { name, state: join(repositoryState(options, env), name) };
}
