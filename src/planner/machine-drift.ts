import type { DeviceClaim, Drift, Machine, PciDevice, VfAttributes } from '../model/index.js';
import { isActive } from '../model/index.js';
import { ofClass } from './place/devices.js';
import { silenceAbout } from './silence.js';
import type { HostView, MachineView, View } from './view.js';
import { isInFlight } from './view.js';

/**
 * How what is written of a machine differs from what is observed of it. Nothing of that is done to a running machine, so that each
 * difference says when it will be applied.
 */
export function machineDrift(view: View, machine: MachineView): readonly Drift[] {
  const { name, copies, running } = machine;
  const drift = (code: string, message: string): Drift => ({ subject: `VirtualMachine/${name}`, code, message });
  const active = copies.filter(isActive);
  if (active.length > 1) {
    const hosts = active.map((copy) => copy.host).join(' and ');
    return [drift('MachineRunsTwice', `${name} runs on ${hosts} at once`)];
  }
  if (isInFlight(machine)) return [drift('MoveInFlight', inFlight(machine))];
  const silence = silenceAbout(view, machine);
  const unreachable = silence === null ? [] : [drift('HostUnreachable', `${silence}; ${LEFT_ALONE}`)];
  if (running === null) return unreachable;
  const size = sizeDifference(machine, running);
  return [
    ...unreachable,
    ...assignmentMismatches(machine, running).map((message) => drift('AssignmentMismatch', message)),
    ...(size === null ? [] : [drift('SizeMismatch', size)]),
    ...cellDifference(machine, running).map((message) => drift('CellMismatch', message)),
    ...deviceDrift(view, machine, running).map(({ code, message }) => drift(code, message)),
  ];
}

const LEFT_ALONE = 'it is left alone, because it may still run: Berth starts no second copy';

function inFlight({ name, copies, open }: MachineView): string {
  const target = copies.find((copy) => copy.job !== null)?.job?.to ?? open[0]?.host;
  const where = target === undefined ? '' : ` to ${target}`;
  return `a move of ${name}${where} is under way; the next reconcile finishes it or takes it back`;
}

function assignmentMismatches({ name, desired }: MachineView, running: Machine): readonly string[] {
  const claims = new Map(desired.claims.map((claim) => [claim.name, claim]));
  const surplus = running.assignments
    .filter((assignment) => !claims.has(assignment.claim))
    .map(({ device, claim }) => `${name} owns ${device} for ${claim}, which is no claim of it`);
  const lacking = desired.claims.flatMap((claim): readonly string[] => {
    const own = running.assignments.find((assignment) => assignment.claim === claim.name);
    if (own === undefined) return [`${name} has no device for claim ${claim.name}`];
    const told = (what: string, has: string | null, is: string): readonly string[] =>
      has === is ? [] : [`claim ${claim.name} of ${name} has the ${what} ${has ?? 'none'}; ${is} is written`];
    return [
      ...(claim.mac === null ? [] : told('address', own.mac, claim.mac)),
      ...(claim.guestAddress === '' ? [] : told('address inside the guest', own.guestAddress, claim.guestAddress)),
    ];
  });
  return [...surplus, ...lacking];
}

function sizeDifference({ name, desired }: MachineView, running: Machine): string | null {
  // Where no disk is written, nothing is said of disks.
  const disks = desired.diskGiB === 0 ? [] : (['diskGiB'] as const);
  const found = difference(['vcpus', 'memoryMiB', 'hugepageSizeKiB', ...disks], running, desired);
  if (found === null) return null;
  return `${name} runs with ${found}; applied when it next starts (a cold move or a restart), not by a live move`;
}

function cellDifference({ name, desired }: MachineView, { numaNode }: Machine): readonly string[] {
  const pinned = desired.numaPinned || desired.claims.some((claim) => claim.numaLocal);
  if (pinned === (numaNode !== null)) return [];
  const [is, written] = pinned ? ['floats over the cells', 'one cell'] : [`is on cell ${numaNode ?? ''}`, 'none'];
  return [`${name} ${is}, ${written} is written; applied with the next move`];
}

/** Differences of the devices in use: they stay with the machine, whatever is written now. */
function deviceDrift(view: View, machine: MachineView, running: Machine): readonly Pick<Drift, 'code' | 'message'>[] {
  const host = view.hosts.get(running.host);
  if (host?.observed?.state !== 'up') return [];
  return machine.desired.claims.flatMap((claim) => {
    const own = running.assignments.find((assignment) => assignment.claim === claim.name);
    const device = host.devices.get(own?.device ?? '');
    if (device === undefined) return [];
    const who = `claim ${claim.name} of ${machine.name}`;
    const found: Pick<Drift, 'code' | 'message'>[] = [];
    if (!isOfClass(view, host, claim, device)) {
      const message = `${who} uses ${device.bdf}, which is not of class ${claim.class} as it is written; it is kept until the next move`;
      found.push({ code: 'DeviceClassMismatch', message });
    }
    if (device.function.kind !== 'vf') return found;
    const attributes = difference(ATTRIBUTES, device.function.attributes, claim.attributes);
    if (attributes !== null) {
      const message = `the VF ${device.bdf} for ${who} has ${attributes}; applied with the next move`;
      found.push({ code: 'VfAttributeMismatch', message });
    }
    const profile = profileDifference(view, host, device, { machine: machine.name, claim });
    if (profile !== null) {
      found.push({ code: 'PortProfileMismatch', message: `the switch port for ${who} has ${profile}` });
    }
    return found;
  });
}

/** The address is not among them: it comes and goes with the machine. */
const ATTRIBUTES: readonly (keyof VfAttributes)[] = [
  'vlan',
  'qos',
  'trust',
  'spoofCheck',
  'minTxMbps',
  'maxTxMbps',
  'linkState',
];

/** A link that is down does not make a device another one. */
function isOfClass(view: View, host: HostView, claim: DeviceClaim, device: PciDevice): boolean {
  if (!ofClass({ view, host }, claim).includes(device)) return false;
  const network = view.classes.get(claim.class)?.physicalNetwork ?? null;
  if (network === null) return true;
  const netdev = netdevOf(host, device);
  return host.desired.ports.some((port) => port.netdev === netdev && port.physicalNetwork === network);
}

/** Null as well where nobody told what the switch has. */
function profileDifference(
  { world }: View,
  host: HostView,
  device: PciDevice,
  user: { readonly machine: string; readonly claim: DeviceClaim },
): string | null {
  const netdev = netdevOf(host, device);
  const port = world.switchPorts.find((entry) => entry.host === host.name && entry.netdev === netdev);
  if (port === undefined) return null;
  const written = user.claim.portProfile;
  const own = port.profiles.filter((entry) => entry.machine === user.machine && entry.claim === user.claim.name);
  const observed = own.map(({ profile }) => profile);
  if (written === null ? observed.length === 0 : observed.includes(written)) return null;
  return `profile ${observed.join(', ') || 'none'}, ${written ?? 'none'} is written; applied with the next move`;
}

function netdevOf(host: HostView, { function: vf }: PciDevice): string | null {
  const parent = vf.kind === 'vf' ? host.devices.get(vf.parent)?.function : undefined;
  return parent?.kind === 'pf' ? parent.netdev : null;
}

/** `vlan 100 (200 is written), trust false (true is written)`, null when nothing differs. */
function difference<K extends string>(
  fields: readonly K[],
  observed: Readonly<Record<K, Written>>,
  written: Readonly<Record<K, Written>>,
): string | null {
  const found = fields.filter((field) => observed[field] !== written[field]);
  const text = (value: Written): string => (value === null ? 'none' : `${value}`);
  if (found.length === 0) return null;
  return found.map((field) => `${field} ${text(observed[field])} (${text(written[field])} is written)`).join(', ');
}

type Written = string | number | boolean | null;
