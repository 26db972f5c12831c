export type { LibvirtCalls, LongCallOptions } from './calls.js';
export { LibvirtClient } from './client.js';
export type { ClientOptions } from './client.js';
export { domainStateOf } from './codecs/domain.js';
export type { DomainInterface, DomainState, Impact, MetadataChange, MetadataQuery } from './codecs/domain.js';
export type { DeviceChange, DeviceFlag } from './codecs/device.js';
export type { EventKind, LibvirtEvent } from './codecs/event.js';
export type { JobInfo, JobStats } from './codecs/job.js';
export type { MigrateFlag, MigrateParameters, Migration } from './codecs/migration.js';
export type { NodeInfo, NodeStats } from './codecs/node.js';
export type { NodeDeviceFilter } from './codecs/node-device.js';
export type { DomainRef } from './codecs/reference.js';
export type { DomainStats, StatsGroup, StatsQuery } from './codecs/stats.js';
export { numberOf, textOfParameter, truthOf } from './codecs/typed-parameters.js';
export type { TypedParameter } from './codecs/typed-parameters.js';
export {
  CallAborted,
  ConnectFailed,
  ConnectionLost,
  DeadlineExceeded,
  LibvirtError,
  ProtocolViolation,
  RefusedArgument,
  textOf,
} from './error.js';
export type { ErrorName, RpcError } from './error.js';
export type { Notice, NoticeListener } from './events.js';
export type { CallOptions } from './procedure.js';
export type { ConnectionState } from './reconnect.js';
export { sshDestination } from './transport/ssh.js';
export { parseLibvirtUri } from '../../../connection/libvirt-uri.js';
export type { LibvirtUri, UriResult } from '../../../connection/libvirt-uri.js';
