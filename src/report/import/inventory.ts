import type { Host, Machine } from '../../model/index.js';

/** What was found on one host, to be written down as documents. */
export interface FoundHost {
  /** Name that its document gets. */
  readonly name: string;
  /** How it was reached. */
  readonly uri: string;
  readonly host: Host;
  readonly machines: readonly FoundMachine[];
}

export interface FoundMachine {
  /** As it is now; one that does not run has no assignments, but may have devices all the same. */
  readonly machine: Machine;
  /** Its host devices, owned now or named by its definition. */
  readonly devices: readonly FoundDevice[];
  readonly disks: readonly { readonly name: string; readonly sizeGiB: number; readonly shared: boolean }[];
}

export interface FoundDevice {
  readonly claim: string;
  readonly device: string;
  readonly guestAddress: string;
  readonly mac: string | null;
  readonly vlan: number | null;
}
