import { describe, expect, it } from 'vitest';
import { expandScenario } from '../../src/drivers/simulator/expand.js';
import { type ClusterOf, documentsOf, scenarioInputOf } from './documents-of.js';
import { type Loop, openLoopOn } from './loop.js';

/** Two pinned machines leave h1 for h2. */
const drain: ClusterOf = {
  hosts: [{ name: 'h1', maintenance: 'drain', cpus: 16 }, { name: 'h2' }],
  machines: [
    { name: 'du-1', at: 'h1', vfs: 1, vcpus: 4 },
    { name: 'du-2', at: 'h1', vfs: 1, vcpus: 4 },
  ],
};

/** h2 has two cells, and on each a NIC with so many VFs; every machine wants one cell and a VF of that cell. */
function openNuma(cells: readonly { readonly cpus: number; readonly vfs: number }[]): Loop {
  const files = documentsOf(drain);
  for (const name of ['du-1', 'du-2']) {
    const path = `machines/${name}.yaml`;
    files[path] = (files[path] ?? '')
      .replace('vcpus:', 'numaPinned: true\n  vcpus:')
      .replaceAll(', mac:', ', numaLocal: true, mac:');
  }
  files['hosts.yaml'] = (files['hosts.yaml'] ?? '').replaceAll(
    '  ports:\n',
    '  ports:\n    - { netdev: ens2f0, physicalNetwork: net, switchPort: p2 }\n',
  );
  const input = scenarioInputOf(drain);
  const nic = { liveMigratable: true };
  const hosts = input.hosts.map((host) =>
    host.name === 'h1'
      ? { ...host, nics: [...host.nics, { netdev: 'ens2f0', bdf: '0000:af:00.0', vfs: 1, ...nic }] }
      : {
          ...host,
          cells: cells.map(({ cpus }) => ({ cpus, memoryMiB: 16_384 })),
          nics: cells.map(({ vfs }, numaNode) => ({
            ...nic,
            ...{ netdev: `ens${numaNode + 1}f0`, bdf: numaNode === 0 ? '0000:3b:00.0' : '0000:af:00.0' },
            ...{ vfs, numaNode },
          })),
        },
  );
  const machines = input.machines.map((machine) => ({ ...machine, numaNode: 0 }));
  return openLoopOn({ files, scenario: expandScenario({ ...input, hosts, machines }) });
}

/** Cell of each machine on h2, with the cell of its VF. */
function cellsOf(loop: Loop): readonly (readonly [machine: string, cell: number | null, vfCell: number | undefined])[] {
  const { machines, hosts } = loop.simulator.cluster.look();
  const devices = hosts.find(({ name }) => name === 'h2')?.devices ?? [];
  return machines
    .filter(({ host, state }) => host === 'h2' && state === 'running')
    .map(({ name, numaNode, assignments }) => [
      name,
      numaNode,
      devices.find(({ bdf }) => bdf === assignments[0]?.device)?.numaNode,
    ]);
}

describe('fault 16 of migration.md (Nova #1893221): NUMA cell and VF are claimed together', () => {
  it('when each cell has room and a VF for one of two machines', async () => {
    const loop = openNuma([
      { cpus: 4, vfs: 1 },
      { cpus: 4, vfs: 1 },
    ]);
    expect((await loop.pass()).execution?.result).toBe('succeeded');
    const cells = cellsOf(loop);
    expect(cells.map(([, cell]) => cell).sort()).toEqual([0, 1]);
    for (const [machine, cell, vfCell] of cells) expect(vfCell, machine).toBe(cell);
    expect(await loop.atRest(['du-1', 'du-2'])).toEqual([]);
  });

  it('so that a VF of a full cell is of no use to a machine that fits the other cell only', async () => {
    const loop = openNuma([
      { cpus: 16, vfs: 1 },
      { cpus: 2, vfs: 1 },
    ]);
    const facts = await loop.pass();
    expect(facts.plan?.moves).toHaveLength(1);
    expect(facts.plan?.refusals).toHaveLength(1);
    expect(cellsOf(loop).map(([, cell, vfCell]) => [cell, vfCell])).toEqual([[0, 0]]);
    expect(await loop.atRest(['du-1', 'du-2'])).toEqual([]);
  });
});
