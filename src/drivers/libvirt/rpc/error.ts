/** Numbers of the errors that this program tells apart; all other numbers are `other`. */
const CODES = {
  internalError: 1,
  noSupport: 3,
  invalidConnection: 6,
  invalidDomain: 7,
  invalidArgument: 8,
  operationFailed: 9,
  xmlError: 27,
  domainExists: 28,
  operationDenied: 29,
  readFailed: 31,
  configSyntax: 33,
  xmlDetail: 35,
  systemError: 38,
  rpc: 39,
  noDomain: 42,
  authFailed: 45,
  noStoragePool: 49,
  noStorageVolume: 50,
  noNodeDevice: 53,
  operationInvalid: 55,
  configUnsupported: 67,
  operationTimeout: 68,
  migratePersistFailed: 69,
  hookScriptFailed: 70,
  argumentUnsupported: 74,
  operationAborted: 78,
  authCancelled: 79,
  noDomainMetadata: 80,
  migrateUnsafe: 81,
  operationUnsupported: 84,
  agentUnresponsive: 86,
  resourceBusy: 87,
  accessDenied: 88,
  cpuIncompatible: 91,
  xmlInvalidSchema: 92,
  migrateFinishOk: 93,
  authUnavailable: 94,
  deviceMissing: 99,
} as const;

export type ErrorName = keyof typeof CODES | 'other';

const NAMES = new Map<number, ErrorName>(Object.entries(CODES).map(([name, code]) => [code, name as ErrorName]));

/** What the daemon answered instead of a result. Its texts come from the other machine: print them with care. */
export class LibvirtError extends Error {
  readonly kind = 'libvirt';
  override readonly name = 'LibvirtError';
  /** libvirt's number of the error, and its name when this program knows it. */
  readonly code: number;
  readonly codeName: ErrorName;
  /** libvirt's number of the part that reports: 7 RPC, 10 QEMU, 20 domains, 22 node devices and so on. */
  readonly domain: number;
  readonly level: 'warning' | 'error';
  /** The parts from which the message was made, as the daemon gave them. */
  readonly details: readonly string[];

  constructor(parts: {
    readonly code: number;
    readonly domain: number;
    readonly level: number;
    readonly message: string;
    readonly details: readonly string[];
  }) {
    super(parts.message === '' ? `libvirt error ${parts.code}` : parts.message);
    this.code = parts.code;
    this.codeName = NAMES.get(parts.code) ?? 'other';
    this.domain = parts.domain;
    this.level = parts.level === 1 ? 'warning' : 'error';
    this.details = parts.details;
  }
}

/** The connection ended. `delivered` false: the call never left this process, so that it had no effect; true: nobody knows. */
export class ConnectionLost extends Error {
  readonly kind = 'connectionLost';
  override readonly name = 'ConnectionLost';

  constructor(
    message: string,
    readonly delivered: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** No answer came in time. The call is not taken back: its effect may still come; `delivered` as in `ConnectionLost`. */
export class DeadlineExceeded extends Error {
  readonly kind = 'deadlineExceeded';
  override readonly name = 'DeadlineExceeded';

  constructor(
    message: string,
    readonly delivered: boolean,
  ) {
    super(message);
  }
}

/** The caller's signal ended the wait. The call is not taken back; `delivered` as in `ConnectionLost`. */
export class CallAborted extends Error {
  readonly kind = 'callAborted';
  override readonly name = 'CallAborted';

  constructor(
    message: string,
    readonly delivered: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The peer broke the protocol. The connection is closed with it; a call that was delivered may have had its effect. */
export class ProtocolViolation extends Error {
  readonly kind = 'protocolViolation';
  override readonly name = 'ProtocolViolation';
  readonly delivered = true;
}

/** An argument that cannot be sent as it is: nothing was sent. */
export class RefusedArgument extends Error {
  readonly kind = 'refusedArgument';
  override readonly name = 'RefusedArgument';
  readonly delivered = false;
}

/** No connection came about: nothing was called. `hint` says what a person can do; empty when nothing is known. */
export class ConnectFailed extends Error {
  readonly kind = 'connectFailed';
  override readonly name = 'ConnectFailed';
  readonly delivered = false;

  constructor(
    message: string,
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Everything that a call of this client can be rejected with. */
export type RpcError =
  LibvirtError | ConnectionLost | DeadlineExceeded | CallAborted | ProtocolViolation | RefusedArgument | ConnectFailed;

/** The words of an error of Node's, whatever was thrown. */
export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
