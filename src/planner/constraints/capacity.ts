import { demandOf } from '../placement.js';
import { amountsOf, shortage } from '../resources.js';
import type { Constraint } from './constraint.js';

/** CPUs and ordinary memory suffice on the host, and on the cell when the machine is pinned to one. */
export const capacity: Constraint = {
  name: 'capacity',
  standing: false,
  always: true,
  check({ occupancy, machine, host, cell }) {
    const wanted = amountsOf(demandOf(machine), cell);
    const short = shortage(host.capacity, occupancy.used(host.name), wanted, isPlain);
    if (short === null) return null;
    const where = short.name.startsWith('cell-') ? `cell ${cell ?? ''} of ${host.name}` : host.name;
    const unit = short.name.endsWith('memory') ? 'MiB of memory' : 'CPUs';
    return `${where} has ${short.free} ${unit} free; ${machine.name} needs ${short.wanted}`;
  },
};

function isPlain(name: string): boolean {
  return name === 'cpus' || name === 'memory' || name.endsWith('/cpus') || name.endsWith('/memory');
}
