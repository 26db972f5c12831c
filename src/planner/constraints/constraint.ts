import type { LoadPolicy, Topology } from '../../model/index.js';
import type { Occupancy } from '../occupancy.js';
import type { HostView, MachineView, View } from '../view.js';

/** A machine that would come to (or stays on) a host, in a state of the cluster without that machine's own place. */
export interface Candidate {
  readonly view: View;
  readonly occupancy: Occupancy;
  /** The cluster as it is, with all that comes: a device that is free there as well need not be waited for. */
  readonly present?: Occupancy;
  readonly machine: MachineView;
  readonly host: HostView;
  /** Cell that it would be pinned to; null: it floats. */
  readonly cell: number | null;
  /** The policy whose load relief is planned; null when the machine has to move or to start for another reason. */
  readonly relief: LoadPolicy | null;
}

/** One rule about places. */
export interface Constraint {
  readonly name: string;
  /** Null when the place is right, else one sentence that says why it is not. */
  readonly check: (candidate: Candidate) => string | null;
  /** A machine that stands in a place against this rule is moved; other rules only bind those that come. */
  readonly standing: boolean;
  /** Must hold at every moment of a plan, not only at its end. */
  readonly always: boolean;
}

/** True when the machine runs on this host already. */
export function isThere({ machine, host }: Candidate): boolean {
  return machine.running?.host === host.name;
}

/** The unit of a topology that the host is in. */
export function domainOf(view: View, host: string, topology: Topology): string {
  switch (topology) {
    case 'host':
      return host;
    case 'accessGroup':
      return view.hosts.get(host)?.desired.accessGroup ?? host;
    case 'zone':
      return view.hosts.get(host)?.desired.zone ?? host;
  }
}
