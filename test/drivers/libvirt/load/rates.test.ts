import { describe, expect, it } from 'vitest';
import { domainCounters } from '../../../../src/drivers/libvirt/load/domain-counters.js';
import { cpuShare, memoryShare } from '../../../../src/drivers/libvirt/load/host-load.js';
import { domainRates, trafficRates } from '../../../../src/drivers/libvirt/load/rates.js';
import type { TypedParameter } from '../../../../src/drivers/libvirt/rpc/index.js';
import { domainStats, type Guest } from './scripted-load.js';

const counters = (guest: Guest, seconds: number) => domainCounters(domainStats('vm', guest, seconds));
const without = (guest: Guest, seconds: number, drop: RegExp) => {
  const { domain, parameters } = domainStats('vm', guest, seconds);
  return domainCounters({ domain, parameters: parameters.filter(({ field }) => !drop.test(field)) });
};

describe('counters of a domain', () => {
  it('are read from the figures that libvirt names', () => {
    expect(counters({ cpus: 2, rssMiB: 512, delay: 1, nics: { vnet0: [10, 20] } }, 10)).toEqual({
      name: 'vm',
      run: 'uuid-vm 1',
      cpuNs: 20e9,
      memoryMiB: 512,
      delayNs: new Map([
        ['0', 5e9],
        ['1', 5e9],
      ]),
      nics: new Map([['vnet0', { rxBytes: 100, txBytes: 200 }]]),
    });
  });

  it('are null where libvirt does not tell, as of a domain that is busy', () => {
    expect(without({ nics: { vnet0: [1, 1] } }, 1, /cpu|balloon|net/)).toMatchObject({
      cpuNs: null,
      memoryMiB: null,
      delayNs: new Map(),
      nics: null,
    });
  });

  it('take all of the memory when it is not told how much is in use', () => {
    expect(without({}, 1, /rss/).memoryMiB).toBe(1024);
  });

  it('take the older name of the delay where there is only that', () => {
    expect([...without({}, 1, /delay/).delayNs.values()]).toEqual([7, 7]);
  });

  it('pass over interfaces that are host devices, and count none when one of the others is not counted', () => {
    const nics = { vnet0: [1, 1], vnet1: [2, 2] } as const;
    expect([...(without({ nics }, 1, /net\.0\.name/).nics?.keys() ?? [])]).toEqual(['vnet1']);
    expect(without({ nics }, 1, /net\.1\.rx\.bytes/).nics).toBeNull();
  });

  it('are not upset by figures of other kinds', () => {
    const parameters: readonly TypedParameter[] = [
      { field: 'cpu.time', kind: 'string', value: 'much' },
      { field: 'balloon.rss', kind: 'llong', value: -5n },
      { field: 'net.count', kind: 'ullong', value: 2n ** 63n },
      { field: 'vcpu.0.delay', kind: 'double', value: NaN },
    ];
    const read = domainCounters({ domain: { name: 'vm', uuid: 'u', id: null }, parameters });
    expect(read).toMatchObject({ cpuNs: null, memoryMiB: null, nics: null, delayNs: new Map() });
  });
});

describe('what a domain used between two looks', () => {
  const guest = { cpus: 1.5, delay: 0.25, nics: { vnet0: [125_000, 250_000], vnet1: [0, 125_000] } } as const;

  it('is the growth of its counters', () => {
    expect(domainRates(counters(guest, 10), counters(guest, 15), 5000)).toEqual({
      cpus: 1.5,
      memoryMiB: 64,
      delayCpus: 0.25,
      rxMbps: 1,
      txMbps: 3,
    });
  });

  it.each([
    { reason: 'another run', before: { ...guest, id: 1 }, after: { ...guest, id: 2 }, then: 10, now: 15 },
    { reason: 'counters that went backwards', before: guest, after: guest, then: 15, now: 10 },
  ])('is not known over $reason, but for the memory', ({ before, after, then, now }) => {
    expect(domainRates(counters(before, then), counters(after, now), 5000)).toEqual({
      cpus: null,
      memoryMiB: 64,
      delayCpus: null,
      rxMbps: null,
      txMbps: null,
    });
  });

  const swaps: readonly {
    readonly reason: string;
    readonly before: NonNullable<Guest['nics']>;
    readonly after: NonNullable<Guest['nics']>;
  }[] = [
    { reason: 'plugged', before: { vnet0: [1, 1] }, after: { vnet0: [1, 1], vnet1: [1, 1] } },
    { reason: 'unplugged', before: { vnet0: [1, 1], vnet1: [1, 1] }, after: { vnet0: [1, 1] } },
    { reason: 'exchanged', before: { vnet0: [1, 1] }, after: { vnet9: [1, 1] } },
  ];
  it.each(swaps)('leaves traffic out when a NIC was $reason', ({ before, after }) => {
    const rates = domainRates(counters({ cpus: 1, nics: before }, 1), counters({ cpus: 1, nics: after }, 2), 1000);
    expect(rates).toMatchObject({ cpus: 1, rxMbps: null, txMbps: null });
  });

  it('is no traffic for a domain without NICs', () => {
    expect(domainRates(counters({}, 1), counters({}, 2), 1000)).toMatchObject({ rxMbps: 0, txMbps: 0 });
  });
});

describe('traffic of a VF', () => {
  const before = { rxBytes: 1000, txBytes: 2000, rxPackets: 10, txPackets: 20 };
  it('is bits and packets each second', () => {
    const after = { rxBytes: 251_000, txBytes: 127_000, rxPackets: 30, txPackets: 120 };
    expect(trafficRates(before, after, 2000)).toEqual({ rxMbps: 1, txMbps: 0.5, rxPackets: 10, txPackets: 50 });
  });

  it('is not known when one of its counters began anew', () => {
    for (const field of Object.keys(before)) expect(trafficRates(before, { ...before, [field]: 1 }, 1000)).toBeNull();
  });
});

describe('the load of a host', () => {
  const cpu = { user: 100, kernel: 50, idle: 800, iowait: 50 };
  it('is the share of CPU time that was neither idle nor waiting for disks', () => {
    expect(cpuShare(cpu, { user: 130, kernel: 60, idle: 850, iowait: 60 })).toBe(0.4);
    expect(cpuShare({ user: 0, kernel: 0, idle: 0 }, { user: 1, kernel: 1, idle: 2 })).toBe(0.5);
  });

  it.each([
    { reason: 'a counter went backwards', after: { ...cpu, idle: 700 } },
    { reason: 'a counter is missing', after: { user: 200, idle: 900 } },
    { reason: 'no time has passed', after: cpu },
  ])('is not known when $reason', ({ after }) => expect(cpuShare(cpu, after)).toBeNull());

  it('counts memory that is free or a cache as free', () => {
    expect(memoryShare({ total: 1000, free: 300, buffers: 100, cached: 200 })).toBe(0.4);
    expect(memoryShare({ total: 1000, free: 300 })).toBe(0.7);
    expect(memoryShare({ total: 1000, free: 900, buffers: 100, cached: 200 })).toBe(0);
    const untold: readonly Readonly<Record<string, number>>[] = [
      {},
      { total: 0, free: 0 },
      { total: 10 },
      { free: 10 },
    ];
    for (const stats of untold) expect(memoryShare(stats)).toBeNull();
  });
});
