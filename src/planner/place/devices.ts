import type { DeviceClaim, PciDevice } from '../../model/index.js';
import type { Candidate } from '../constraints/constraint.js';
import type { PlacedDevice } from '../placement.js';
import { groupOf, withGroups } from '../placement.js';
import { poolOf } from './pools.js';

/** Devices of the host that the claim's class matches. */
export function ofClass(candidate: Pick<Candidate, 'view' | 'host'>, claim: DeviceClaim): readonly PciDevice[] {
  return poolOf(candidate.view, candidate.host, claim.class).ofClass;
}

/** Those of them whose port is plugged into the physical network of the class, with its link up. */
export function onNetwork(candidate: Candidate, claim: DeviceClaim): readonly PciDevice[] {
  return poolOf(candidate.view, candidate.host, claim.class).onNetwork;
}

/** Those of them whose IOMMU group holds nothing that the host keeps for itself. */
export function wholeGroup(candidate: Candidate, claim: DeviceClaim): readonly PciDevice[] {
  return poolOf(candidate.view, candidate.host, claim.class).wholeGroup;
}

/** Those of them on the machine's cell, when the claim asks for that. */
export function local(candidate: Candidate, claim: DeviceClaim): readonly PciDevice[] {
  const devices = wholeGroup(candidate, claim);
  return claim.numaLocal ? devices.filter((device) => device.numaNode === candidate.cell) : devices;
}

export type ClaimMatch =
  | { readonly kind: 'matched'; readonly devices: readonly PlacedDevice[] }
  | { readonly kind: 'unmatched'; readonly claim: DeviceClaim };

/**
 * A free device for every claim. A claim takes the best device that is left, and claims that came before give theirs up for their
 * next best where that lets all of them be served (augmenting paths). An IOMMU group serves one claim: it has one holder at a time.
 */
export function matchClaims(candidate: Candidate): ClaimMatch {
  const known = matches.get(candidate) ?? match(candidate);
  matches.set(candidate, known);
  return known;
}

/** A candidate is asked by the constraint, and again for its devices. */
const matches = new WeakMap<Candidate, ClaimMatch>();

function match(candidate: Candidate): ClaimMatch {
  const claims = candidate.machine.desired.claims;
  const choices = new Map(claims.map((claim) => [claim.name, freeChoices(candidate, claim)]));
  const byGroup = new Map<number, { readonly claim: DeviceClaim; readonly device: PciDevice }>();
  const assign = (claim: DeviceClaim, tried: Set<number>): boolean => {
    const open = (choices.get(claim.name) ?? []).filter((device) => !tried.has(device.iommuGroup));
    const isTaken = (device: PciDevice) => Number(byGroup.has(device.iommuGroup));
    for (const device of open.toSorted((x, y) => isTaken(x) - isTaken(y))) {
      if (tried.has(device.iommuGroup)) continue;
      tried.add(device.iommuGroup);
      const holder = byGroup.get(device.iommuGroup);
      if (holder === undefined || assign(holder.claim, tried)) {
        byGroup.set(device.iommuGroup, { claim, device });
        return true;
      }
    }
    return false;
  };
  for (const claim of claims) {
    if (!assign(claim, new Set())) return { kind: 'unmatched', claim };
  }
  const deviceOf = new Map([...byGroup.values()].map(({ claim, device }) => [claim.name, device.bdf]));
  const pairs = claims.map((claim) => ({ claim: claim.name, device: deviceOf.get(claim.name) ?? '' }));
  return { kind: 'matched', devices: withGroups(pairs, candidate.host) };
}

/**
 * Free devices for a claim, best first: those that can carry their state, that nobody has to leave first, on the cell, on the port
 * that has most left.
 */
function freeChoices(candidate: Candidate, claim: DeviceClaim): readonly PciDevice[] {
  const { occupancy, present = occupancy, machine, host, cell } = candidate;
  const isFree = (bdf: string) => occupancy.owner(host.name, bdf) === null;
  const free = local(candidate, claim).filter((device) => groupOf(device.bdf, host).every(isFree));
  const left = new Map<string, number>();
  for (const device of free) left.set(portName(device), (left.get(portName(device)) ?? 0) + 1);
  const now = machine.running?.assignments.find((assignment) => assignment.claim === claim.name);
  const current = candidate.view.hosts.get(machine.running?.host ?? '')?.devices.get(now?.device ?? '');
  const rank = (device: PciDevice): readonly number[] => [
    device.liveMigratable ? 0 : 1,
    current === undefined || (current.vendor === device.vendor && current.device === device.device) ? 0 : 1,
    groupOf(device.bdf, host).every((member) => present.owner(host.name, member) === null) ? 0 : 1,
    cell === null || device.numaNode === cell ? 0 : 1,
    -(left.get(portName(device)) ?? 0),
  ];
  return free
    .map((device) => ({ device, rank: rank(device) }))
    .sort((a, b) => compare(a.rank, b.rank) || (a.device.bdf < b.device.bdf ? -1 : 1))
    .map(({ device }) => device);
}

function compare(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((value, at) => value !== b[at]);
  return index < 0 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}

function portName(device: PciDevice): string {
  return device.function.kind === 'vf' ? device.function.parent : '';
}
