export type ConditionType =
  | 'Ready'
  | 'Reconciling'
  | 'Stalled'
  | 'Healthy'
  | 'Reserved'
  | 'Reconfigured'
  | 'Migrated'
  | 'Communicating'
  | 'Forwarding'
  | 'Degraded';

/** A condition by the Kubernetes API conventions; `Reconciling` and `Stalled` are only there when True. */
export interface Condition {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  /** One CamelCase word. */
  readonly reason: string;
  readonly message: string;
  /** RFC 3339; changes only when `status` does. */
  readonly lastTransitionTime: string;
  /** Commit that was looked at when the condition was settled. */
  readonly observedRevision: string;
}

/** Something that happened, for people: see the Events section of the README. */
export interface Event {
  readonly involvedObject: { readonly kind: string; readonly name: string };
  readonly severity: 'info' | 'warning' | 'error';
  readonly reason: string;
  readonly message: string;
  readonly revision: string;
  readonly reportingController: 'berth';
  /** RFC 3339. */
  readonly timestamp: string;
}
