import type { Action, AttachedDevice, FabricAction, HypervisorAction, LedgerAction } from './action.js';
import type { Strategy } from './machine.js';
import type { VfAttributes } from './device.js';
import { count, flag, list, nullable, number, oneOf, record, text, variants } from './shape.js';
import type { Shape } from './shape.js';

export const strategyShape: Shape<Strategy> = oneOf('vfio-live', 'failover', 'hotplug', 'cold');

export const vfAttributesShape: Shape<VfAttributes> = record({
  adminMac: nullable(text),
  vlan: nullable(count),
  qos: count,
  trust: flag,
  spoofCheck: flag,
  minTxMbps: number,
  maxTxMbps: number,
  linkState: oneOf('auto', 'enable', 'disable'),
});

const deviceOf = { machine: text, claim: text, host: text, device: text };
const attached = { claim: text, device: text, guestAddress: text, mac: nullable(text), vlan: nullable(count) };
const attachedDevice: Shape<AttachedDevice> = record(attached);

const ledgerAction: Shape<LedgerAction> = record({
  ...deviceOf,
  port: oneOf('ledger'),
  kind: oneOf('reserve', 'hold', 'hand-over', 'hand-back', 'bind', 'release'),
  move: text,
});

const port = oneOf('hypervisor');
const machineOn = { machine: text, host: text };

const hypervisorAction: Shape<HypervisorAction> = variants<HypervisorAction, 'kind'>('kind', {
  commission: record({
    port,
    kind: oneOf('commission'),
    host: text,
    dummy: text,
    devices: list(text),
    mac: text,
    reservation: text,
    machine: text,
    ttlSeconds: number,
  }),
  decommission: record({ port, kind: oneOf('decommission'), host: text, dummy: text }),
  reconfigure: record({
    port,
    kind: oneOf('reconfigure'),
    ...machineOn,
    replacements: list(record({ claim: text, host: text, device: text })),
  }),
  detach: record({ port, kind: oneOf('detach'), ...machineOn, ...attached }),
  attach: record({ port, kind: oneOf('attach'), ...machineOn, ...attached }),
  migrate: record({
    port,
    kind: oneOf('migrate'),
    machine: text,
    from: text,
    to: text,
    strategy: oneOf('vfio-live', 'failover', 'hotplug'),
    devices: list(attachedDevice),
    numaNode: nullable(count),
    bandwidthMibps: number,
    maxDowntimeMs: number,
    autoConverge: flag,
    connections: count,
  }),
  abort: record({ port, kind: oneOf('abort'), ...machineOn }),
  start: record({
    port,
    kind: oneOf('start'),
    ...machineOn,
    definition: record({
      name: text,
      vcpus: count,
      memoryMiB: number,
      hugepageSizeKiB: count,
      numaNode: nullable(count),
      isolatedCpus: flag,
      diskGiB: number,
      sharedDisks: flag,
      devices: list(attachedDevice),
    }),
  }),
  stop: record({ port, kind: oneOf('stop'), ...machineOn }),
  undefine: record({ port, kind: oneOf('undefine'), ...machineOn }),
});

const profileAction = record({
  ...deviceOf,
  port: oneOf('fabric'),
  kind: oneOf('apply-port-profile', 'remove-port-profile'),
  profile: record({ name: text, vlan: nullable(count), trunk: list(count), acl: list(text), rateMbps: number }),
});
const vfAction = record({
  ...deviceOf,
  port: oneOf('fabric'),
  kind: oneOf('set-vf', 'reset-vf'),
  attributes: vfAttributesShape,
});
const forwarding = { port: oneOf('fabric'), machine: text, mac: text, from: text, to: text };

const fabricAction: Shape<FabricAction> = variants<FabricAction, 'kind'>('kind', {
  'apply-port-profile': profileAction,
  'remove-port-profile': profileAction,
  'set-vf': vfAction,
  'reset-vf': vfAction,
  announce: record({
    port: oneOf('fabric'),
    kind: oneOf('announce'),
    ...machineOn,
    device: text,
    mac: text,
    vlan: nullable(count),
  }),
  forward: record({ ...forwarding, kind: oneOf('forward'), seconds: number }),
  unforward: record({ ...forwarding, kind: oneOf('unforward') }),
});

export const actionShape: Shape<Action> = variants<Action, 'port'>('port', {
  ledger: ledgerAction,
  hypervisor: hypervisorAction,
  fabric: fabricAction,
});
