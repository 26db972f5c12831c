import type { Objects } from './objects.js';
import type { Relation } from '../ports/index.js';
import type { Repository } from './repository.js';

/**
 * How `revision` stands to `previous`. Where a shallow history ends before the answer, more of it is brought: a fresh clone must not take a branch
 * that went ahead for one that was rewound. A `previous` that the whole history does not know counts as unrelated.
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
  /** A shallow border or an absent commit was met: there is more than was seen. */
  readonly cut: boolean;
  readonly seen: ReadonlySet<string>;
}

/** Walks from `start` towards the roots until `wanted` is met; `start` itself does not count as met. */
export async function ancestors(objects: Objects, start: string, wanted: string | null): Promise<Ancestry> {
  const shallow = await objects.shallow();
  const seen = new Set<string>();
  let cut = false;
  let front = [start];
  while (front.length > 0) {
    const next = new Set<string>();
    for (const oid of front) {
      const commit = await objects.commit(oid);
      if (commit === null) {
        cut = true;
        continue;
      }
      seen.add(oid);
      if (shallow.has(oid)) {
        cut ||= commit.parents.length > 0;
        continue;
      }
      for (const parent of commit.parents) {
        if (parent === wanted) return { found: true, cut, seen };
        if (!seen.has(parent)) next.add(parent);
      }
    }
    front = [...next];
  }
  return { found: false, cut, seen };
}
