import { resource } from './declare.js';

/** A real-time machine finds enough CPUs that are kept from the host's scheduler. */
export const isolatedCpus = resource(
  { name: 'isolated-cpus', standing: false, always: true },
  {
    concerns: (amount) => amount === 'isolated-cpus',
    sentence({ name, free, wanted }, { host, cell }) {
      const where = name.startsWith('cell-') ? `cell ${cell ?? ''} of ${host.name}` : host.name;
      return `${where} has ${free} isolated CPUs free; ${wanted} are needed`;
    },
  },
);
