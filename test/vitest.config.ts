import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';
import LongestFirst from './setup/longest-first.js';

/** Tests that start hypervisors: files of `test/lab`, and any other that ends in `.lab.test.ts`. */
const lab = ['test/lab/**/*.test.ts', 'test/**/*.lab.test.ts'];

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('..', import.meta.url)),
    testTimeout: 240_000,
    hookTimeout: 60_000,
    sequence: { sequencer: LongestFirst },
    globalSetup: [fileURLToPath(new URL('setup/not-run.ts', import.meta.url))],
    projects: [
      {
        extends: true,
        test: {
          name: 'berth',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...lab],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // After the others, whose tests need the processors for themselves; labs mostly wait, and do not meet each other.
        extends: true,
        test: {
          name: 'lab',
          include: lab,
          maxWorkers: 2,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
