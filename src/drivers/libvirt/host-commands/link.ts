import { IDLE_VF, type Bdf, type PciDevice, type VfAttributes } from '../../../model/index.js';
import { macOf } from '../inventory/index.js';
import type { TrafficCounters } from '../load/rates.js';

/** A virtual function as the kernel of its host shows it under its port. */
export interface VfState {
  readonly index: number;
  readonly attributes: VfAttributes;
  /** Null when its driver counts nothing. */
  readonly counters: TrafficCounters | null;
}

/** Virtual functions by the network device of their port. */
export type Links = ReadonlyMap<string, readonly VfState[]>;

type Json = Readonly<Record<string, unknown>>;

/** More than SR-IOV allows on one function. */
const MOST_VFS = 65_536;

/**
 * Reads the answer to `ip -j -s -d link show`; null when it is no such answer. What a driver does not tell of a function is taken for what an
 * idle one has.
 */
export function parseLinks(text: string): Links | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(parsed)) return null;
  const links = new Map<string, readonly VfState[]>();
  for (const link of parsed as readonly unknown[]) {
    const name = isRecord(link) ? link['ifname'] : undefined;
    const functions = isRecord(link) ? link['vfinfo_list'] : undefined;
    if (typeof name !== 'string' || !Array.isArray(functions)) continue;
    links.set(
      name,
      functions.filter(isRecord).flatMap((one) => readVf(one) ?? []),
    );
  }
  return links;
}

/** The state of each virtual function of a host, by its address; those of ports that are not among the links are left out. */
export function vfStates(devices: readonly PciDevice[], links: Links): ReadonlyMap<Bdf, VfState> {
  const ports = new Map(
    devices.flatMap(({ bdf, function: is }) => (is.kind === 'pf' ? [[bdf, links.get(is.netdev)] as const] : [])),
  );
  return new Map(
    devices.flatMap(({ bdf, function: is }) => {
      const state = is.kind === 'vf' ? ports.get(is.parent)?.find((one) => one.index === is.index) : undefined;
      return state === undefined ? [] : [[bdf, state] as const];
    }),
  );
}

/** The devices of a host with the attributes that its kernel shows in the place of those that were assumed. */
export function withVfAttributes(devices: readonly PciDevice[], links: Links): readonly PciDevice[] {
  const states = vfStates(devices, links);
  return devices.map((device) => {
    const attributes = states.get(device.bdf)?.attributes;
    return attributes === undefined || device.function.kind !== 'vf'
      ? device
      : { ...device, function: { ...device.function, attributes } };
  });
}

function readVf(vf: Json): VfState | null {
  const index = vf['vf'];
  if (!isCount(index) || index >= MOST_VFS) return null;
  const tag = tagOf(vf);
  const rate = isRecord(vf['rate']) ? vf['rate'] : {};
  const mac = macOf(text(vf['address']) ?? text(vf['mac']));
  return {
    index,
    attributes: {
      adminMac: mac === NO_MAC ? null : mac,
      vlan: tag.vlan === 0 ? null : tag.vlan,
      qos: tag.qos,
      trust: switched(vf['trust']) ?? IDLE_VF.trust,
      spoofCheck: switched(vf['spoofchk']) ?? IDLE_VF.spoofCheck,
      minTxMbps: count(rate['min_tx']),
      maxTxMbps: count(rate['max_tx']) || count(vf['tx_rate']),
      linkState: LINK_STATES.find((state) => state === vf['link_state']) ?? IDLE_VF.linkState,
    },
    counters: readCounters(vf['stats']),
  };
}

const NO_MAC = '00:00:00:00:00:00';
const LINK_STATES = ['auto', 'enable', 'disable'] as const;

/** Newer kernels show a list of tags, of which there is one. */
function tagOf(vf: Json): { readonly vlan: number; readonly qos: number } {
  const list: unknown = vf['vlan_list'];
  const first: unknown = Array.isArray(list) ? list[0] : undefined;
  const of = isRecord(first) ? first : vf;
  return { vlan: count(of['vlan']), qos: count(of['qos']) };
}

/** A driver that counts nothing shows zeros, which a function in use never keeps. */
function readCounters(stats: unknown): TrafficCounters | null {
  if (!isRecord(stats)) return null;
  const [rx, tx] = [isRecord(stats['rx']) ? stats['rx'] : {}, isRecord(stats['tx']) ? stats['tx'] : {}];
  const counters = {
    rxBytes: count(rx['bytes']),
    rxPackets: count(rx['packets']),
    // Older versions of the program name these with a prefix.
    txBytes: count(tx['bytes'] ?? tx['tx_bytes']),
    txPackets: count(tx['packets'] ?? tx['tx_packets']),
  };
  return Object.values(counters).every((value) => value === 0) ? null : counters;
}

/** As a truth value, or as `on` and `off`. */
function switched(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  return value === 'on' ? true : value === 'off' ? false : null;
}

function count(value: unknown): number {
  return isCount(value) ? value : 0;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
