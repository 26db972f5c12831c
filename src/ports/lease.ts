/** Leave to act on a cluster. Only one holder has it; its token grows with every new holder and fences the journal. */
export interface LeaseGrant {
  readonly holder: string;
  readonly token: number;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export interface Lease {
  /** The grant, or who has it now. `fence` is the last one that the journal has seen: no grant is given a token below it. */
  acquire(
    holder: string,
    ttlSeconds: number,
    fence?: number,
  ): Promise<{ readonly granted: LeaseGrant } | { readonly heldBy: LeaseGrant }>;
  /** Null when it was lost. */
  renew(grant: LeaseGrant, ttlSeconds: number): Promise<LeaseGrant | null>;
  /** Does nothing when somebody else has it by now. */
  release(grant: LeaseGrant): Promise<void>;
  /** Who has it, for `berth status` and `berth unlock`. */
  current(): Promise<LeaseGrant | null>;
}
