import { Damage, refuse, repositoryError } from './refuse.js';
import type { Repository } from './repository.js';
import { RepositoryError } from '../ports/index.js';

/** Runs work on a repository's objects: once more after a repair, and with every failure turned into a problem. */
export async function attempt<T>(repository: Repository, work: () => Promise<T>): Promise<T> {
  try {
    return await work().catch(async (error: unknown) => {
      if (error instanceof Damage && (await repository.repair())) return work();
      throw error;
    });
  } catch (error) {
    if (error instanceof RepositoryError) throw error;
    if (error instanceof Damage) {
      return refuse('RepositoryDamaged', `${repository.shown}: ${error.message}`, {
        hint: 'Run `git fsck` in it; restore it from another clone when it reports missing or corrupt objects.',
      });
    }
    throw systemProblem(repository, error);
  }
}

/** A failure of the file system as a problem; anything else is a bug and stays what it is. */
function systemProblem(repository: Repository, error: unknown): unknown {
  const code = error instanceof Error && 'syscall' in error ? (error as NodeJS.ErrnoException).code : undefined;
  if (code === undefined) return error;
  return repositoryError('RepositoryInaccessible', `${repository.shown} cannot be read or written (${code})`, {
    answer: 'wait',
  });
}
