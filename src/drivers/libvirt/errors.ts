import { failed, unknown, type FailureCode, type Outcome } from '../../model/index.js';
import {
  CallAborted,
  ConnectFailed,
  ConnectionLost,
  DeadlineExceeded,
  LibvirtError,
  ProtocolViolation,
  RefusedArgument,
  type ErrorName,
} from './rpc/index.js';

/** An action that cannot be done, as it is found out while doing it. */
export class Refused extends Error {
  override readonly name = 'Refused';

  constructor(
    readonly code: FailureCode,
    message: string,
  ) {
    super(message);
  }
}

/** What an error means for the action during which it came. Errors that are bugs are thrown on. */
export function outcomeOf(error: unknown, host: string): Outcome {
  if (error instanceof Refused) return failed(error.code, error.message);
  if (error instanceof LibvirtError) return failed(codeOf(error), `host ${host}: ${error.message}`);
  if (error instanceof ConnectFailed) return failed('HostUnreachable', `host ${host}: ${error.message}`);
  if (error instanceof RefusedArgument) return failed('InternalError', `host ${host}: ${error.message}`);
  if (error instanceof ConnectionLost || error instanceof ProtocolViolation)
    return (error.delivered ? unknown : failed)('HostUnreachable', `host ${host}: ${error.message}`);
  if (error instanceof DeadlineExceeded)
    return error.delivered
      ? unknown('DeadlineExceeded', `host ${host}: ${error.message}`)
      : failed('HostUnreachable', `host ${host}: ${error.message}`);
  if (error instanceof CallAborted)
    return (error.delivered ? unknown : failed)('Aborted', `host ${host}: ${error.message}`);
  throw error;
}

const BY_NAME: Partial<Record<ErrorName, FailureCode>> = {
  noDomain: 'MachineMissing',
  domainExists: 'MachineExists',
  operationAborted: 'Aborted',
  noNodeDevice: 'DeviceMissing',
  deviceMissing: 'DeviceMissing',
  argumentUnsupported: 'NotSupported',
  operationUnsupported: 'NotSupported',
  noSupport: 'NotSupported',
  cpuIncompatible: 'NotSupported',
  migrateUnsafe: 'NotSupported',
  operationTimeout: 'MachineBusy',
  resourceBusy: 'DeviceInUse',
  hookScriptFailed: 'Conflict',
};

/** libvirt reports most of what goes wrong as a failed operation or an internal error; what it was is only in the words. First match. */
const BY_WORDS: readonly (readonly [RegExp, FailureCode])[] = [
  [
    /VFIO migration is not supported|cannot migrate a domain with|not migratable|migration .*not supported/i,
    'NotSupported',
  ],
  [/canceled by client|cancelled by client/i, 'Aborted'],
  // The source's daemon tells so of the target's.
  [
    /client socket is closed|unable to connect to server|no route to host|connection (reset|refused|timed out)|lost connection to|keepalive timeout/i,
    'HostUnreachable',
  ],
  [/already exists|already defined|already active/i, 'MachineExists'],
  [/is in use by|in use by driver|is already in the domain|resource busy|device .*busy/i, 'DeviceInUse'],
  [/iommu group|group \d+ (is )?not viable/i, 'DeviceGroupShared'],
  [
    /cannot allocate memory|cannot set up guest memory|not enough (free )?memory|unable to map backing store/i,
    'InsufficientResources',
  ],
  [/host ?device.* not found|device .*not found|no such device|could not find .*device/i, 'DeviceMissing'],
  [/domain is not running|domain not found/i, 'MachineMissing'],
  [
    /another (migration )?job|being modified|state change lock|domain has active .*job|migration job is in progress/i,
    'MachineBusy',
  ],
];

function codeOf({ codeName, message }: LibvirtError): FailureCode {
  return BY_WORDS.find(([words]) => words.test(message))?.[1] ?? BY_NAME[codeName] ?? 'InternalError';
}
