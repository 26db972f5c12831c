import type { Bdf, Dummy, Machine, MigrationJob } from '../../../model/index.js';
import type { Domain } from './domain.js';
import type { DomainFigures, DomainJob, DomainState } from './host-calls.js';
import type { Note } from './finding.js';
import { attr, child, findAll } from '../xml/index.js';

/** A domain together with what the host says about it at the moment. */
export interface ObservedDomain {
  readonly domain: Domain;
  readonly figures: DomainFigures;
  readonly job: DomainJob;
}

/** What a host cannot say of its machines. */
export interface Surroundings {
  readonly host: string;
  /** Epoch milliseconds of the observation. */
  readonly at: number;
  /** Where a machine's running migration goes; empty when that is not known. */
  readonly destinationOf: (machine: string) => string;
  /** True for the VFs of the host. */
  readonly isVf: (device: Bdf) => boolean;
}

/** The machine that a domain is, or the dummy when its metadata says so. */
export function machineOf(
  { domain, figures, job }: ObservedDomain,
  around: Surroundings,
  note: Note,
): { readonly kind: 'machine'; readonly machine: Machine } | { readonly kind: 'dummy'; readonly dummy: Dummy } {
  const state = machineState(figures, job);
  const { dummy, staged } = domain.metadata;
  const isHere = state !== 'stopped';
  if (dummy !== null && isHere) {
    const mac = dummy.mac ?? domain.devices.find((device) => device.mac !== null)?.mac ?? '';
    if (mac === '') note({ code: 'PartMissing', subject: domain.name, message: 'the dummy has no address of its own' });
    const { reservation, expiresAt } = dummy;
    const devices = domain.devices.map(({ device }) => device);
    return { kind: 'dummy', dummy: { name: domain.name, host: around.host, devices, mac, reservation, expiresAt } };
  }
  return {
    kind: 'machine',
    machine: {
      name: domain.name,
      host: around.host,
      state,
      vcpus: domain.vcpus,
      memoryMiB: domain.memoryMiB,
      hugepageSizeKiB: domain.hugepageSizeKiB,
      numaNode: domain.numaNode,
      // A definition is no claim: several domains can be defined with the same device.
      assignments: isHere
        ? domain.devices.map(({ claim, device, guestAddress, mac }) => ({ claim, device, guestAddress, mac }))
        : [],
      staged: isHere ? staged : [],
      standby: hasStandby(domain, around.isVf),
      dirtyMibps: (job.kind === 'outgoing' ? job.dirtyMibps : null) ?? figures.dirtyMibps ?? 0,
      diskGiB: diskGiB(domain, figures),
      sharedDisks: domain.disks.every((disk) => disk.shared),
      job: jobOf(domain.name, job, around),
    },
  };
}

/** A domain that crashed keeps its process, and with it its devices, where it was told to (`on_crash`): its number is then still there. */
function machineState({ domain, state }: DomainFigures, job: DomainJob): Machine['state'] {
  if (job.kind === 'incoming') return 'incoming';
  const active = activeState(state);
  return active === 'stopped' && state.kind !== 'shutOff' && domain.id !== null ? 'paused' : active;
}

function activeState({ kind }: DomainState): 'running' | 'paused' | 'stopped' {
  switch (kind) {
    case 'running':
    case 'blocked':
    case 'shutdown': // On its way down, but not there: its guest still acts.
      return 'running';
    case 'paused':
    case 'pmSuspended':
      return 'paused';
    case 'shutOff':
    case 'crashed':
    case 'noState':
    case 'other':
      return 'stopped';
  }
}

/** True when each VF names a NIC to stand in for it, and the domain has that NIC; so it is with a machine without VFs. */
function hasStandby({ devices, xml }: Domain, isVf: (device: Bdf) => boolean): boolean {
  const names = findAll(xml, 'devices', 'interface')
    .filter((nic) => attr(child(nic, 'teaming'), 'type') === 'persistent')
    .map((nic) => attr(child(nic, 'alias'), 'name'));
  return devices.every(({ device, standby }) => !isVf(device) || (standby !== null && names.includes(standby)));
}

function jobOf(name: string, job: DomainJob, { at, destinationOf }: Surroundings): MigrationJob | null {
  if (job.kind !== 'outgoing') return null;
  const { doneBytes, totalBytes, elapsedMs } = job;
  return { to: destinationOf(name), doneBytes, totalBytes, startedAt: at - elapsedMs };
}

const GIB = 1024 ** 3;

function diskGiB({ disks }: Domain, { diskBytes }: DomainFigures): number {
  const sizes = disks
    .filter(({ device }) => device === 'disk' || device === 'lun')
    .map(({ target }) => diskBytes.get(target) ?? 0);
  return sizes.reduce((sum, bytes) => sum + bytes, 0) / GIB;
}
