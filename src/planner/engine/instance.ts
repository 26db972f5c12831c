/**
 * A placement problem in packed form: what a search works on. Hosts, places, machines, resources and groups are small numbers here;
 * the names stay at the edge that packed them. Everything in it can be sent to a worker thread, and nothing in it changes.
 *
 * A *place* is where a machine can be put. Places 0 to `hosts - 1` are the hosts themselves (a machine that floats over the cells of
 * its host); the places after them are NUMA cells. A machine in a cell takes its demand of the cell and of the cell's host.
 *
 * Tables are row-major: `demand[machine * resources + resource]`, `capacity[place * resources + resource]`.
 */
export interface Instance {
  readonly hosts: number;
  readonly places: number;
  readonly machines: number;
  readonly resources: number;
  /** Host of each place; a host is its own. */
  readonly hostOf: Int32Array;
  /** Place of each machine before anything is decided; -1: it runs nowhere. */
  readonly origin: Int32Array;
  /** 1: the machine stays at its origin, whatever else is done. */
  readonly fixed: Uint8Array;
  /** machine × resource, ≥ 0. */
  readonly demand: Float64Array;
  /** place × resource: what may be used at most; Infinity where nothing limits it. */
  readonly capacity: Float64Array;
  /** place × resource: what is used by others than the machines of the instance. */
  readonly base: Float64Array;
  /** 1: a machine that has moved holds this resource at its origin as well (ROADEF/EURO 2012, section 1.2.5). */
  readonly transient: Uint8Array;
  /** What speaks for and against single places; null: every machine may go everywhere at no cost. */
  readonly unary: Unary | null;
  /** Hard rules about machines in company. Where one is broken at the start, no change may break it further. */
  readonly rules: readonly Rule[];
  /** Units that rules and objectives count in: `domains[d].of[place]`, -1 for a place in no unit. */
  readonly domains: readonly Domain[];
  readonly objectives: Objectives;
}

/** Machines of one class see the places alike. */
export interface Unary {
  readonly classOf: Int32Array;
  /** class × place; Infinity: the machine may not come here. A machine at its origin may stay, at the cost `staying`. */
  readonly cost: Float64Array;
  /** machine: what it costs that the machine is still at its origin (a drained host, a broken pin), 0 for most. */
  readonly staying: Float64Array;
}

export interface Domain {
  readonly of: Int32Array;
  readonly count: number;
}

export type Rule =
  /** At most `most` of the members in one unit (anti-affinity with 1); with `returns`, see `Returns`, nobody is kept from going home. */
  | {
      readonly kind: 'apart';
      readonly members: Int32Array;
      readonly domain: number;
      readonly most: number;
      readonly returns?: true;
    }
  /** Members in at least `least` units (ROADEF spread). */
  | { readonly kind: 'atLeast'; readonly members: Int32Array; readonly domain: number; readonly least: number }
  /** The fullest and the emptiest unit differ by at most `most` members. */
  | { readonly kind: 'skew'; readonly members: Int32Array; readonly domain: number; readonly most: number }
  /** All members in one unit; members that run nowhere do not count. */
  | { readonly kind: 'together'; readonly members: Int32Array; readonly domain: number }
  /** Each unit that holds a member holds a leader, too (ROADEF dependency). */
  | { readonly kind: 'follow'; readonly members: Int32Array; readonly leaders: Int32Array; readonly domain: number }
  /** No unit holds members of two labels; `labels` goes with `members` (BtrPlace split and lonely). */
  | { readonly kind: 'separate'; readonly members: Int32Array; readonly labels: Int32Array; readonly domain: number }
  /** In each unit the amounts of the members are at most `most` together; `amounts` goes with `members`, `most` with the units. */
  | {
      readonly kind: 'budget';
      readonly members: Int32Array;
      readonly amounts: Float64Array;
      readonly domain: number;
      readonly most: Float64Array;
    };

/** What a search makes small: the weighted sum of these parts. A part that is absent (null or empty) costs no time. */
export interface Objectives {
  /** Σ over hosts of weight · max(0, use − soft): load above a threshold, ROADEF's load cost. */
  readonly excess: { readonly soft: Float64Array; readonly weight: Float64Array } | null;
  /** Σ over hosts of weight · max(0, target · free(first) − free(second)): resources that are of no use without the other. */
  readonly balance: readonly {
    readonly first: number;
    readonly second: number;
    readonly target: number;
    readonly weight: number;
  }[];
  /** Σ of weight · population standard deviation over `hosts` of (offset + use of the resource) · scale. */
  readonly deviation: readonly {
    readonly resource: number;
    readonly offset: Float64Array;
    readonly scale: Float64Array;
    readonly weight: number;
    /** host: 1 when it takes part. */
    readonly hosts: Uint8Array;
  }[];
  /** Σ over hosts of ½ · weight · scale · use²: each unit more costs what is there already (projected load, memory given out). */
  readonly quadratic: readonly {
    readonly resource: number;
    /** host × 1. */
    readonly scale: Float64Array;
    readonly weight: number;
  }[];
  /** Weight · Σ over units of max(0, members there − 1): company that is not forbidden but unwanted (hbal's exclusion tags). */
  readonly company: readonly { readonly members: Int32Array; readonly domain: number; readonly weight: number }[];
  /** machine: what it costs that the machine is not at its origin. */
  readonly moved: Float64Array | null;
  /** weight · max over groups of members that are not at their origin (ROADEF's service move cost). */
  readonly movedTogether: { readonly groupOf: Int32Array; readonly groups: number; readonly weight: number } | null;
  /** table[unit of origin × count + unit now] · weight: leaving an access group, ROADEF's machine move cost. */
  readonly crossing: { readonly domain: number; readonly table: Float64Array; readonly weight: number } | null;
  /** host: what it costs that any machine is there (energy). */
  readonly opened: Float64Array | null;
  /** Σ over places of weight · (slots when empty − slots free); a slot is this much of every resource. Fragmentation of devices and cells. */
  readonly slots: readonly { readonly size: Float64Array; readonly weight: number; readonly places: Uint8Array }[];
  /** machine: what it costs that the machine runs nowhere. */
  readonly unplaced: Float64Array | null;
}

/** An instance in which only rules and capacities count; others are made from it. */
export const NO_OBJECTIVES: Objectives = {
  excess: null,
  balance: [],
  deviation: [],
  quadratic: [],
  company: [],
  moved: null,
  movedTogether: null,
  crossing: null,
  opened: null,
  slots: [],
  unplaced: null,
};

/** Names of the parts, in the order in which reports tell them. */
export const PARTS = [
  'unplaced',
  'staying',
  'preference',
  'excess',
  'balance',
  'deviation',
  'quadratic',
  'company',
  'slots',
  'opened',
  'moved',
  'movedTogether',
  'crossing',
] as const;

export type Part = (typeof PARTS)[number];
