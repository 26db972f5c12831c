/** How a daemon is reached, read from a libvirt URI. */
export type LibvirtUri =
  | {
      readonly kind: 'unix';
      /** What the daemon is asked to open, such as `qemu:///system`. */
      readonly driverUri: string;
      /** Path of its socket; null: where the packages put it. */
      readonly socket: string | null;
    }
  | {
      readonly kind: 'tls';
      readonly driverUri: string;
      readonly host: string;
      readonly port: number;
      /** Folder with `cacert.pem`, `clientcert.pem` and `clientkey.pem`; null: the folders of the packages. */
      readonly pkiPath: string | null;
    }
  | {
      readonly kind: 'ssh';
      readonly driverUri: string;
      readonly host: string;
      readonly port: number | null;
      readonly user: string | null;
      readonly keyFile: string | null;
      readonly knownHosts: string | null;
    };

/** What was read, or what is wrong with it. */
export type UriResult<T = LibvirtUri> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string; readonly hint: string };

const TLS_PORT = 16_514;

const PARTS = /^([a-z][a-z0-9]*)(?:\+([a-z0-9]+))?:\/\/([^/?#]*)\/([^?#]*)(?:\?([^#]*))?$/;
/** `user@host:port`; the host as a name, an IPv4 address, or an IPv6 address in brackets. None can look like an option. */
const AUTHORITY =
  /^(?:([A-Za-z0-9_][A-Za-z0-9_.-]{0,63})@)?([A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::([0-9]{1,5}))?$/;
const UNPROVEN_TCP =
  'the transport tcp is not supported: nothing is encrypted, and who connects is proven by SASL only, which is not spoken here';
const DRIVER_PATH = /^[a-z]{1,32}$/;

const PARAMETERS: Readonly<Record<LibvirtUri['kind'], readonly string[]>> = {
  unix: ['socket'],
  tls: ['pkipath'],
  ssh: ['keyfile', 'known_hosts'],
};

/**
 * Reads a URI such as `qemu:///system`, `qemu+unix:///system?socket=/run/x`, `qemu+tls://host/system?pkipath=/etc/pki` or
 * `qemu+ssh://root@host/system`. Transports without encryption and parameters that weaken a check are refused.
 */
export function parseLibvirtUri(text: string): UriResult {
  const parts = readParts(text);
  if (!parts.ok) return parts;
  const { driverUri, transport: kind, authority, query } = parts.value;
  const parameters = new Map(new URLSearchParams(query));
  if (kind === 'tcp') return refused(UNPROVEN_TCP, 'use qemu+tls or qemu+ssh');
  if (kind !== 'unix' && kind !== 'tls' && kind !== 'ssh') {
    return refused(`the transport ${kind} is not supported`, 'use unix, tls or ssh');
  }
  const unknown = [...parameters.keys()].find((name) => !PARAMETERS[kind].includes(name));
  if (unknown !== undefined) {
    return refused(`the parameter ${unknown} is not supported with ${kind}`, knownParameters(kind));
  }
  const relative = [...parameters].find(([, value]) => !value.startsWith('/') || value.includes('\0'));
  if (relative !== undefined) return refused(`${relative[0]} is no absolute path`, 'give a path that begins with /');
  if (kind === 'unix') {
    if (authority !== '') return refused('a unix socket has no host', 'leave the host out: qemu:///system');
    return { ok: true, value: { kind, driverUri, socket: parameters.get('socket') ?? null } };
  }
  return remote(kind, driverUri, authority, parameters);
}

/** `user@host:port` as parts; what is not written is null. */
export interface Authority {
  readonly user: string | null;
  readonly host: string;
  readonly port: number | null;
}

/** Reads `user@host:port`, of which only the host must be there. */
export function readAuthority(text: string): UriResult<Authority> {
  const found = AUTHORITY.exec(text);
  if (found === null) return refused(`${text} names no host`, 'write user@host or host, and :port if needed');
  const [, user = null, bracketed = '', portText] = found;
  const port = portText === undefined ? null : Number(portText);
  if (port !== null && (port < 1 || port > 65_535))
    return refused(`there is no port ${port}`, 'use a port up to 65535');
  return { ok: true, value: { user, host: bracketed.replace(/^\[|\]$/g, ''), port } };
}

/** The parts of a URI of libvirt's driver for QEMU; the transport is there even where it is implied. */
interface Parts {
  readonly driverUri: string;
  readonly transport: string;
  readonly authority: string;
  readonly query: string;
}

/** Takes a libvirt URI apart; whether transport, host and parameters go together is another question. */
export function readParts(text: string): UriResult<Parts> {
  const parts = PARTS.exec(text);
  if (parts === null) return refused('this is no libvirt URI', 'write it like qemu+tls://host/system');
  const [, driver = '', transport, authority = '', path = '', query = ''] = parts;
  if (driver !== 'qemu') return refused(`only qemu is driven, not ${driver}`, 'write it like qemu+tls://host/system');
  if (!DRIVER_PATH.test(path)) return refused(`the path /${path} is unknown`, 'use /system');
  const implied = authority === '' ? 'unix' : 'tls';
  return { ok: true, value: { driverUri: `qemu:///${path}`, transport: transport ?? implied, authority, query } };
}

function remote(
  kind: 'tls' | 'ssh',
  driverUri: string,
  authority: string,
  parameters: ReadonlyMap<string, string>,
): UriResult {
  const read = readAuthority(authority);
  if (!read.ok) return read;
  const { user, host, port } = read.value;
  if (kind === 'ssh') {
    const keyFile = parameters.get('keyfile') ?? null;
    const knownHosts = parameters.get('known_hosts') ?? null;
    return { ok: true, value: { kind, driverUri, host, port, user, keyFile, knownHosts } };
  }
  if (user !== null) return refused('a user has no meaning with tls', 'who connects is told by the client certificate');
  const pkiPath = parameters.get('pkipath') ?? null;
  return { ok: true, value: { kind, driverUri, host, port: port ?? TLS_PORT, pkiPath } };
}

function knownParameters(kind: LibvirtUri['kind']): string {
  return `known here: ${PARAMETERS[kind].join(', ')}`;
}

/** What is wrong with a URI, and what to do. */
export function refused(
  reason: string,
  hint: string,
): { readonly ok: false; readonly reason: string; readonly hint: string } {
  return { ok: false, reason, hint };
}
