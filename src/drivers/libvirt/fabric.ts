import {
  done,
  failed,
  IDLE_VF,
  unknown,
  type DeviceRef,
  type FabricAction,
  type Forward,
  type Outcome,
  type SwitchPort,
  type VfAttributes,
} from '../../model/index.js';
import type { ActionContext, Fabric } from '../../ports/index.js';
import type { HostCommands, Links } from './host-commands/index.js';
import type { HostObservation } from './inventory/index.js';

/** A host as the fabric needs it. */
export interface FabricHost {
  readonly name: string;
  /** Null where `spec.connection` does not say how commands run on the host. */
  readonly commands: HostCommands | null;
  /** The host as it is now; null when it does not answer. */
  readonly look: () => Promise<Pick<HostObservation, 'host' | 'holders' | 'dummies'> | null>;
}

export interface FabricOptions {
  readonly hosts: readonly FabricHost[];
  /** Why an order of this epoch comes too late for a device; null, and the epoch is kept, when it does not. */
  readonly refusal: (device: DeviceRef, epoch: number | null) => Outcome | null;
}

type VfAction = Extract<FabricAction, { readonly kind: 'set-vf' | 'reset-vf' }>;

/**
 * The attributes of virtual functions on their ports, by commands on the hosts. Switches, announcements and forwarding are not configured with
 * libvirt: what asks for them is answered by `done`, and the detail says that nothing was done.
 *
 * After an answer that did not come, the attributes are seen with the next look at the hosts; of switches and forwards there is nothing to see, so
 * that what would put something there counts as absent, is done again, and says the same again.
 */
export class LibvirtFabric implements Fabric {
  readonly #hosts: ReadonlyMap<string, FabricHost>;
  readonly #refusal: FabricOptions['refusal'];

  constructor({ hosts, refusal }: FabricOptions) {
    this.#hosts = new Map(hosts.map((host) => [host.name, host]));
    this.#refusal = refusal;
  }

  observe(): Promise<{ readonly switchPorts: readonly SwitchPort[]; readonly forwards: readonly Forward[] }> {
    return Promise.resolve({ switchPorts: [], forwards: [] });
  }

  async perform(action: FabricAction, context: ActionContext): Promise<Outcome> {
    switch (action.kind) {
      case 'apply-port-profile':
        return nothingDone(`${action.profile.name} was put on no switch port`);
      case 'remove-port-profile':
        return nothingDone(`${action.profile.name} was taken from no switch port`);
      case 'announce':
        return nothingDone(
          `${action.mac} was not announced from ${action.host}, beyond what guest and QEMU say themselves`,
        );
      case 'forward':
        return nothingDone(`what still comes to ${action.from} for ${action.mac} is not sent on to ${action.to}`);
      case 'unforward':
        return nothingDone(`${action.mac} was not forwarded from ${action.from}`);
      case 'set-vf':
      case 'reset-vf':
        return this.#changeVf(action, context);
    }
  }

  async #changeVf(action: VfAction, { signal, epoch }: ActionContext): Promise<Outcome> {
    const { host: name, device } = action;
    const host = this.#hosts.get(name);
    if (host === undefined) return failed('HostUnreachable', `spec.connection does not say how to reach host ${name}`);
    const stale = this.#refusal({ host: name, device }, epoch);
    if (stale !== null) return stale;
    if (action.kind === 'set-vf' && action.attributes.qos !== 0) return withPriority(action);
    if (host.commands === null) return withoutCommands(action);
    const seen = await host.look();
    if (seen === null) return failed('HostUnreachable', `host ${name} does not answer`);
    const found = placeOf(seen, action);
    if (found.kind !== 'place') return found;
    const attributes = wanted(action, found.isDummy);
    const before = await host.commands.links({ signal });
    if (before.kind !== 'answered') return failed('HostUnreachable', `commands on host ${name}: ${before.message}`);
    const now = attributesOf(before.value, found);
    if (now === null) return failed('NotSupported', `${found.netdev} of host ${name} does not show VF ${found.index}`);
    const change = differing(attributes, now);
    if (Object.keys(change).length === 0) return done(`${device} of ${name} has these attributes`);
    const set = await host.commands.setVf(found.netdev, found.index, change, { signal });
    if (set.kind === 'unanswered') return unknown('HostUnreachable', `commands on host ${name}: ${set.message}`);
    const after = await host.commands.links({ signal });
    const left = after.kind === 'answered' ? attributesOf(after.value, found) : null;
    return settled(
      action,
      set.kind === 'refused' ? set.message : null,
      left === null ? null : differing(attributes, left),
    );
  }
}

interface Place {
  readonly kind: 'place';
  readonly netdev: string;
  readonly index: number;
  /** A dummy holds it. */
  readonly isDummy: boolean;
}

/** Where the kernel has the function, or why it is left alone. */
function placeOf(
  { host, holders, dummies }: Pick<HostObservation, 'host' | 'holders' | 'dummies'>,
  { kind, device, machine }: VfAction,
): Place | Outcome {
  const vf = host.devices.find(({ bdf }) => bdf === device)?.function;
  if (vf === undefined) return failed('DeviceMissing', `host ${host.name} has no device ${device}`);
  if (vf.kind !== 'vf') return failed('NotSupported', `${device} of host ${host.name} is no VF`);
  const port = host.devices.find(({ bdf }) => bdf === vf.parent)?.function;
  if (port?.kind !== 'pf' || port.netdev === '')
    return failed('NotSupported', `the port of ${device} of host ${host.name} has no network device`);
  const holder = holders.get(device);
  const isDummy = dummies.some(({ name }) => name === holder);
  const mayBeHeld = isDummy || (kind === 'set-vf' && holder === machine);
  if (holder !== undefined && !mayBeHeld)
    return failed('DeviceInUse', `device ${device} of host ${host.name} is in use by ${holder}`);
  return { kind: 'place', netdev: port.netdev, index: vf.index, isDummy };
}

/** libvirt gives a function its address when a domain gets it, and takes it back: there is none to set before, and a dummy's stays. */
function wanted({ kind, attributes }: VfAction, isDummy: boolean): Partial<VfAttributes> {
  const { adminMac, ...others } = attributes;
  const isLibvirts = kind === 'set-vf' ? adminMac === null : isDummy;
  return isLibvirts ? others : attributes;
}

/** What commands set before would not last: domain XML has no place for it, and libvirt sets tag and priority in one. */
function withPriority({ machine, claim, device, host, attributes }: VfAction): Outcome {
  return failed(
    'NotSupported',
    `VLAN priority ${attributes.qos} of ${device} of host ${host} cannot be kept: libvirt writes priority 0 together with the VLAN when ${machine} gets the function; leave qos of claim ${claim} at 0, and have the guest or the switch set priorities`,
  );
}

/** Without commands there is what libvirt does by itself: address and VLAN. */
function withoutCommands({ host, device, attributes }: VfAction): Outcome {
  const { vlan } = attributes;
  const names = Object.keys(differing({ ...attributes, adminMac: null, vlan: null }, IDLE_VF));
  if (names.length > 0)
    return failed(
      'NotSupported',
      `${names.join(', ')} of ${device} cannot be set: no commands are configured for host ${host}; name them in spec.connection.hosts.${host}.commands, such as ssh://root@${host}, or take the attributes out of the device class`,
    );
  const tag = vlan === null ? '' : `, VLAN ${vlan} comes with the device`;
  return done(`no commands are configured for ${host}: nothing was set on the port of ${device}${tag}`);
}

function attributesOf(links: Links, { netdev, index }: Place): VfAttributes | null {
  return links.get(netdev)?.find((vf) => vf.index === index)?.attributes ?? null;
}

/** Those attributes that are not yet as wanted. Tag and priority go together, as do both rates: the kernel takes them as one. */
function differing(attributes: Partial<VfAttributes>, now: VfAttributes): Partial<VfAttributes> {
  const names = (Object.keys(attributes) as (keyof VfAttributes)[]).filter((name) => attributes[name] !== now[name]);
  const also = TOGETHER.filter((group) => group.some((name) => names.includes(name))).flat();
  const all = [...new Set([...names, ...also])].filter((name) => name in attributes);
  return Object.fromEntries(all.map((name) => [name, attributes[name]]));
}

const TOGETHER: readonly (readonly (keyof VfAttributes)[])[] = [
  ['vlan', 'qos'],
  ['minTxMbps', 'maxTxMbps'],
];

/** What became of an order, by what is there now. Drivers take some orders without following them. */
function settled({ host, device }: VfAction, refused: string | null, left: Partial<VfAttributes> | null): Outcome {
  // Some drivers make up an address where there shall be none; libvirt sets the next one all the same.
  const names = Object.keys(left ?? {}).filter((name) => name !== 'adminMac' || left?.adminMac !== null);
  if (names.length === 0 && (refused === null || left !== null)) return done(`${device} of ${host} is set`);
  const what = names.length === 0 ? 'the attributes' : names.join(', ');
  const why = refused ?? 'its driver took the order and did not follow it';
  return failed(refusalCode(refused), `${what} of ${device} of host ${host} cannot be set: ${why}`);
}

function refusalCode(message: string | null): 'DeviceMissing' | 'PreconditionFailed' | 'NotSupported' {
  if (message !== null && /cannot find device|no such device/i.test(message)) return 'DeviceMissing';
  if (message !== null && /not permitted|permission denied/i.test(message)) return 'PreconditionFailed';
  return 'NotSupported';
}

function nothingDone(what: string): Outcome {
  return done(`no fabric is configured: ${what}`);
}
