import { describe, expect, it } from 'vitest';
import type { Strategy } from '../../src/model/index.js';
import { plan } from '../../src/planner/index.js';
import type { FixtureLines, HostLine, MachineLine } from './fixture-lines.js';
import { fixture } from './fixture.js';

interface Case {
  readonly reason: string;
  readonly source?: HostLine;
  readonly target?: HostLine;
  readonly machine?: MachineLine;
  readonly more?: Partial<FixtureLines>;
  readonly strategy: Strategy | null;
  readonly says: string;
}

describe('the strategy of a move', () => {
  const patient = { maxDowntimeMs: 120_000 };
  const cases: readonly Case[] = [
    { reason: 'the first of the list when nothing is against it', strategy: 'vfio-live', says: 'first choice' },
    {
      reason: 'not vfio-live when the source cannot carry the state',
      source: { live: false },
      strategy: 'failover',
      says: '0000:16:01.0 on h1 cannot carry its state over',
    },
    {
      reason: 'not vfio-live when the target cannot take the state',
      target: { live: false },
      strategy: 'failover',
      says: '0000:16:01.0 on h2 cannot take the state over',
    },
    {
      reason: 'not failover for a device that is no function of a NIC',
      source: { gpus: 1 },
      target: { gpus: 1 },
      machine: { claims: { gpu: 'gpu' } },
      more: { classes: [{ name: 'gpu', strategies: ['failover', 'hotplug'] }] },
      strategy: 'hotplug',
      says: 'not failover: 0000:a0:00.0 on h2 is no virtual function',
    },
    {
      reason: 'not failover without a standby NIC to live on meanwhile',
      source: { live: false },
      machine: { standby: false },
      strategy: 'hotplug',
      says: 'has no standby NIC to live on without its VF',
    },
    {
      reason: 'not cold when the disks are local: nothing would copy them',
      machine: { desired: { ...patient, strategies: ['cold', 'hotplug'], sharedDisks: false } },
      strategy: 'hotplug',
      says: 'not cold: its disks are local',
    },
    {
      reason: 'what the device class takes',
      more: { classes: [{ name: 'vf', strategies: ['hotplug'] }] },
      strategy: 'hotplug',
      says: 'not vfio-live: device class vf does not take it',
    },
    {
      reason: 'what machine, role and policy allow',
      machine: { desired: { strategies: ['failover'] } },
      strategy: 'failover',
      says: 'first choice',
    },
    {
      reason: 'not live when memory is dirtied faster than it is sent: cold, when the machine may stand still',
      machine: { dirtyMibps: 5000, desired: { maxDowntimeMs: 30_000, memoryMiB: 60_000 } },
      more: {},
      strategy: 'cold',
      says: 'it would pause the machine for',
    },
    {
      reason: 'not cold when the machine may not stand still for so long',
      machine: { desired: { strategies: ['cold'] } },
      strategy: null,
      says: '500 ms are allowed',
    },
    {
      reason: 'cold in a maintenance window, where outages are expected (a DU without vfio-live)',
      source: { live: false },
      machine: { desired: { role: 'DU', strategies: ['vfio-live', 'cold'], maxDowntimeMs: 100 } },
      more: { migration: { windows: [{ cron: '0 2 * * 6', durationMinutes: 60 }] } },
      strategy: 'cold',
      says: 'not vfio-live',
    },
    {
      reason: 'cold between unlike platforms',
      source: { observed: { cpuFeatures: ['avx512'] } },
      machine: { desired: patient },
      strategy: 'cold',
      says: 'the CPUs of h2 lack avx512',
    },
  ];
  it.each(cases)('$reason', ({ source, target, machine, more, strategy, says }) => {
    const { desired, world } = fixture({
      ...more,
      hosts: { h1: { maintenance: 'drain', ...source }, h2: target ?? {} },
      machines: { vm: { on: 'h1', claims: { net: 'vf' }, ...machine } },
    });
    const { moves, refusals } = plan(desired, world);
    expect(moves[0]?.strategy ?? null).toBe(strategy);
    expect(moves[0]?.strategyReason ?? refusals[0]?.candidates[0]?.message).toContain(says);
  });

  it('counts the uplinks of both access groups in when the machine leaves its own, and not within the group', () => {
    const chosen = (group: string, uplinkMbps: number) => {
      const { desired, world } = fixture({
        hosts: { h1: { maintenance: 'drain' }, h2: { group } },
        machines: { vm: { on: 'h1', memoryMiB: 32_768, dirtyMibps: 200, claims: { net: 'vf' } } },
        uplinkMbps,
      });
      const { moves, refusals } = plan(desired, world);
      return moves[0]?.strategy ?? refusals[0]?.candidates.find(({ host }) => host === 'h2')?.message;
    };
    expect(chosen('a', 100)).toBe('vfio-live');
    expect(chosen('b', 0)).toBe('vfio-live');
    expect(chosen('b', 100)).toContain('not vfio-live: it would pause the machine for 2748779 ms');
  });

  it('takes the narrowest of policy, hosts and uplinks for the duration', () => {
    const secondsWith = (uplinkMbps: number) => {
      const { desired, world } = fixture({
        hosts: { h1: { maintenance: 'drain' }, h2: { group: 'b' } },
        machines: { vm: { on: 'h1', memoryMiB: 4096, dirtyMibps: 0 } },
        uplinkMbps,
      });
      return plan(desired, world).moves[0]?.estimate.seconds ?? NaN;
    };
    expect(secondsWith(1000)).toBeCloseTo(4096 / (1e9 / 8 / 1024 / 1024) + 5, 0);
    expect(secondsWith(100_000)).toBe(secondsWith(0));
  });

  it('is said to be a way around when it is not the first choice', () => {
    const { desired, world } = fixture({
      hosts: { h1: { maintenance: 'drain', live: false }, h2: {} },
      machines: { vm: { on: 'h1', claims: { net: 'vf' } } },
    });
    expect(plan(desired, world).moves[0]?.advice).toBe('Reconfigure');
  });

  it('sends a machine to another host when the nearest cannot take it (OtherHost)', () => {
    const { desired, world } = fixture({
      hosts: { h1: { maintenance: 'drain' }, h2: { live: false }, h3: { group: 'b' } },
      machines: { vm: { on: 'h1', claims: { net: 'vf' }, desired: { strategies: ['vfio-live'] } } },
    });
    expect(plan(desired, world).moves).toMatchObject([{ to: 'h3', advice: 'OtherHost' }]);
  });
});
