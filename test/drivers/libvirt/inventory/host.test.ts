import { describe, expect, it } from 'vitest';
import { readCapabilities, readHostModel } from '../../../../src/drivers/libvirt/inventory/capabilities.js';
import { hostOf, silentHost } from '../../../../src/drivers/libvirt/inventory/host.js';
import { element } from '../../../../src/drivers/libvirt/xml/index.js';
import { fixture, notebook, xml } from './fixture.js';

const real = readCapabilities(xml(fixture('capabilities.xml')), 'host-a', notebook().note);
const none = { isolatedCpus: [], ptp: false, migrationMibps: null };

describe('reading the capabilities of a host', () => {
  it('reads what libvirt prints', () => {
    expect(real).toMatchObject({ arch: 'x86_64', cpuModel: 'Skylake-Server-v1', iommu: false });
    expect(real.cpuFeatures).toContain('avx512vnni');
    expect(real.cells).toEqual([{ id: 0, memoryMiB: 12_378, hugepages: [], cpuIds: [0, 1] }]);
    expect(real.machineTypes).toContain('pc-q35-10.0');
    expect(real.machineTypes).not.toContain('q35');
  });

  it('reads cells with their CPUs and hugepages', () => {
    const cell = (id: number, cpus: readonly number[]): string =>
      `<cell id='${id}'><memory unit='KiB'>67108864</memory><pages unit='KiB' size='4'>1000</pages>
       <pages unit='KiB' size='2048'>0</pages><pages unit='KiB' size='1048576'>16</pages>
       <cpus num='${cpus.length}'>${cpus.map((cpu) => `<cpu id='${cpu}'/>`).join('')}</cpus></cell>`;
    const root = xml(
      `<capabilities><host><cpu><model>m</model></cpu><topology><cells num='2'>${cell(0, [0, 2, 4])}${cell(1, [1, 3])}</cells></topology></host></capabilities>`,
    );
    const { note, codes } = notebook();
    const host = hostOf('host-a', readCapabilities(root, 'host-a', note), null, [], {
      ...none,
      isolatedCpus: [2, 3, 9],
    });
    const hugepages = [{ sizeKiB: 1_048_576, total: 16 }];
    expect(host.numaNodes).toEqual([
      { id: 0, cpus: 3, isolatedCpus: 1, memoryMiB: 65_536, hugepages },
      { id: 1, cpus: 2, isolatedCpus: 1, memoryMiB: 65_536, hugepages },
    ]);
    expect(codes()).toEqual([]);
  });

  it.each([
    { reason: 'nothing at all', text: '<capabilities/>', missing: 2 },
    {
      reason: 'no topology',
      text: '<capabilities><host><cpu><model>m</model></cpu></host></capabilities>',
      missing: 1,
    },
    {
      reason: 'a cell that says nothing',
      text: '<capabilities><host><cpu><model>m</model></cpu><topology><cells><cell/></cells></topology></host></capabilities>',
      missing: 1,
    },
    {
      reason: 'numbers that are none',
      text: "<capabilities><host><cpu><model>m</model></cpu><topology><cells><cell id='-1'><memory unit='parsec'>9e9</memory><pages size='x'>y</pages><cpus><cpu id='NaN'/></cpus></cell></cells></topology></host></capabilities>",
      missing: 1,
    },
  ])('takes $reason as it is, and notes it', ({ text, missing }) => {
    const { note, codes } = notebook();
    const read = readCapabilities(xml(text), 'host-a', note);
    expect(codes()).toEqual(Array.from({ length: missing }, () => 'PartMissing'));
    expect(hostOf('host-a', read, null, [], none)).toMatchObject({ state: 'up', machineTypes: [] });
    for (const cell of read.cells) expect(cell).toEqual({ id: 0, memoryMiB: 0, hugepages: [], cpuIds: [] });
  });

  it('takes the features that machines can be given from the domain capabilities', () => {
    const text = `<domainCapabilities><cpu><mode name='host-passthrough' supported='yes'/>
      <mode name='host-model' supported='yes'><model fallback='forbid'>EPYC</model>
      <feature policy='require' name='aes'/><feature policy='disable' name='vmx'/></mode></cpu></domainCapabilities>`;
    expect(readHostModel(xml(text))).toEqual({ cpuModel: 'EPYC', cpuFeatures: ['aes'] });
    expect(readHostModel(xml(text.replace("host-model' supported='yes'", "host-model' supported='no'")))).toBeNull();
    expect(readHostModel(element('nothing'))).toBeNull();
  });
});

describe('a host that does not answer', () => {
  it('keeps the hardware that it had, and is unknown without any when it never answered', () => {
    const host = hostOf('host-a', real, null, [], none);
    expect(silentHost('host-a', host)).toEqual({ ...host, state: 'unknown' });
    expect(silentHost('host-b', null)).toMatchObject({ name: 'host-b', state: 'unknown', numaNodes: [], devices: [] });
  });
});

describe('the rate of the migration network', () => {
  const port = (speedMbps: number, linkState: 'up' | 'down') =>
    ({
      bdf: '0000:01:00.0',
      vendor: '8086',
      device: '1592',
      category: 'network',
      driver: 'ice',
      iommuGroup: 1,
      numaNode: 0,
      liveMigratable: false,
      function: { kind: 'pf', netdev: 'ens1', speedMbps, totalVfs: 0, mode: 'legacy', linkState },
    }) as const;

  it.each([
    { reason: 'what was measured counts', devices: [port(100_000, 'up')], told: 500, rate: 500 },
    {
      reason: 'else nine tenths of the fastest port that is up',
      devices: [port(25_000, 'up'), port(100_000, 'down')],
      told: null,
      rate: 2682,
    },
    { reason: 'else 1 Gbit/s', devices: [port(0, 'up')], told: null, rate: 110 },
  ])('$reason', ({ devices, told, rate }) => {
    expect(hostOf('host-a', real, null, devices, { ...none, migrationMibps: told }).migrationMibps).toBe(rate);
  });
});
