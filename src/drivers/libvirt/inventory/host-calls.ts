/**
 * What the inventory asks of one host. Every call is one request and one answer, and calls that are made together travel together. A call
 * is rejected when the host does not answer; what has vanished since it was listed is answered with null.
 */
export interface HostCalls {
  /** XML of the host's capabilities. */
  capabilities(): Promise<string>;
  /** XML of what domains can be given; null when the daemon cannot say. */
  domainCapabilities(): Promise<string | null>;
  /** All domains, defined or running, with their figures. A domain that is busy may come without figures, never without a state. */
  domains(): Promise<readonly DomainFigures[]>;
  /** XML of the running domain; of its definition when it does not run. */
  domainXml(domain: DomainRef): Promise<string | null>;
  domainJob(domain: DomainRef): Promise<DomainJob>;
  /** Bytes that each disk of a running domain can hold, by its target; waits until the domain can tell. Empty when it cannot. */
  diskBytes(domain: DomainRef): Promise<ReadonlyMap<string, number>>;
  /** Names of the host's PCI and network devices. */
  nodeDevices(): Promise<readonly string[]>;
  nodeDeviceXml(name: string): Promise<string | null>;
}

export interface DomainRef {
  readonly name: string;
  readonly uuid: string;
  /** Number of the running domain, another one after each start; null: it does not run. */
  readonly id: number | null;
}

export interface DomainFigures {
  readonly domain: DomainRef;
  readonly state: DomainState;
  /** Bytes that each disk can hold, by its target. */
  readonly diskBytes: ReadonlyMap<string, number>;
  /** Null when the host does not tell. */
  readonly vcpus: number | null;
  readonly memoryMiB: number | null;
  /** Rate at which it was last measured to dirty memory; null when nobody measured. */
  readonly dirtyMibps: number | null;
}

/** Names of libvirt's states and of the reasons that matter here. */
export interface DomainState {
  readonly kind:
    'noState' | 'running' | 'blocked' | 'paused' | 'shutdown' | 'shutOff' | 'crashed' | 'pmSuspended' | 'other';
  readonly reason: string;
}

/** What is going on with a domain. `incoming`: it is the receiving end of a migration. */
export type DomainJob =
  | { readonly kind: 'none' }
  | { readonly kind: 'incoming' }
  | { readonly kind: 'other' }
  | {
      readonly kind: 'outgoing';
      readonly doneBytes: number;
      readonly totalBytes: number;
      readonly elapsedMs: number;
      readonly dirtyMibps: number | null;
    };

/** Something on the host changed; `everything`: nobody knows what, for events may have been missed. */
export type HostChange =
  | { readonly kind: 'domain'; readonly uuid: string }
  | { readonly kind: 'device'; readonly name: string }
  | { readonly kind: 'everything' };
