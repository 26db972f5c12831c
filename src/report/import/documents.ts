import { stringify } from 'yaml';
import { classOf, networkOf } from './classes.js';
import type { FoundDevice, FoundHost, FoundMachine } from './inventory.js';
import { isLabel } from './names.js';
import { overcommitOf } from './overcommit.js';

/** Files of a repository, and what a person should know about them. */
export interface Imported {
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly remarks: readonly string[];
}

const GROUP = 'imported';

/**
 * Documents that describe hosts and machines as they were found, so that a plan made of them changes nothing. What cannot be seen from a
 * host (switches, networks behind ports, zones) is filled in with a placeholder, and a comment says so.
 */
export function importDocuments(cluster: string, hosts: readonly FoundHost[]): Imported {
  const remarks: string[] = [];
  const note = (remark: string): void => void remarks.push(remark);
  const chosen = choose(hosts, note);
  const classes = new Map<string, Readonly<Record<string, unknown>>>();
  const macs = new Map<string, string>();
  const machines = chosen
    .map(({ on, found }) => machineDocument(on, withOwnMacs(found, macs, note), classes, note))
    .sort((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1));
  const files = [
    file('cluster.yaml', CLUSTER, [clusterDocument(cluster, hosts)]),
    file('access-groups.yaml', ACCESS_GROUPS, [document('AccessGroup', GROUP, { switch: 'unknown' })]),
    file(
      'hosts.yaml',
      HOSTS,
      hosts.map((on) => hostDocument(on, note)),
    ),
    file(
      'device-classes.yaml',
      DEVICE_CLASSES,
      [...classes].map(([name, spec]) => document('DeviceClass', name, spec)),
    ),
    ...machines.map((one) => file(`machines/${one.metadata.name}.yaml`, '', [one])),
  ];
  return { files: files.filter(({ text }) => text !== ''), remarks };
}

const CLUSTER = `How each host is reached. A URI of a unix socket is good for Berth itself only: for migrations, give each host a peerUri
that the daemons of the other hosts can use.`;
const ACCESS_GROUPS = `Placeholder: which switch a host is connected to cannot be seen from the host. Write one AccessGroup a switch, and its
name into the hosts behind it.`;
const HOSTS = `The network behind a port cannot be seen from the host: each is named after its port here. Ports that are plugged into the
same network must name the same one; the classes of devices ask for it.`;
const DEVICE_CLASSES = `Devices that can stand in for one another. VFs are one class where the ports that they belong to have the same name.`;

interface Document {
  readonly apiVersion: 'berth/v1alpha1';
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

function document(kind: string, name: string, spec: Readonly<Record<string, unknown>>): Document {
  return { apiVersion: 'berth/v1alpha1', kind, metadata: { name }, spec };
}

function file(
  path: string,
  remark: string,
  documents: readonly Document[],
): { readonly path: string; readonly text: string } {
  const head = remark === '' ? '' : `${remark.replace(/^/gm, '# ')}\n`;
  const parts = documents.map((one) => stringify(one, { aliasDuplicateObjects: false, lineWidth: 0 }));
  return { path, text: parts.length === 0 ? '' : head + parts.join('---\n') };
}

function clusterDocument(cluster: string, hosts: readonly FoundHost[]): Document {
  const reached = Object.fromEntries(hosts.map(({ name, uri }) => [name, { uri }]));
  return document('Cluster', cluster, { driver: 'libvirt', connection: { hosts: reached } });
}

function hostDocument(found: FoundHost, remark: (text: string) => void): Document {
  const { name, host } = found;
  const ports = host.devices.flatMap(({ bdf, function: is }) => {
    const network = networkOf(host, bdf);
    return is.kind === 'pf' && is.totalVfs > 0 && network !== null
      ? [{ netdev: is.netdev, physicalNetwork: network }]
      : [];
  });
  const cpus = host.numaNodes.reduce((sum, cell) => sum + cell.cpus, 0);
  const { cpuAllocationRatio, isEnough, remarks } = overcommitOf(found);
  for (const each of remarks) remark(each);
  const expect = {
    ...(host.cpuModel === '' ? {} : { cpuModel: host.cpuModel }),
    ...(cpus === 0 || !isEnough ? {} : { cpus }),
    ...(cpus === 0 ? {} : { numaNodes: host.numaNodes.length }),
  };
  return document('Host', name, {
    accessGroup: GROUP,
    ...(cpuAllocationRatio === 1 ? {} : { cpuAllocationRatio }),
    ...(ports.length === 0 ? {} : { ports }),
    expect,
  });
}

/** One copy of each machine that can be written down: the one that runs, else the first. */
function choose(
  hosts: readonly FoundHost[],
  remark: (text: string) => void,
): readonly { readonly on: FoundHost; readonly found: FoundMachine }[] {
  const all = hosts.flatMap((on) => on.machines.map((found) => ({ on, found })));
  const byName = new Map<string, (typeof all)[number]>();
  for (const one of all) {
    const { name, state } = one.found.machine;
    const other = byName.get(name);
    if (!isLabel(name)) {
      remark(`${JSON.stringify(name)} on ${one.on.name} is left out: names are lower-case letters, digits and dashes`);
    } else if (other === undefined) {
      byName.set(name, one);
    } else {
      const replaces = other.found.machine.state === 'stopped' && state !== 'stopped';
      const [kept, dropped] = replaces ? [one, other] : [other, one];
      byName.set(name, kept);
      remark(`${name} is on ${kept.on.name} and on ${dropped.on.name}; what is on ${dropped.on.name} is left out`);
    }
  }
  return [...byName.values()].sort((left, right) => isStopped(left.found) - isStopped(right.found));
}

function isStopped({ machine }: FoundMachine): number {
  return Number(machine.state === 'stopped');
}

/** Copies of a definition often have its addresses; whoever runs keeps them, for no address can be written twice. */
function withOwnMacs(found: FoundMachine, macs: Map<string, string>, remark: (text: string) => void): FoundMachine {
  const { name } = found.machine;
  const devices = found.devices.map((device) => {
    if (device.mac === null) return device;
    const other = macs.get(device.mac);
    if (other === undefined) {
      macs.set(device.mac, name);
      return device;
    }
    remark(`${name} is written without the address ${device.mac}, which ${other} has too`);
    return { ...device, mac: null };
  });
  return { ...found, devices };
}

function machineDocument(
  on: FoundHost,
  { machine, devices, disks }: FoundMachine,
  classes: Map<string, Readonly<Record<string, unknown>>>,
  remark: (text: string) => void,
): Document {
  const claims = devices.flatMap((device) => {
    const found = classOf(on.host, device.device);
    if (found === null || !isLabel(device.claim)) {
      const why =
        found === null ? `${on.name} has no device ${device.device}` : 'its name is none that a claim can have';
      remark(`${machine.name} is written without its device ${JSON.stringify(device.claim)}: ${why}`);
      return [];
    }
    classes.set(found.name, found.spec);
    return [claimOf(device, found.name)];
  });
  if (machine.state === 'stopped')
    remark(`${machine.name} does not run: it is written with suspend, so that no plan starts it`);
  const known = disks.filter(({ sizeGiB }) => sizeGiB > 0);
  for (const { name } of disks.filter((disk) => !known.includes(disk)))
    remark(`${machine.name} is written without its disk ${JSON.stringify(name)}: the host does not tell its size`);
  const hugepages = machine.hugepageSizeKiB === 2048 || machine.hugepageSizeKiB === 1_048_576;
  const pageMiB = hugepages ? machine.hugepageSizeKiB / 1024 : 1;
  const memoryMiB = Math.max(1, Math.ceil(machine.memoryMiB / pageMiB)) * pageMiB;
  if (memoryMiB > machine.memoryMiB)
    remark(`${machine.name} is written with ${memoryMiB} MiB of memory: it has ${machine.memoryMiB}, no whole pages`);
  return document('VirtualMachine', machine.name, {
    vcpus: Math.max(1, machine.vcpus),
    memoryMiB,
    ...(hugepages ? { hugepageSizeKiB: machine.hugepageSizeKiB } : {}),
    ...(machine.numaNode === null ? {} : { numaPinned: true }),
    ...(claims.length === 0 ? {} : { devices: claims }),
    ...(known.length === 0
      ? {}
      : { disks: known.map(({ name, sizeGiB, shared }) => ({ name, sizeGiB, storage: shared ? 'shared' : 'local' })) }),
    ...(machine.state === 'stopped' ? { suspend: true } : {}),
  });
}

function claimOf(
  { claim, guestAddress, mac, vlan }: FoundDevice,
  className: string,
): Readonly<Record<string, unknown>> {
  return {
    name: claim,
    class: className,
    ...(mac === null ? {} : { mac }),
    ...(guestAddress === '' ? {} : { guestAddress }),
    ...(vlan === null || vlan < 1 || vlan > 4094 ? {} : { vlan }),
  };
}
