import { resource } from './declare.js';

/** CPUs and ordinary memory suffice on the host, and on the cell when the machine is pinned to one. */
export const capacity = resource(
  { name: 'capacity', standing: false, always: true },
  {
    concerns: (amount) => amount === 'cpus' || amount === 'memory',
    sentence({ name, free, wanted }, { machine, host, cell }) {
      const where = name.startsWith('cell-') ? `cell ${cell ?? ''} of ${host.name}` : host.name;
      const unit = name.endsWith('memory') ? 'MiB of memory' : 'CPUs';
      return `${where} has ${free} ${unit} free; ${machine.name} needs ${wanted}`;
    },
  },
);
