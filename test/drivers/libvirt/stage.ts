import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { guestImage } from '../../lab/guest/image.js';
import type { GuestOptions } from '../../lab/guest/machine.js';
import { openLab, type Lab } from '../../lab/namespaces/lab.js';
import { machineDoc, type ClusterOf } from '../../reconcile/documents-of.js';
import { clear } from './lab-cluster.js';
import { openLabLoop, startGuests, type LabLoop, type LabLoopStart } from './lab-loop.js';

/** A lab of two hosts for the tests of a file, and in each test a loop over it. */
export interface Stage {
  readonly lab: Lab;
  readonly loop: LabLoop;
  /** Opens the loop of a test, and starts its guests. */
  open(of: ClusterOf, withSystem?: boolean, more?: StageMore): Promise<void>;
  /** Memory that takes seconds to be sent at 2 MiB a second. */
  ballast(): Partial<GuestOptions>;
  /** Commits that the machine is to run there; null: anywhere. Answers with the commit. */
  send(of: ClusterOf, host: string | null): string;
}

/** What guests have besides, and `longestPauseMs` of the loop. */
export type StageMore = Partial<GuestOptions> & Pick<LabLoopStart, 'longestPauseMs'>;

/** Opens the lab before the tests of a suite, and clears it after each. */
export function useStage(): Stage {
  let lab: Lab | null = null;
  let loop: LabLoop | null = null;
  const given = <T>(thing: T | null): T => {
    if (thing === null) throw new Error('it is not open yet');
    return thing;
  };
  beforeAll(async () => {
    lab = await openLab({ hosts: 2 });
  });
  afterEach(async () => {
    await loop?.close();
    loop = null;
    await clear(given(lab).hosts);
  });
  afterAll(() => lab?.close());
  return {
    get lab() {
      return given(lab);
    },
    get loop() {
      return given(loop);
    },
    open: async (of, withSystem = false, { longestPauseMs = Infinity, ...more } = {}) => {
      const { hosts } = given(lab);
      loop = openLabLoop({ hosts, of, longestPauseMs });
      await startGuests(hosts, of, withSystem ? await guestImage() : undefined, more);
    },
    ballast: () => {
      const file = join(given(lab).sharedFolder, 'ballast');
      writeFileSync(file, randomBytes(10 * 2 ** 20));
      return { ballast: file };
    },
    send: (of, host) => given(loop).repository.commit({ 'machines/cu-1.yaml': pinned(of, host) }),
  };
}

/** The document of the only machine, pinned to a host; null: to none. */
export function pinned(of: ClusterOf, host: string | null): string {
  const [machine] = of.machines;
  if (machine === undefined) throw new Error('there is no machine');
  return machineDoc({ ...machine, host });
}
