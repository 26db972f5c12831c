import { demandOf } from '../placement.js';
import { amountsOf, shortage } from '../resources.js';
import type { Constraint } from './constraint.js';

/** Memory in huge pages comes from pages of that size. */
export const hugepages: Constraint = {
  name: 'hugepages',
  standing: false,
  always: true,
  check({ occupancy, machine, host, cell }) {
    const demand = demandOf(machine);
    const wanted = amountsOf(demand, cell);
    const short = shortage(host.capacity, occupancy.used(host.name), wanted, (name) => name.includes('hugepages'));
    if (short === null) return null;
    const where = cell === null ? host.name : `cell ${cell} of ${host.name}`;
    return `${where} has ${short.free} MiB free in pages of ${demand.hugepageSizeKiB} KiB; ${short.wanted} MiB are needed`;
  },
};
