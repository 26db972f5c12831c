import type { Objects } from './objects.js';
import type { Relation } from '../ports/index.js';
import type { Repository } from './repository.js';

/**
 * How `revision` stands to `previous`. Where a shallow history ends before the answer, more of it is brought: a fresh clone must not take a branch
 * that went ahead for one that was rewound. `unrelated` also stands for what cannot be known any more, when the remote has forgotten `previous`.
 */
export async function relate(repository: Repository, previous: string, revision: string): Promise<Relation> {
  if (previous === revision) return 'same';
  let ancestry = await ancestors(await repository.objects(), revision, previous);
  while (!ancestry.found && ancestry.cut && (await repository.deepen())) {
    ancestry = await ancestors(await repository.objects(), revision, previous);
  }
  if (ancestry.found) return 'ahead';
  const objects = await repository.objects();
  const before = await ancestors(objects, previous, null);
  const shared = [...before.seen].some((oid) => ancestry.seen.has(oid));
  return shared ? 'rewound' : 'unrelated';
}

interface Ancestry {
  readonly found: boolean;
  /** A commit was named that is not here. */
  readonly cut: boolean;
  /** All that were named, here or not. */
  readonly seen: ReadonlySet<string>;
}

/** Walks from `start` towards the roots until `wanted` is met; `start` itself does not count as met. */
async function ancestors(objects: Objects, start: string, wanted: string | null): Promise<Ancestry> {
  const seen = new Set([start]);
  let cut = false;
  // A set is visited in the order in which it grows.
  for (const oid of seen) {
    const commit = await objects.commit(oid);
    cut ||= commit === null;
    for (const parent of commit?.parents ?? []) {
      if (parent === wanted) return { found: true, cut, seen };
      seen.add(parent);
    }
  }
  return { found: false, cut, seen };
}
