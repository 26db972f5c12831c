import type {
  Action,
  AttachedDevice,
  Bdf,
  DeviceOf,
  LedgerAction,
  Move,
  PlannedAssignment,
  VfAttributes,
} from '../../../src/model/index.js';

/** The actions that the steps for one claim are made of. */
export interface Deeds {
  readonly ledger: (kind: LedgerAction['kind'], host?: string, device?: Bdf) => Action;
  readonly commission: Action;
  readonly decommission: Action;
  readonly profile: (kind: 'apply-port-profile' | 'remove-port-profile', host: string) => Action;
  readonly vf: (kind: 'set-vf' | 'reset-vf', host: string, device: Bdf, attributes: VfAttributes) => Action;
  /** On the source by its old device, on the target by its new one. */
  readonly plug: (kind: 'attach' | 'detach', host: 'source' | 'target') => Action;
}

export function deedsOf(move: Move, assignment: PlannedAssignment): Deeds {
  const { claim, to, from, mac } = assignment;
  const dummy = `berth-dummy-${move.machine}-${claim}`;
  const deviceOn = (host: string, device: Bdf): DeviceOf => ({ machine: move.machine, claim, host, device });
  const source = { host: move.from ?? '', device: from ?? '' };
  return {
    ledger: (kind, host = move.to, device = to) => ({ ...deviceOn(host, device), port: 'ledger', kind, move: move.id }),
    commission: {
      ...{ port: 'hypervisor', kind: 'commission', host: move.to, dummy, devices: assignment.group },
      ...{ mac: temporaryMac(move, to), reservation: `${move.to}/${to}`, machine: move.machine, ttlSeconds: 1800 },
    },
    decommission: { port: 'hypervisor', kind: 'decommission', host: move.to, dummy },
    profile: (kind, host) => ({
      ...deviceOn(host, host === move.to ? to : source.device),
      ...{ port: 'fabric', kind, profile: { name: 'profile', vlan: 100, trunk: [], acl: [], rateMbps: 0 } },
    }),
    vf: (kind, host, device, attributes) => ({ ...deviceOn(host, device), port: 'fabric', kind, attributes }),
    plug: (kind, end) => {
      const where = end === 'source' ? source : { host: move.to, device: to };
      return {
        ...{ port: 'hypervisor', kind, machine: move.machine, mac, claim },
        ...where,
        guestAddress: assignment.guestAddress,
        vlan: null,
      };
    },
  };
}

export function attached({ claim, to, mac, guestAddress }: PlannedAssignment): AttachedDevice {
  return { claim, device: to, mac, guestAddress, vlan: null };
}

/** Local, and another for every device of every host. */
function temporaryMac(move: Move, device: Bdf): string {
  let hash = 0;
  for (const char of `${move.to}/${device}/${move.machine}`) hash = (hash * 31 + char.charCodeAt(0)) >>> 0;
  return `02:00:${[24, 16, 8, 0].map((shift) => ((hash >>> shift) & 255).toString(16).padStart(2, '0')).join(':')}`;
}
