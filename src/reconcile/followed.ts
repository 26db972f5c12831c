import type { Source } from '../ports/index.js';

/** A source that remembers which commit the running pass has read. */
export interface Followed {
  readonly source: Source;
  /** A pass begins; it has read nothing yet. */
  readonly begin: () => void;
  /** True when the source has another commit than the one that the running pass works on. */
  readonly hasChanged: () => Promise<boolean>;
}

/** Watches what a pass reads from its source. */
export function followed(source: Source): Followed {
  let running: string | null = null;
  return {
    source: {
      fetch: async () => (running = await source.fetch()),
      tree: (revision) => source.tree(revision),
      relation: (previous, revision) => source.relation(previous, revision),
    },
    begin: () => {
      running = null;
    },
    hasChanged: async () => {
      const tip = await source.fetch();
      return running !== null && tip !== running;
    },
  };
}
