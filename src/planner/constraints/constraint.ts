import type { DeviceClaim, LoadPolicy, PciDevice, PlacementRule, Topology } from '../../model/index.js';
import type { Rule } from '../engine/instance.js';
import type { Occupancy } from '../occupancy.js';
import type { Amounts } from '../resources.js';
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

/**
 * One rule about places, declared once: `check` and its sentence are made from the declaration, and so are the tables that a search
 * works on (`place/bounds.ts` for one machine and all hosts, `pack/packing.ts` for the engine).
 */
export interface Constraint {
  readonly name: string;
  /** A machine that stands in a place against this rule is moved; other rules only bind those that come. */
  readonly standing: boolean;
  /** Must hold at every moment of a plan, not only at its end. */
  readonly always: boolean;
  readonly declares: Declaration;
  /** Null when the place is right, else one sentence that says why it is not. */
  readonly check: (candidate: Candidate) => string | null;
}

export type Declaration = Unary | Countable | Company | Devices | Matching | Threshold;

/** Looks at machine and host only, whoever else is there. */
export interface Unary {
  readonly kind: 'unary';
  /** All that it reads of a machine: machines of which it reads the same see all hosts alike. */
  readonly reads: (machine: MachineView, view: View) => unknown;
  readonly against: (meeting: Meeting) => string | null;
}

/** A machine and a host, without anybody else. */
export interface Meeting extends Pick<Candidate, 'view' | 'machine' | 'host' | 'relief'> {
  /** It runs on the host already. */
  readonly there: boolean;
}

/** Amounts that have to suffice, of the host and of the cell. */
export interface Countable {
  readonly kind: 'resource';
  /** Whether an amount by that name (without the cell) is one of them. */
  readonly concerns: (amount: string) => boolean;
  readonly sentence: (short: Shortage, candidate: Candidate) => string;
}

export interface Shortage {
  /** As in `Amounts`, with the cell where that is what lacks. */
  readonly name: string;
  readonly wanted: number;
  readonly free: number;
  readonly all: Amounts;
}

/** Machines of a rule by how many of them are in each unit of its topology. */
export interface Company<R extends TeamRule = TeamRule> {
  readonly kind: 'company';
  readonly of: R['kind'];
  /** Units that another member may come to; `others`: members in each unit without it, `now`: with it. */
  readonly open: (rule: R, others: Counts, now: Counts) => (unit: number) => boolean;
  /** The same to the engine. */
  readonly limit: (rule: R) => Limit;
  readonly sentence: (rule: R, candidate: Candidate) => string;
}

export type Limit =
  Pick<Extract<Rule, { kind: 'together' }>, 'kind'> | Pick<Extract<Rule, { kind: 'apart' | 'skew' }>, 'kind' | 'most'>;

export type TeamRule = Extract<PlacementRule, { topology: Topology }>;

/** Members by unit; units from `written` on have no written host. */
export interface Counts {
  readonly members: Int32Array;
  readonly written: number;
}

/** Each claim of the machine finds at least one device of some kind on the host, free or not. */
export interface Devices {
  readonly kind: 'devices';
  readonly among: (candidate: Candidate, claim: DeviceClaim) => readonly PciDevice[];
  readonly sentence: (claim: DeviceClaim, candidate: Candidate) => string;
}

/** Each claim gets a free device of its own: counted by class for a search, matched one by one in the end. */
export interface Matching {
  readonly kind: 'matching';
  readonly against: (candidate: Candidate) => string | null;
}

/** Projected load stays below the thresholds of the host's policies. */
export interface Threshold {
  readonly kind: 'threshold';
  readonly against: (candidate: Candidate) => string | null;
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
