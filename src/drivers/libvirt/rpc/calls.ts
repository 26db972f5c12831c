import * as connect from './codecs/connect.js';
import * as device from './codecs/device.js';
import * as domain from './codecs/domain.js';
import * as job from './codecs/job.js';
import * as life from './codecs/life.js';
import * as migration from './codecs/migration.js';
import * as node from './codecs/node.js';
import * as nodeDevice from './codecs/node-device.js';
import type { DomainRef } from './codecs/reference.js';
import * as stats from './codecs/stats.js';
import type { CallOptions, Caller, Procedure } from './procedure.js';
import { FEATURE } from './procedures.js';

type Flags<Name extends string> = readonly Name[];
/** Options of a call that may take very long: a deadline is a must. */
export type LongCallOptions = CallOptions & { readonly deadlineMs: number };

/**
 * The calls of libvirt, typed. Every one rejects with an `RpcError`; it is made once and never repeated. Where the error says
 * `delivered`, only the daemon knows whether the call has had its effect.
 */
export class LibvirtCalls {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  // The daemon and its host

  getLibVersion = (options?: CallOptions) => this.#call(connect.connectGetLibVersion, undefined, options);
  getHypervisorVersion = (options?: CallOptions) => this.#call(connect.connectGetVersion, undefined, options);
  getHostname = (options?: CallOptions) => this.#call(connect.connectGetHostname, undefined, options);
  /** XML. */
  getCapabilities = (options?: CallOptions) => this.#call(connect.connectGetCapabilities, undefined, options);
  /** XML. */
  getDomainCapabilities = (query: connect.DomainCapabilitiesQuery, options?: CallOptions) =>
    this.#call(connect.connectGetDomainCapabilities, query, options);
  supportsFeature = (feature: keyof typeof FEATURE, options?: CallOptions) =>
    this.#call(connect.connectSupportsFeature, FEATURE[feature], options);
  getNodeInfo = (options?: CallOptions) => this.#call(node.nodeGetInfo, undefined, options);
  /** Nanoseconds since boot by name (`user`, `kernel`, `idle`, `iowait`); `cpu` null: of all together. */
  getNodeCpuStats = (cpu: number | null, options?: CallOptions) => this.#call(node.nodeGetCpuStats, { cpu }, options);
  /** KiB by name (`total`, `free`, `buffers`, `cached`); `cell` null: of the whole host. */
  getNodeMemoryStats = (cell: number | null, options?: CallOptions) =>
    this.#call(node.nodeGetMemoryStats, { cell }, options);
  /** Bytes. */
  getNodeFreeMemory = (options?: CallOptions) => this.#call(node.nodeGetFreeMemory, undefined, options);
  /** Bytes, cell by cell. */
  getCellsFreeMemory = (firstCell: number, cells: number, options?: CallOptions) =>
    this.#call(node.nodeGetCellsFreeMemory, { firstCell, cells }, options);
  /** Cell by cell, in each by page size as asked. */
  getFreePages = (query: node.FreePagesQuery, options?: CallOptions) =>
    this.#call(node.nodeGetFreePages, query, options);

  // Devices of the host

  listNodeDevices = (filters: Flags<nodeDevice.NodeDeviceFilter> = [], options?: CallOptions) =>
    this.#call(nodeDevice.connectListAllNodeDevices, filters, options);
  lookupNodeDevice = (name: string, options?: CallOptions) =>
    this.#call(nodeDevice.nodeDeviceLookupByName, name, options);
  getNodeDeviceXml = (name: string, options?: CallOptions) => this.#call(nodeDevice.nodeDeviceGetXml, name, options);
  /** Gives a PCI device to the stub driver `driver` (such as `vfio`); null: the daemon's choice. */
  detachNodeDevice = (name: string, driver: string | null, options?: CallOptions) =>
    this.#call(nodeDevice.nodeDeviceDetach, { name, driver }, options);
  reAttachNodeDevice = (name: string, options?: CallOptions) =>
    this.#call(nodeDevice.nodeDeviceReAttach, name, options);
  resetNodeDevice = (name: string, options?: CallOptions) => this.#call(nodeDevice.nodeDeviceReset, name, options);

  // Domains, observed

  listDomains = (filters: Flags<domain.DomainFilter> = [], options?: CallOptions) =>
    this.#call(domain.connectListAllDomains, filters, options);
  lookupDomainByName = (name: string, options?: CallOptions) => this.#call(domain.domainLookupByName, name, options);
  lookupDomainByUuid = (uuid: string, options?: CallOptions) => this.#call(domain.domainLookupByUuid, uuid, options);
  getXml = (of: DomainRef, flags: Flags<domain.XmlFlag> = [], options?: CallOptions) =>
    this.#call(domain.domainGetXml, { domain: of, flags }, options);
  getState = (of: DomainRef, options?: CallOptions) => this.#call(domain.domainGetState, of, options);
  isActive = (of: DomainRef, options?: CallOptions) => this.#call(domain.domainIsActive, of, options);
  isPersistent = (of: DomainRef, options?: CallOptions) => this.#call(domain.domainIsPersistent, of, options);
  getAllDomainStats = (query: stats.StatsQuery, options?: CallOptions) =>
    this.#call(stats.connectGetAllDomainStats, query, options);
  getMemoryStats = (of: DomainRef, options?: CallOptions) => this.#call(stats.domainMemoryStats, of, options);
  getBlockInfo = (of: DomainRef, disk: string, options?: CallOptions) =>
    this.#call(stats.domainGetBlockInfo, { domain: of, disk }, options);
  getInterfaceAddresses = (of: DomainRef, source: domain.AddressSource, options?: CallOptions) =>
    this.#call(domain.domainInterfaceAddresses, { domain: of, source }, options);
  /** Rejects with the code `noDomainMetadata` when there is none. */
  getMetadata = (query: domain.MetadataQuery, options?: CallOptions) =>
    this.#call(domain.domainGetMetadata, query, options);
  setMetadata = (change: domain.MetadataChange, options?: CallOptions) =>
    this.#call(domain.domainSetMetadata, change, options);

  // The life of domains

  /** Starts a transient domain. */
  createXml = (xml: string, flags: Flags<life.StartFlag> = [], options?: CallOptions) =>
    this.#call(life.domainCreateXml, { xml, flags }, options);
  defineXml = (xml: string, flags: Flags<life.DefineFlag> = [], options?: CallOptions) =>
    this.#call(life.domainDefineXml, { xml, flags }, options);
  /** Starts a defined domain. */
  create = (of: DomainRef, flags: Flags<life.StartFlag> = [], options?: CallOptions) =>
    this.#call(life.domainCreate, { domain: of, flags }, options);
  destroy = (of: DomainRef, flags: Flags<life.DestroyFlag> = [], options?: CallOptions) =>
    this.#call(life.domainDestroy, { domain: of, flags }, options);
  shutdown = (of: DomainRef, flags: Flags<life.ShutdownFlag> = [], options?: CallOptions) =>
    this.#call(life.domainShutdown, { domain: of, flags }, options);
  suspend = (of: DomainRef, options?: CallOptions) => this.#call(life.domainSuspend, of, options);
  resume = (of: DomainRef, options?: CallOptions) => this.#call(life.domainResume, of, options);
  undefine = (of: DomainRef, flags: Flags<life.UndefineFlag> = [], options?: CallOptions) =>
    this.#call(life.domainUndefine, { domain: of, flags }, options);
  setAutostart = (of: DomainRef, autostart: boolean, options?: CallOptions) =>
    this.#call(life.domainSetAutostart, { domain: of, autostart }, options);

  // Devices of domains

  attachDevice = (change: device.DeviceChange, options?: CallOptions) =>
    this.#call(device.domainAttachDevice, change, options);
  detachDevice = (change: device.DeviceChange, options?: CallOptions) =>
    this.#call(device.domainDetachDevice, change, options);
  detachDeviceAlias = (of: DomainRef, alias: string, flags: Flags<device.DeviceFlag>, options?: CallOptions) =>
    this.#call(device.domainDetachDeviceAlias, { domain: of, alias, flags }, options);
  updateDevice = (change: device.DeviceChange, options?: CallOptions) =>
    this.#call(device.domainUpdateDevice, change, options);

  // Migration

  /** Peer to peer; answered when the domain has moved. A deadline or signal ends the wait, not the migration: `abortJob` does. */
  migrate = (move: migration.Migration, options: LongCallOptions) => this.#call(migration.domainMigrate, move, options);
  getJobStats = (of: DomainRef, flags: Flags<job.JobStatsFlag> = [], options?: CallOptions) =>
    this.#call(job.domainGetJobStats, { domain: of, flags }, options);
  getJobInfo = (of: DomainRef, options?: CallOptions) => this.#call(job.domainGetJobInfo, of, options);
  abortJob = (of: DomainRef, options?: CallOptions) => this.#call(migration.domainAbortJob, of, options);
  abortJobFlags = (of: DomainRef, flags: Flags<migration.AbortFlag>, options?: CallOptions) =>
    this.#call(migration.domainAbortJobFlags, { domain: of, flags }, options);
  setMigrationMaxSpeed = (of: DomainRef, bandwidthMiBps: number, options?: CallOptions) =>
    this.#call(migration.domainMigrateSetMaxSpeed, { domain: of, bandwidthMiBps }, options);
  getMigrationMaxSpeed = (of: DomainRef, options?: CallOptions) =>
    this.#call(migration.domainMigrateGetMaxSpeed, of, options);
  setMigrationMaxDowntime = (of: DomainRef, downtimeMs: number, options?: CallOptions) =>
    this.#call(migration.domainMigrateSetMaxDowntime, { domain: of, downtimeMs }, options);
  getMigrationMaxDowntime = (of: DomainRef, options?: CallOptions) =>
    this.#call(migration.domainMigrateGetMaxDowntime, of, options);

  #call<Args, Answer>(
    procedure: Procedure<Args, Answer>,
    args: Args,
    options: CallOptions | undefined,
  ): Promise<Answer> {
    return this.#caller.call(procedure, args, options);
  }
}
