import { describe } from 'vitest';
import { lacking, type LabNeed } from './requirements.js';

declare module 'vitest' {
  interface TaskMeta {
    /** Why a test does not run here; told at the end of the run. */
    notRun?: string;
  }
}

/** A group of tests on real hypervisors. Where the machine lacks something they are skipped, and the end of the run says why. */
export function describeLab(title: string, needs: readonly LabNeed[], body: () => void): void {
  const notRun = lacking(needs);
  describe(title, notRun === undefined ? {} : { skip: true, meta: { notRun } }, body);
}
