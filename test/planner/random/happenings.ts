import type { Machine, Reservation, World } from '../../../src/model/index.js';
import { deviceKey } from '../../../src/model/index.js';
import { NOW } from '../fixture.js';
import type { Cluster } from './cluster.js';
import type { DrawnMachine } from './drawn.js';

/** The cluster after what has happened to its machines. */
export function happen(
  { desired, world }: Cluster,
  drawn: readonly (readonly [string, DrawnMachine])[],
  hosts: readonly string[],
): Cluster {
  const after = drawn.reduce((now, [name, { happening, elsewhere }]) => {
    const copy = now.machines.find((machine) => machine.name === name);
    if (copy === undefined || happening === 'nothing') return now;
    const others = hosts.filter((host) => host !== copy.host);
    const other = others[elsewhere % Math.max(1, others.length)];
    return other === undefined ? now : HAPPENINGS[happening](now, copy, other);
  }, world);
  const old = new Set(drawn.filter(([, { oldProfile }]) => oldProfile).map(([name]) => name));
  const switchPorts = after.switchPorts.map((port) => ({
    ...port,
    profiles: port.profiles.map((entry) => (old.has(entry.machine) ? { ...entry, profile: 'old' } : entry)),
  }));
  return { desired, world: { ...after, switchPorts } };
}

type Happen = (world: World, copy: Machine, elsewhere: string) => World;

const HAPPENINGS: Readonly<Record<Exclude<DrawnMachine['happening'], 'nothing'>, Happen>> = {
  stopped: (world, copy) => ({
    ...replaced(world, copy, [{ ...copy, state: 'stopped', assignments: [] }]),
    reservations: world.reservations.filter((entry) => entry.machine !== copy.name),
  }),
  twice: (world, copy, elsewhere) => replaced(world, copy, [copy, { ...copy, host: elsewhere, assignments: [] }]),
  migrating: (world, copy, elsewhere) => {
    const job = { to: elsewhere, doneBytes: 1, totalBytes: 2, startedAt: NOW - 1000 };
    const incoming = { ...copy, host: elsewhere, state: 'incoming', assignments: [] } as const;
    return replaced(world, copy, [{ ...copy, job }, incoming]);
  },
  reserving: (world, copy, elsewhere) => reserving(world, copy, elsewhere, NOW + 600_000),
  'left-behind': (world, copy, elsewhere) => reserving(world, copy, elsewhere, NOW - 1),
  gone: (world, copy) => replaced(world, copy, []),
};

function replaced(world: World, copy: Machine, by: readonly Machine[]): World {
  return { ...world, machines: world.machines.flatMap((machine) => (machine === copy ? by : [machine])) };
}

function reserving(world: World, copy: Machine, elsewhere: string, expiresAt: number): World {
  const taken = new Set(world.reservations.map(deviceKey));
  for (const dummy of world.dummies)
    for (const device of dummy.devices) taken.add(deviceKey({ host: dummy.host, device }));
  const host = world.hosts.find(({ name }) => name === elsewhere);
  const claim = copy.assignments.find(({ mac }) => mac !== null)?.claim;
  const free = host?.devices.find(
    ({ bdf, function: what, iommuGroup }) =>
      what.kind === 'vf' &&
      !taken.has(deviceKey({ host: elsewhere, device: bdf })) &&
      host.devices.every((other) => other.bdf === bdf || other.iommuGroup !== iommuGroup),
  );
  if (free === undefined || claim === undefined) return world;
  const entry: Reservation = {
    host: elsewhere,
    device: free.bdf,
    epoch: 1,
    phase: 'Pending',
    machine: copy.name,
    claim,
    holder: 'none',
    dummy: null,
    move: `${copy.name}.1`,
    planHash: '',
    expiresAt,
  };
  return { ...world, reservations: [...world.reservations, entry] };
}
