import { describe, expect, it } from 'vitest';
import { createDocumentCache, loadDesired } from '../../src/documents/index.js';
import { BASE, document, machine, treeOf } from './tree.js';

const FILES = 10_000;

describe('unchanged files are not parsed again', () => {
  it('10,000 machines in 10,000 files: after one change one file is parsed', { timeout: 240_000 }, async () => {
    const files: Record<string, string> = { ...BASE };
    // Hosts that say nothing of their size: this is about files.
    files['hosts/host-a.yaml'] = document('Host', 'host-a', '  accessGroup: rack-1');
    files['hosts/host-b.yaml'] = document('Host', 'host-b', '  accessGroup: rack-2');
    for (let index = 0; index < FILES; index++) {
      const devices =
        '  devices:\n    - name: data\n      class: fronthaul-vf\n      portProfile: fronthaul-100\n      vlan: 100';
      files[`machines/vm-${index}.yaml`] = machine(`vm-${index}`, devices);
    }
    const cache = createDocumentCache();
    const count = Object.keys(files).length;

    const first = await loadDesired(treeOf(files), cache);
    expect(first.ok && first.value[0]?.machines.length).toBe(FILES);
    expect(cache.parsedFiles).toBe(count);

    files['machines/vm-4711.yaml'] = machine('vm-4711', '  maxDowntimeMs: 17');
    const started = performance.now();
    const second = await loadDesired(treeOf(files), cache);
    expect(cache.parsedFiles).toBe(count + 1);
    expect(second.ok && second.value[0]?.machines.find(({ name }) => name === 'vm-4711')?.maxDowntimeMs).toBe(17);
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  it('a file with a mistake is not parsed again either, and still tells of it', async () => {
    const cache = createDocumentCache();
    const tree = treeOf({ 'a.yaml': 'x: [' });
    const first = await loadDesired(tree, cache);
    expect(await loadDesired(tree, cache)).toEqual(first);
    expect(cache.parsedFiles).toBe(1);
  });

  it('going back and forth between two commits parses nothing; what both forgot is parsed again', async () => {
    const cache = createDocumentCache();
    const one = treeOf({ ...BASE, 'vm.yaml': machine('vm-1') });
    const two = treeOf({ ...BASE, 'vm.yaml': machine('vm-2') });
    for (const tree of [one, two, one, two]) await loadDesired(tree, cache);
    const parsed = cache.parsedFiles;
    expect(parsed).toBe(Object.keys(BASE).length + 2);
    for (const tree of [two, two, two, one]) await loadDesired(tree, cache);
    expect(cache.parsedFiles).toBe(parsed + 1);
  });

  it('what a load made of a document cannot be seen by the next', async () => {
    const cache = createDocumentCache();
    const tree = treeOf({ ...BASE, 'vm.yaml': machine('vm-1', '  role: AMF') });
    const first = await loadDesired(tree, cache);
    expect(await loadDesired(tree, cache)).toEqual(first);
  });
});
