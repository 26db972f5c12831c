import { beforeAll, describe, expect, it } from 'vitest';
import type { parseIsolated as ParseIsolated } from '../../src/documents/index.js';
import { createDocumentCache, loadDesired } from '../../src/documents/index.js';
import { BASE, machine, treeOf } from './tree.js';

/** A process of its own needs the built program: `npm test` builds it first. */
const built = new URL('../../dist/documents/index.js', import.meta.url);
let parseIsolated: typeof ParseIsolated;

beforeAll(async () => {
  ({ parseIsolated } = (await import(built.href)) as { parseIsolated: typeof ParseIsolated });
});

const good = treeOf({ ...BASE, 'vm.yaml': machine('vm-1', '  role: AMF') });
const bad = treeOf({ ...BASE, 'vm.yaml': machine('vm-1', '  colour: red'), 'x.yaml': '['.repeat(3000) });

async function codeOf(limits: {
  readonly memoryMiB: number;
  readonly timeoutSeconds: number;
}): Promise<readonly string[]> {
  const result = await parseIsolated(good, limits);
  return result.ok ? [] : result.problems.map(({ code }) => code);
}

describe('documents that nobody has reviewed are read in a process of their own', () => {
  it.each([
    ['good ones', good],
    ['bad ones', bad],
  ])('%s give the same result as in this process', async (_reason, tree) => {
    expect(await parseIsolated(tree)).toEqual(await loadDesired(tree, createDocumentCache()));
  });

  it('a process that takes too long is ended, and that is a problem', async () => {
    expect(await codeOf({ memoryMiB: 256, timeoutSeconds: 0.001 })).toEqual(['IsolationTimeout']);
  });

  it('a process that runs out of memory is a problem, and not the end of this one', async () => {
    expect(await codeOf({ memoryMiB: 2, timeoutSeconds: 60 })).toEqual(['IsolationFailed']);
  });

  it('a file above the cap is refused without being read', async () => {
    const huge = {
      ...good,
      files: [{ path: 'a.yaml', blob: 'b', bytes: 1e12 }],
      read: () => Promise.reject(new Error('read')),
    };
    const result = await parseIsolated(huge);
    expect(result.ok ? [] : result.problems.map(({ code }) => code)).toEqual(['FileTooLarge']);
  });

  it('more text than a commit should hold is refused', async () => {
    const text = `# ${'x'.repeat(1_000_000)}`;
    const files = Array.from({ length: 70 }, (_, index) => ({ path: `f${index}.yaml`, blob: 'b', bytes: text.length }));
    const result = await parseIsolated({ ...good, files, read: () => Promise.resolve(text) });
    expect(result.ok ? [] : result.problems.map(({ code }) => code)).toEqual(['TreeTooLarge']);
  });
});
