import type { PciDevice } from '../../src/model/index.js';
import { IDLE_VF } from '../../src/model/index.js';

/** Network device of the NIC port on a cell. */
export function netdevOf(cell: number): string {
  return `ens${cell}f0`;
}

/** One NIC port a cell with its share of the VFs (each in an IOMMU group of its own), and GPUs dealt out over the cells. */
export function devicesOf(host: {
  readonly cells: number;
  readonly vfs: number;
  readonly gpus: number;
  readonly live: boolean;
}): PciDevice[] {
  const cells = Array.from({ length: host.cells }, (_, cell) => cell);
  return [
    ...cells.flatMap((cell) => [port(cell, host.vfs / host.cells), ...vfs(cell, host.vfs / host.cells, host.live)]),
    ...Array.from({ length: host.gpus }, (_, index) => gpu(index, index % host.cells)),
  ];
}

function port(cell: number, totalVfs: number): PciDevice {
  return {
    bdf: portAddress(cell),
    vendor: '8086',
    device: '1592',
    category: 'network',
    driver: 'ice',
    iommuGroup: 100 * cell,
    numaNode: cell,
    liveMigratable: false,
    function: { kind: 'pf', netdev: netdevOf(cell), speedMbps: 25_000, totalVfs, mode: 'switchdev', linkState: 'up' },
  };
}

function vfs(cell: number, count: number, live: boolean): PciDevice[] {
  return Array.from({ length: count }, (_, index) => ({
    bdf: `0000:${16 * (cell + 1)}:${(1 + Math.floor(index / 8)).toString(16).padStart(2, '0')}.${index % 8}`,
    vendor: '8086',
    device: '1889',
    category: 'network',
    driver: 'vfio-pci',
    iommuGroup: 100 * cell + 1 + index,
    numaNode: cell,
    liveMigratable: live,
    function: { kind: 'vf', parent: portAddress(cell), index, attributes: IDLE_VF },
  }));
}

function gpu(index: number, numaNode: number): PciDevice {
  return {
    bdf: `0000:${(0xa0 + index).toString(16)}:00.0`,
    vendor: '10de',
    device: '2330',
    category: 'gpu',
    driver: 'vfio-pci',
    iommuGroup: 1000 + index,
    numaNode,
    liveMigratable: false,
    function: { kind: 'whole' },
  };
}

function portAddress(cell: number): string {
  return `0000:${16 * (cell + 1)}:00.0`;
}
