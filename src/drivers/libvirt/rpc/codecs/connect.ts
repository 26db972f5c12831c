import { CALL } from '../procedures.js';
import { nothing } from '../procedure.js';
import type { Procedure } from '../procedure.js';

/** Ways to prove who calls; `other`: one that this client does not know. */
export type AuthMethod = 'none' | 'sasl' | 'polkit' | 'other';

const AUTH_METHODS = ['none', 'sasl', 'polkit'] as const;
const AUTH_LIST_MAX = 20;

export const authList: Procedure<void, readonly AuthMethod[]> = {
  name: 'authList',
  number: CALL.authList,
  lane: 'quick',
  write: nothing,
  read: (r) => r.list(AUTH_LIST_MAX, 4, () => AUTH_METHODS[r.int()] ?? 'other'),
};

/** The daemon asks polkit whether the process at the other end of the socket may manage it. */
export const authPolkit: Procedure<void, boolean> = {
  name: 'authPolkit',
  number: CALL.authPolkit,
  lane: 'slow',
  write: nothing,
  read: (r) => r.int() !== 0,
};

export const connectOpen: Procedure<{ readonly uri: string; readonly readOnly: boolean }, void> = {
  name: 'connectOpen',
  number: CALL.connectOpen,
  lane: 'slow',
  write: (w, { uri, readOnly }) => {
    w.optional(uri, (text) => w.string(text));
    w.uint(readOnly ? 1 : 0);
  },
  read: nothing,
};

export const connectClose: Procedure<void, void> = {
  name: 'connectClose',
  number: CALL.connectClose,
  lane: 'quick',
  write: nothing,
  read: nothing,
};

/** Whether the daemon has a feature, by a number of `FEATURE`. */
export const connectSupportsFeature: Procedure<number, boolean> = {
  name: 'connectSupportsFeature',
  number: CALL.connectSupportsFeature,
  lane: 'quick',
  write: (w, feature) => w.int(feature),
  read: (r) => r.int() !== 0,
};

/** A version of libvirt or of the hypervisor. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly micro: number;
}

export const connectGetLibVersion: Procedure<void, Version> = {
  name: 'connectGetLibVersion',
  number: CALL.connectGetLibVersion,
  lane: 'quick',
  write: nothing,
  read: (r) => versionOf(r.count()),
};

export const connectGetVersion: Procedure<void, Version> = {
  name: 'connectGetVersion',
  number: CALL.connectGetVersion,
  lane: 'quick',
  write: nothing,
  read: (r) => versionOf(r.count()),
};

export const connectGetHostname: Procedure<void, string> = {
  name: 'connectGetHostname',
  number: CALL.connectGetHostname,
  lane: 'quick',
  write: nothing,
  read: (r) => r.string(),
};

export const connectGetCapabilities: Procedure<void, string> = {
  name: 'connectGetCapabilities',
  number: CALL.connectGetCapabilities,
  lane: 'quick',
  write: nothing,
  read: (r) => r.string(),
};

/** What the daemon is asked about; what is not given is the daemon's choice. */
export interface DomainCapabilitiesQuery {
  readonly emulator?: string;
  readonly arch?: string;
  readonly machine?: string;
  readonly virtType?: string;
}

export const connectGetDomainCapabilities: Procedure<DomainCapabilitiesQuery, string> = {
  name: 'connectGetDomainCapabilities',
  number: CALL.connectGetDomainCapabilities,
  lane: 'quick',
  write: (w, { emulator, arch, machine, virtType }) => {
    for (const text of [emulator, arch, machine, virtType]) w.optional(text, (given) => w.string(given));
    w.uint(0);
  },
  read: (r) => r.string(),
};

function versionOf(number: number): Version {
  return {
    major: Math.floor(number / 1_000_000),
    minor: Math.floor(number / 1000) % 1000,
    micro: number % 1000,
  };
}
