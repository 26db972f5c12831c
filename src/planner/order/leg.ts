import type {
  AttachedDevice,
  Bdf,
  DeviceClaim,
  LedgerAction,
  Move,
  PlannedAssignment,
  PortProfileSettings,
} from '../../model/index.js';
import { isClaimed } from '../../model/index.js';
import type { View } from '../view.js';
import type { Hop } from './hop.js';

/** One claim of a move with all that its steps have to know. */
export interface Leg {
  readonly claim: DeviceClaim;
  readonly assignment: PlannedAssignment;
  readonly machine: string;
  readonly from: string | null;
  readonly to: string;
  /** The device on that end is a virtual function: it has attributes and a switch port. */
  readonly vfFrom: boolean;
  readonly vfTo: boolean;
  readonly profile: PortProfileSettings | null;
  /** What the source's switch port has for the claim, whatever is written now; the written profile where the switch has told nothing. */
  readonly clearing: readonly PortProfileSettings[];
  /** What the ledger has for the claim on the source: the device and what came with it. */
  readonly leaving: readonly Bdf[];
}

/** The claims of a hop. */
export function legsOf(view: View, hop: Hop, move: Move): readonly Leg[] {
  const claims = new Map(hop.wish.machine.desired.claims.map((claim) => [claim.name, claim]));
  return move.assignments.flatMap((assignment): Leg[] => {
    const claim = claims.get(assignment.claim);
    if (claim === undefined) return [];
    const profile = claim.portProfile === null ? null : (view.profiles.get(claim.portProfile) ?? null);
    const shown = shownOn(view, move, assignment);
    return [
      {
        claim,
        assignment,
        machine: move.machine,
        from: move.from,
        to: move.to,
        vfFrom: isVf(view, move.from, assignment.from),
        vfTo: isVf(view, move.to, assignment.to),
        profile,
        clearing: shown.length === 0 && profile !== null ? [profile] : shown,
        leaving: leavingOf(view, hop, assignment),
      },
    ];
  });
}

/** The device as the guest sees it, and the network the guest. */
export function attached({ assignment, claim: { attributes } }: Leg, device: Bdf): AttachedDevice {
  const { claim, guestAddress, mac } = assignment;
  return { claim, device, guestAddress, mac, vlan: attributes.vlan };
}

/** The same transition of the ledger for every function that the reservation covers. */
export function ledger(leg: Leg, move: Move, kind: LedgerAction['kind']): readonly LedgerAction[] {
  return leg.assignment.group.map((device) => entry(leg, move, kind, leg.to, device));
}

/** The source gives back what it has for the claim. */
export function releaseSource(leg: Leg, move: Move, host: string): readonly LedgerAction[] {
  return leg.leaving.map((device) => entry(leg, move, 'release', host, device));
}

/** The machine's place in an action on one device. */
export function deviceOf(leg: Leg, host: string, device: Bdf) {
  return { machine: leg.machine, claim: leg.claim.name, host, device };
}

/** The attributes of the claim; the machine's address comes with the device when it is handed over, not before. */
export function setAttributes({ claim }: Leg) {
  return { ...claim.attributes, adminMac: null };
}

function entry(leg: Leg, move: Move, kind: LedgerAction['kind'], host: string, device: Bdf): LedgerAction {
  return { port: 'ledger', kind, move: move.id, ...deviceOf(leg, host, device) };
}

function isVf(view: View, host: string | null, device: Bdf | null): boolean {
  if (host === null || device === null) return false;
  const found = view.observedHosts.get(host)?.devices.find((entry) => entry.bdf === device);
  return found?.function.kind === 'vf';
}

/** Of an IOMMU group only those functions are given back that the ledger has for this claim, or gets on the way. */
function leavingOf(view: View, { source, wish }: Hop, { claim, from }: PlannedAssignment): readonly Bdf[] {
  if (source === null || from === null) return [];
  const group = source.devices.find((entry) => entry.claim === claim)?.group ?? [from];
  const parked = source.host !== wish.source?.host;
  const known = view.world.reservations.filter(
    (entry) => entry.host === source.host && entry.machine === wish.machine.name && isClaimed(entry),
  );
  return group.filter((device) => device === from || parked || known.some((entry) => entry.device === device));
}

/** Profiles that the switch has for the claim on the port that it leaves. What a switch needs in order to take one away is its name. */
function shownOn(view: View, { machine, from }: Move, assignment: PlannedAssignment): readonly PortProfileSettings[] {
  const devices = view.observedHosts.get(from ?? '')?.devices ?? [];
  const vf = devices.find(({ bdf }) => bdf === assignment.from)?.function;
  const parent = vf?.kind === 'vf' ? devices.find(({ bdf }) => bdf === vf.parent)?.function : undefined;
  const netdev = parent?.kind === 'pf' ? parent.netdev : null;
  const ports = view.world.switchPorts.filter((port) => port.host === from && port.netdev === netdev);
  const names = ports
    .flatMap((port) => port.profiles)
    .filter((entry) => entry.machine === machine && entry.claim === assignment.claim)
    .map((entry) => entry.profile);
  return [...new Set(names)].map(
    (name) => view.profiles.get(name) ?? { name, vlan: null, trunk: [], acl: [], rateMbps: 0 },
  );
}
