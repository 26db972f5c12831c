import type { Outcome } from '../../model/index.js';
import { settledMachine, type ActiveMachine } from './refusals.js';
import type { LibvirtClient, Notice } from './rpc/index.js';
import type { HostLink } from './site.js';

/** Watches over a guest on its source while it migrates. */
export interface StayWatch {
  /** The outcome, certain when the guest has provably stayed. Asked only when the source's daemon itself has said that the migration failed. */
  proven(outcome: Outcome): Promise<Outcome>;
  stop(): void;
}

/**
 * Whether a guest stays on its source, whatever a target may be up to that does not answer. Without post-copy, which is never asked for, QEMU
 * stops a guest before it sends the last of its state, and libvirt tells so: a guest that never stopped has no other copy that could run. What
 * the daemon has told comes before what it answers later on the same connection; so no word of a stop is a proof, unless the connection was
 * lost meanwhile or the guest did not run when it was asked to move. To be begun before the migration is.
 */
export async function watchStay(link: HostLink, before: ActiveMachine): Promise<StayWatch> {
  const { name, state } = before.machine;
  const { uuid, id } = before.figures.domain;
  const seen = { doubts: state !== 'running' };
  const listen = (notice: Notice): void => {
    if (castsDoubt(notice, uuid)) seen.doubts = true;
  };
  const stop = await listening(link.calls, listen, () => (seen.doubts = true));
  const isDoubtful = (): boolean => seen.doubts;
  const runsOn = async (): Promise<boolean> => {
    const { machine, figures } = settledMachine(await link.observe(), name);
    return machine.state === 'running' && figures.domain.uuid === uuid && figures.domain.id === id;
  };
  return {
    stop,
    proven: async (outcome) => {
      if (outcome.kind !== 'failed' || isDoubtful()) return outcome;
      const runs = await runsOn().catch(() => false);
      // Looked at last: what was told before the answer has been heard by now.
      if (!runs || isDoubtful()) return outcome;
      return { ...outcome, message: `${outcome.message}; ${name} never stopped on ${link.name}`, certain: true };
    },
  };
}

async function listening(
  calls: Pick<LibvirtClient, 'subscribe'>,
  listen: (notice: Notice) => void,
  onRefusal: () => void,
): Promise<() => void> {
  try {
    return await calls.subscribe(['lifecycle'], listen);
  } catch {
    onRefusal();
    return () => undefined;
  }
}

/** Anything in the guest's life, or that something may have been missed; a new definition changes nothing of what runs. */
function castsDoubt(notice: Notice, uuid: string): boolean {
  if (notice.kind === 'resync') return true;
  return notice.kind === 'lifecycle' && notice.domain.uuid === uuid && notice.event !== 'defined';
}
