export { addressAttributes, macOf, pciAddress } from './address.js';
export { readDomain } from './domain.js';
export type { Finding } from './finding.js';
export { claimOf, USER_ALIAS, vfioDevices } from './held-devices.js';
export type { HeldDevice } from './held-devices.js';
export type { DomainFigures, DomainJob, DomainRef, HostCalls, HostChange } from './host-calls.js';
export { NO_FACTS, silentHost } from './host.js';
export type { HostFacts } from './host.js';
export { HostView } from './host-view.js';
export type { HostObservation, HostViewOptions } from './host-view.js';
export { diskSizes } from './machine.js';
export type { ObservedDomain } from './machine.js';
export {
  metadataElement,
  metadataValue,
  METADATA_NAMESPACE,
  METADATA_PREFIX,
  NO_METADATA,
  readMetadata,
} from './metadata.js';
export type { DummyMark, Metadata } from './metadata.js';
export type { NodeDevice } from './node-device.js';
export { pciDevices } from './pci-devices.js';
export { numberSet } from './quantity.js';
