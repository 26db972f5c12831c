import type { Mac } from '../../model/index.js';
import { sha256 } from '../../model/index.js';

/** The address that a dummy holds a device with: local, and never one that a machine gets. */
export function temporaryMac(host: string, device: string, machine: string): Mac {
  return local('02', `dummy ${host}/${device} ${machine}`);
}

/** The address of a claim for which none is written or observed: local, and the same whenever it is asked for. */
export function claimMac(machine: string, claim: string): Mac {
  return local('06', `claim ${machine}/${claim}`);
}

function local(first: string, seed: string): Mac {
  return [first, ...(sha256(seed).slice(0, 10).match(/../g) ?? [])].join(':');
}
