import type { Bdf, Dummy, Machine, MigrationJob } from '../../../model/index.js';
import type { Domain } from './domain.js';
import type { DomainFigures, DomainJob } from './host-calls.js';
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
  const isHere = figures.domain.id !== null;
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
      diskGiB: diskSizes(domain, figures).reduce((sum, { sizeGiB }) => sum + sizeGiB, 0),
      sharedDisks: domain.disks.every((disk) => disk.shared),
      job: jobOf(domain.name, job, around),
    },
  };
}

/** The copy that comes counts as running when its migration has ended, not before: until then the source still says that it has it. */
function machineState({ domain, state }: DomainFigures, job: DomainJob): Machine['state'] {
  if (job.kind === 'incoming') return 'incoming';
  switch (state.kind) {
    case 'running':
    case 'blocked':
      return 'running';
    case 'paused':
    case 'pmSuspended':
      return 'paused';
    // Its guest acts no more; only the process has not ended yet. So ends the source of each migration.
    case 'shutdown':
    case 'shutOff':
      return 'stopped';
    case 'crashed':
    case 'noState':
    case 'other':
      return domain.id === null ? 'stopped' : 'paused';
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

/** Disks by what is written of them: in whole GiB, rounded up. */
export function diskSizes({ disks }: Domain, { diskBytes }: DomainFigures): readonly DiskSize[] {
  return disks
    .filter(({ device }) => device === 'disk' || device === 'lun')
    .map(({ target, shared }) => ({ target, shared, sizeGiB: Math.ceil((diskBytes.get(target) ?? 0) / GIB) }));
}

/** The size is 0 where the host does not tell it. */
export interface DiskSize {
  readonly target: string;
  readonly shared: boolean;
  readonly sizeGiB: number;
}
