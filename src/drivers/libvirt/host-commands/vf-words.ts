import type { VfAttributes } from '../../../model/index.js';
import { macOf } from '../inventory/index.js';
import type { Words } from './run.js';

const NETDEV = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/;
const MOST_MBPS = 2 ** 32 - 1;

/** The command that gives a virtual function these attributes; null when a name or a value is none that the kernel takes. */
export function setVfWords(netdev: string, index: number, change: Partial<VfAttributes>): Words | null {
  const parts = [addressWords(change), tagWords(change), switchWords(change), rateWords(change), linkWords(change)];
  if (!NETDEV.test(netdev) || !isWhole(index, 65_535)) return null;
  const words = parts.flatMap((part) => part ?? []);
  return parts.includes(null) ? null : ['ip', 'link', 'set', 'dev', netdev, 'vf', String(index), ...words];
}

type Part = readonly string[] | null;

/** No address is written as zeros: the function then has none that its port insists on. */
function addressWords({ adminMac }: Partial<VfAttributes>): Part {
  if (adminMac === undefined) return [];
  const mac = macOf(adminMac ?? '00:00:00:00:00:00');
  return mac === null ? null : ['mac', mac];
}

/** Tag and priority are one attribute to the kernel. */
function tagWords({ vlan, qos }: Partial<VfAttributes>): Part {
  if (vlan === undefined && qos === undefined) return [];
  const [tag, priority] = [vlan ?? 0, qos ?? 0];
  return isWhole(tag, 4094) && isWhole(priority, 7) ? ['vlan', String(tag), 'qos', String(priority)] : null;
}

function switchWords({ spoofCheck, trust }: Partial<VfAttributes>): Part {
  return [
    ...(spoofCheck === undefined ? [] : ['spoofchk', spoofCheck ? 'on' : 'off']),
    ...(trust === undefined ? [] : ['trust', trust ? 'on' : 'off']),
  ];
}

function rateWords({ minTxMbps, maxTxMbps }: Partial<VfAttributes>): Part {
  const rates = [
    ['max_tx_rate', maxTxMbps],
    ['min_tx_rate', minTxMbps],
  ] as const;
  const words = rates.flatMap(([name, value]) => (value === undefined ? [] : [name, String(value)]));
  return rates.every(([, value]) => value === undefined || isWhole(value, MOST_MBPS)) ? words : null;
}

function linkWords({ linkState }: Partial<VfAttributes>): Part {
  if (linkState === undefined) return [];
  return ['auto', 'enable', 'disable'].includes(linkState) ? ['state', linkState] : null;
}

function isWhole(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}
