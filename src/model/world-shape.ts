import type { Host } from './host.js';
import type { Machine } from './machine.js';
import type { PciDevice, PciFunction } from './device.js';
import type { Reservation } from './reservation.js';
import type { World } from './world.js';
import { count, flag, list, nullable, number, oneOf, record, text, variants } from './shape.js';
import type { Shape } from './shape.js';
import { metricShape } from './plan-shape.js';
import { vfAttributesShape } from './action-shape.js';

const functionShape: Shape<PciFunction> = variants<PciFunction, 'kind'>('kind', {
  pf: record({
    kind: oneOf('pf'),
    netdev: text,
    speedMbps: number,
    totalVfs: count,
    mode: oneOf('legacy', 'switchdev'),
    linkState: oneOf('up', 'down'),
  }),
  vf: record({ kind: oneOf('vf'), parent: text, index: count, attributes: vfAttributesShape }),
  whole: record({ kind: oneOf('whole') }),
});

const deviceShape: Shape<PciDevice> = record<PciDevice>({
  bdf: text,
  vendor: text,
  device: text,
  category: oneOf('network', 'gpu', 'nvme', 'fpga', 'accelerator', 'other'),
  driver: nullable(text),
  iommuGroup: count,
  numaNode: number,
  liveMigratable: flag,
  function: functionShape,
});

const hostShape: Shape<Host> = record<Host>({
  name: text,
  state: oneOf('up', 'down', 'unknown'),
  cpuModel: text,
  cpuFeatures: list(text),
  machineTypes: list(text),
  ptp: flag,
  numaNodes: list(
    record({
      id: count,
      cpus: count,
      isolatedCpus: count,
      memoryMiB: number,
      hugepages: list(record({ sizeKiB: count, total: count })),
    }),
  ),
  devices: list(deviceShape),
  migrationMibps: number,
});

const machineShape: Shape<Machine> = record<Machine>({
  name: text,
  host: text,
  state: oneOf('running', 'paused', 'stopped', 'incoming'),
  vcpus: count,
  memoryMiB: number,
  hugepageSizeKiB: count,
  numaNode: nullable(count),
  assignments: list(record({ claim: text, device: text, guestAddress: text, mac: nullable(text) })),
  staged: list(record({ claim: text, host: text, device: text })),
  standby: flag,
  dirtyMibps: number,
  diskGiB: number,
  sharedDisks: flag,
  job: nullable(record({ to: text, doneBytes: number, totalBytes: number, startedAt: number })),
});

const reservationShape: Shape<Reservation> = record<Reservation>({
  host: text,
  device: text,
  epoch: count,
  phase: oneOf('Pending', 'Held', 'HandingOver', 'Bound', 'Released', 'Lost'),
  machine: text,
  claim: text,
  holder: oneOf('none', 'dummy', 'machine'),
  dummy: nullable(text),
  move: text,
  planHash: text,
  expiresAt: nullable(number),
});

/** An observed snapshot as it is stored; see {@link World}. */
export const worldShape: Shape<World> = record<World>({
  cluster: text,
  at: number,
  hosts: list(hostShape),
  machines: list(machineShape),
  dummies: list(
    record({ name: text, host: text, devices: list(text), mac: text, reservation: text, expiresAt: number }),
  ),
  switchPorts: list(
    record({
      host: text,
      netdev: text,
      switch: text,
      port: text,
      profiles: list(record({ profile: text, machine: text, claim: text })),
      learned: list(text),
    }),
  ),
  forwards: list(record({ mac: text, from: text, to: text, expiresAt: number })),
  latencies: list(record({ host: text, site: text, ms: number })),
  reservations: list(reservationShape),
  samples: list(
    record({
      subject: record({ kind: oneOf('host', 'machine'), name: text }),
      metric: metricShape,
      value: number,
      at: number,
      windowSeconds: number,
    }),
  ),
  lastMoves: list(record({ machine: text, from: nullable(text), at: number })),
});
