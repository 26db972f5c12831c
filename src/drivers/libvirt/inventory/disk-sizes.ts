import type { DomainFigures, HostCalls } from './host-calls.js';

type Sizes = ReadonlyMap<string, number>;

/**
 * Sizes of disks by domain, as they were told last. Figures that are given without waiting have none of a domain that is busy: one that
 * migrates, or one that somebody else asks something at that moment.
 */
export class DiskSizes {
  readonly #calls: Pick<HostCalls, 'diskBytes'>;
  #known = new Map<string, Sizes>();
  /** Runs of domains that have been waited for. */
  #waited = new Set<string>();

  constructor(calls: Pick<HostCalls, 'diskBytes'>) {
    this.#calls = calls;
  }

  /** The figures with sizes that were told earlier; each of `lacking` that never told any is waited for, once a run of it. */
  async complete(
    figures: readonly DomainFigures[],
    lacking: (one: DomainFigures) => boolean,
  ): Promise<{ readonly figures: readonly DomainFigures[]; readonly hasAsked: boolean }> {
    const told = new Map(
      figures.map(({ domain: { uuid }, diskBytes }) => {
        return [uuid, diskBytes.size > 0 ? diskBytes : (this.#known.get(uuid) ?? diskBytes)] as const;
      }),
    );
    const open = figures.filter((one) => told.get(one.domain.uuid)?.size === 0 && lacking(one));
    const asked = open.filter((one) => !this.#waited.has(runOf(one)));
    const answers = await Promise.all(asked.map(({ domain }) => this.#calls.diskBytes(domain)));
    for (const [index, { domain }] of asked.entries()) told.set(domain.uuid, answers[index] ?? new Map());
    this.#waited = new Set(open.map(runOf));
    this.#known = told;
    const completed = figures.map((one) => ({ ...one, diskBytes: told.get(one.domain.uuid) ?? one.diskBytes }));
    return { figures: completed, hasAsked: asked.length > 0 };
  }
}

function runOf({ domain }: DomainFigures): string {
  return `${domain.uuid} ${domain.id ?? ''}`;
}
