import { parseIsolated } from '../documents/index.js';
import { problem, type Desired, type Problem } from '../model/index.js';
import type { Source, SourceTree } from '../ports/index.js';
import { openCommits, openWorkingFiles } from './compose.js';
import { EXIT } from './exit.js';
import { Failure, InvalidDocuments } from './failure.js';
import type { RepositoryOptions } from './options.js';

/** What one revision of a repository wants of one cluster. */
export interface Wanted {
  readonly desired: Desired;
  readonly tree: SourceTree;
  readonly warnings: readonly Problem[];
}

/**
 * The tree that a person looks at: the working files of a folder, or the branch's tip. Files that are as committed count as the
 * commit, so that a plan made of them names it.
 */
export async function workingTree(options: RepositoryOptions, env: NodeJS.ProcessEnv): Promise<SourceTree> {
  const files = await tipTree(await openWorkingFiles(options, env));
  if (files.revision !== 'folder') return files;
  const committed = await tipTree(await openCommits(options, env)).catch(() => null);
  return committed !== null && fingerprint(committed) === fingerprint(files) ? committed : files;
}

/** The tree of a full commit id, of `HEAD`, or of the tip of a branch. */
export async function revisionTree(
  options: RepositoryOptions,
  revision: string,
  env: NodeJS.ProcessEnv,
): Promise<SourceTree> {
  if (/^[0-9a-f]{40}$/.test(revision)) {
    const source = await openCommits(options, env);
    await source.fetch();
    return source.tree(revision);
  }
  return tipTree(await openCommits({ ...options, branch: revision === 'HEAD' ? undefined : revision }, env));
}

async function tipTree(source: Source): Promise<SourceTree> {
  return source.tree(await source.fetch());
}

function fingerprint(tree: SourceTree): string {
  return tree.files.map(({ path, blob }) => `${blob} ${path}`).join('\n');
}

/**
 * Reads the documents of a tree and picks the cluster. Problems end the command. A person or a pull request may look at what nobody
 * has reviewed, so it is read in a process of its own.
 */
export async function readWanted(tree: SourceTree, cluster: string | undefined): Promise<Wanted> {
  const result = await parseIsolated(tree);
  if (!result.ok) throw new InvalidDocuments(result.problems);
  return { desired: pick(result.value, cluster), tree, warnings: result.warnings };
}

/** The cluster that is named, or the only one. */
export function pick(all: readonly Desired[], name: string | undefined): Desired {
  const names = all.map(({ cluster }) => cluster.name);
  const found = name === undefined ? all : all.filter(({ cluster }) => cluster.name === name);
  const [first, second] = found;
  if (first !== undefined && second === undefined) return first;
  throw new Failure(EXIT.usage, [
    problem(
      first === undefined
        ? {
            code: 'UnknownCluster',
            message: `there is no cluster ${name ?? ''}`,
            hint: `there are: ${names.join(', ')}`,
          }
        : {
            code: 'WhichCluster',
            message: `the repository has ${names.length} clusters`,
            hint: `say which one by --cluster: ${names.join(', ')}`,
          },
    ),
  ]);
}
