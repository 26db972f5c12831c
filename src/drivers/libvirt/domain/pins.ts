import { attr, child, children, edit, element, findAll, put, withAttribute, type XmlElement } from '../xml/index.js';

/** The cell of a host that a domain is pinned to, with the CPUs of it that other domains are not pinned to. */
export interface CellRoom {
  readonly node: number;
  readonly cpus: readonly number[];
  readonly freeCpus: readonly number[];
}

/**
 * The domain pinned to a cell: its memory comes from there, a virtual CPU that was pinned to one CPU gets one of its own again as long as there are
 * free ones, and whatever else was pinned may use all CPUs of the cell.
 */
export function pinnedTo(domain: XmlElement, { node, cpus, freeCpus }: CellRoom): XmlElement {
  const all = cpus.join(',');
  const free = [...freeCpus];
  const own = (): string => {
    const next = free.shift();
    return next === undefined ? all : String(next);
  };
  let pinned = put(domain, numatune(domain, node));
  if (all === '') return pinned;
  pinned = edit(pinned, ['vcpu'], (vcpu) =>
    attr(vcpu, 'cpuset') === null ? vcpu : withAttribute(vcpu, 'cpuset', all),
  );
  pinned = edit(pinned, ['cputune', 'vcpupin'], (pin) =>
    withAttribute(pin, 'cpuset', /^\d+$/.test(attr(pin, 'cpuset') ?? '') ? own() : all),
  );
  for (const name of ['emulatorpin', 'iothreadpin'])
    pinned = edit(pinned, ['cputune', name], (pin) => withAttribute(pin, 'cpuset', all));
  return pinned;
}

/** CPUs that a domain is pinned to one by one. */
export function pinnedCpus(domain: XmlElement): readonly number[] {
  return findAll(domain, 'cputune', 'vcpupin').flatMap((pin) => {
    const cpuset = attr(pin, 'cpuset') ?? '';
    return /^\d+$/.test(cpuset) ? [Number(cpuset)] : [];
  });
}

function numatune(domain: XmlElement, node: number): XmlElement {
  const now = child(domain, 'numatune') ?? element('numatune');
  const memory = child(now, 'memory') ?? element('memory', { mode: 'strict' });
  const whole = put(now, withAttribute(memory, 'nodeset', node));
  return children(whole, 'memnode').length === 0
    ? whole
    : edit(whole, ['memnode'], (cell) => withAttribute(cell, 'nodeset', node));
}
