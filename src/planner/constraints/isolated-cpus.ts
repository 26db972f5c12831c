import { demandOf } from '../placement.js';
import { amountsOf, shortage } from '../resources.js';
import type { Constraint } from './constraint.js';

/** A real-time machine finds enough CPUs that are kept from the host's scheduler. */
export const isolatedCpus: Constraint = {
  name: 'isolated-cpus',
  standing: false,
  always: true,
  check({ occupancy, machine, host, cell }) {
    const wanted = amountsOf(demandOf(machine), cell);
    const short = shortage(host.capacity, occupancy.used(host.name), wanted, (name) => name.endsWith('isolated-cpus'));
    if (short === null) return null;
    const where = short.name.startsWith('cell-') ? `cell ${cell ?? ''} of ${host.name}` : host.name;
    return `${where} has ${short.free} isolated CPUs free; ${short.wanted} are needed`;
  },
};
