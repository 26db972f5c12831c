/**
 * What became of an action.
 * `failed`: the other side said no; an effect may have been left all the same, so it is checked by observation.
 * `unknown`: no answer came. Neither is ever repeated blindly. `certain`: whoever failed has proof that this order has no effect and will
 * have none, whatever a host that does not answer would say.
 */
export type Outcome =
  | { readonly kind: 'done'; readonly detail: string; readonly measured?: Measured }
  | { readonly kind: 'failed'; readonly code: FailureCode; readonly message: string; readonly certain?: true }
  | { readonly kind: 'unknown'; readonly code: FailureCode; readonly message: string }
  | { readonly kind: 'skipped'; readonly code: FailureCode; readonly message: string };

/** What a migration took. */
export interface Measured {
  readonly seconds: number;
  readonly bytes: number;
  readonly downtimeMs: number;
}

/** Why an action failed; adapters map what their system says to one of these. */
export type FailureCode =
  | 'DeviceInUse'
  | 'DeviceMissing'
  | 'DeviceGroupShared'
  | 'NotSupported'
  | 'MachineMissing'
  | 'MachineExists'
  | 'MachineBusy'
  | 'InsufficientResources'
  | 'HostUnreachable'
  | 'DeadlineExceeded'
  | 'Aborted'
  | 'Conflict'
  | 'StaleEpoch'
  | 'MacInUse'
  | 'UnplugIgnored'
  | 'PreconditionFailed'
  | 'DependencyFailed'
  | 'LeaseLost'
  | 'Stopped'
  | 'InternalError';

export function done(detail = '', measured?: Measured): Outcome {
  return measured === undefined ? { kind: 'done', detail } : { kind: 'done', detail, measured };
}

export function failed(code: FailureCode, message: string, certain = false): Outcome {
  return certain ? { kind: 'failed', code, message, certain } : { kind: 'failed', code, message };
}

export function unknown(code: FailureCode, message: string): Outcome {
  return { kind: 'unknown', code, message };
}
