import type { Dummy, Machine } from './machine.js';
import type { Host } from './host.js';
import type { LoadSample } from './load.js';
import type { Reservation } from './reservation.js';
import type { Mac } from './device.js';

/** One observed snapshot of a cluster. Everything a planner may know is in it, the time included. */
export interface World {
  readonly cluster: string;
  /** Epoch milliseconds of the observation. */
  readonly at: number;
  readonly hosts: readonly Host[];
  /** One entry a copy: see {@link Machine}. */
  readonly machines: readonly Machine[];
  readonly dummies: readonly Dummy[];
  readonly switchPorts: readonly SwitchPort[];
  readonly forwards: readonly Forward[];
  readonly latencies: readonly Latency[];
  /** From the ledger. */
  readonly reservations: readonly Reservation[];
  /** Window means, oldest first, as many windows back as the load policies look. */
  readonly samples: readonly LoadSample[];
  /** When each machine last changed hosts, and from where (null: it was deployed); from the journal. Epoch milliseconds. */
  readonly lastMoves: readonly { readonly machine: string; readonly from: string | null; readonly at: number }[];
}

/** The port of an access switch behind one PF of a host. */
export interface SwitchPort {
  readonly host: string;
  /** Network device of the PF on the host. */
  readonly netdev: string;
  readonly switch: string;
  readonly port: string;
  /** Port profiles that are configured now, one a machine's claim. */
  readonly profiles: readonly { readonly profile: string; readonly machine: string; readonly claim: string }[];
  /** Addresses that the switch has learned on this port. */
  readonly learned: readonly Mac[];
}

/** Traffic for `mac` that still reaches the source host is sent on to the target host. */
export interface Forward {
  readonly mac: Mac;
  readonly from: string;
  readonly to: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** Measured round trip from a host to a named site. */
export interface Latency {
  readonly host: string;
  readonly site: string;
  readonly ms: number;
}
