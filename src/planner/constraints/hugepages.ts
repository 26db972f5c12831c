import { demandOf } from '../placement.js';
import { resource } from './declare.js';

/** Memory in huge pages comes from pages of that size. */
export const hugepages = resource(
  { name: 'hugepages', standing: false, always: true },
  {
    concerns: (amount) => amount.startsWith('hugepages'),
    sentence({ free, wanted }, { machine, host, cell }) {
      const where = cell === null ? host.name : `cell ${cell} of ${host.name}`;
      const { hugepageSizeKiB } = demandOf(machine);
      return `${where} has ${free} MiB free in pages of ${hugepageSizeKiB} KiB; ${wanted} MiB are needed`;
    },
  },
);
