import type { Bdf } from '../../../model/index.js';
import type { HostObservation } from '../inventory/index.js';

/** Where the guard of a host looks, unless it was told otherwise. */
export const GUARD_LEDGER = '/var/lib/berth/guard.ledger';

/** A device of a host, and a domain that may have it. A device can be given to several: to a dummy and to the machine that it waits for. */
export interface GuardEntry {
  readonly device: Bdf;
  readonly domain: string;
}

/** The ledger's text: one line an entry, the device's address and the domain's name. Null when one of them cannot stand in a line. */
export function guardLedgerText(entries: readonly GuardEntry[]): string | null {
  if (!entries.every(({ device, domain }) => BDF.test(device) && isPlainName(domain))) return null;
  const lines = new Set(entries.map(({ device, domain }) => `${device} ${domain}`));
  return [HEAD, ...[...lines].sort(), ''].join('\n');
}

/** Everything that is held on a host as it was last seen: devices of running domains, and what dummies hold them for. */
export function guardEntries(seen: Pick<HostObservation, 'holders' | 'domains'>): readonly GuardEntry[] {
  return [...seen.holders].flatMap(([device, domain]) => {
    const machine = seen.domains.get(domain)?.domain.metadata.dummy?.machine ?? '';
    return machine === ''
      ? [{ device, domain }]
      : [
          { device, domain },
          { device, domain: machine },
        ];
  });
}

/** Why a path cannot be that of a ledger; null when it can. */
export function ledgerPathFault(path: string): string | null {
  if (!path.startsWith('/')) return `the path ${JSON.stringify(path)} does not begin with /`;
  if (!/^\/[A-Za-z0-9_.@+/-]{1,254}[A-Za-z0-9_.@+-]$/.test(path) || path.split('/').includes('..'))
    return `the path ${JSON.stringify(path)} is not made of plain names`;
  return null;
}

const HEAD = '# Which domain may have which device of this host; written by Berth, read by its guard hook.';
const BDF = /^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/;

/** Names are compared as they stand, up to the end of the line. */
function isPlainName(name: string): boolean {
  // eslint-disable-next-line no-control-regex
  return name !== '' && name.trim() === name && !/[\u0000-\u001f\u007f\u0085\u2028\u2029]/.test(name);
}
