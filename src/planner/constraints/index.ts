import { affinity } from './affinity.js';
import { antiAffinity } from './anti-affinity.js';
import { ban } from './ban.js';
import { capacity } from './capacity.js';
import type { Candidate, Constraint } from './constraint.js';
import { deviceClass } from './device-class.js';
import { freeDevices } from './free-devices.js';
import { groupPolicy } from './group-policy.js';
import { hostState } from './host-state.js';
import { hugepages } from './hugepages.js';
import { iommuGroup } from './iommu-group.js';
import { isolatedCpus } from './isolated-cpus.js';
import { latency } from './latency.js';
import { load } from './load.js';
import { maintenance } from './maintenance.js';
import { numaLocality } from './numa-locality.js';
import { physicalNetwork } from './physical-network.js';
import { pin } from './pin.js';
import { ptp } from './ptp.js';
import { requestedHost } from './requested-host.js';
import { spread } from './spread.js';

/** Every rule about places, in the order in which they are asked: the first that says no is the binding one. */
export const CONSTRAINTS: readonly Constraint[] = [
  requestedHost,
  pin,
  ban,
  hostState,
  maintenance,
  groupPolicy,
  latency,
  ptp,
  affinity,
  antiAffinity,
  spread,
  deviceClass,
  physicalNetwork,
  iommuGroup,
  isolatedCpus,
  hugepages,
  capacity,
  numaLocality,
  freeDevices,
  load,
];

export interface Objection {
  readonly constraint: string;
  readonly message: string;
}

/** The first rule of `among` that stands against the place, null when none does. */
export function objection(candidate: Candidate, among: readonly Constraint[] = CONSTRAINTS): Objection | null {
  for (const constraint of among) {
    const message = constraint.check(candidate);
    if (message !== null) return { constraint: constraint.name, message };
  }
  return null;
}

export type { Candidate, Constraint } from './constraint.js';
