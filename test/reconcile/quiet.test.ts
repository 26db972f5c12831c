import { describe, expect, it } from 'vitest';
import type { ClusterOf, MachineOf } from './documents-of.js';
import { machineDoc } from './documents-of.js';
import { openLoop } from './loop.js';

const vm: MachineOf = { name: 'vm', at: 'h1', vfs: 2 };
const cold = { 'machines/vm.yaml': `${machineDoc({ ...vm, strategies: 'cold' })}  maxDowntimeMs: 60000\n` };

const drained = (strategies: string): ClusterOf => ({
  hosts: [{ name: 'h1', maintenance: 'drain' }, { name: 'h2' }],
  machines: [{ ...vm, strategies }],
});

describe('what Berth itself has done is as it is written: no drift is told', () => {
  it.each([
    { way: 'a live move', of: drained('vfio-live') },
    { way: 'a move by failover', of: drained('failover') },
    { way: 'a move by hotplug', of: drained('hotplug') },
    { way: 'a cold move', of: { ...drained('cold'), more: cold } },
    { way: 'a first start', of: { hosts: [{ name: 'h2' }], machines: [{ ...vm, at: null }] } },
  ])('after $way', async ({ of }) => {
    const loop = openLoop(of);
    expect((await loop.pass()).execution?.result).toBe('succeeded');
    const after = await loop.pass();
    expect(loop.hostOf('vm')).toBe('h2');
    expect(after.plan?.drift).toEqual([]);
  });
});
