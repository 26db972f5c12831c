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

/** The URI, or what is wrong with it. */
export type UriResult =
  | { readonly ok: true; readonly value: LibvirtUri }
  | { readonly ok: false; readonly reason: string; readonly hint: string };

const TLS_PORT = 16_514;

const PARTS = /^([a-z][a-z0-9]*)(?:\+([a-z0-9]+))?:\/\/([^/?#]*)\/([^?#]*)(?:\?([^#]*))?$/;
/** `user@host:port`; the host as a name, an IPv4 address, or an IPv6 address in brackets. None can look like an option. */
const AUTHORITY =
  /^(?:([A-Za-z0-9_][A-Za-z0-9_.-]{0,63})@)?([A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::([0-9]{1,5}))?$/;
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
  const parts = PARTS.exec(text);
  if (parts === null) return refused('this is no libvirt URI', 'write it like qemu+tls://host/system');
  const [, driver = '', transport, authority = '', path = '', query = ''] = parts;
  if (!DRIVER_PATH.test(path)) return refused(`the path /${path} is unknown`, 'use /system');
  const parameters = new Map(new URLSearchParams(query));
  const kind = transport ?? (authority === '' ? 'unix' : 'tls');
  if (kind !== 'unix' && kind !== 'tls' && kind !== 'ssh') {
    return refused(`the transport ${kind} is not supported`, 'use unix, tls or ssh');
  }
  const unknown = [...parameters.keys()].find((name) => !PARAMETERS[kind].includes(name));
  if (unknown !== undefined) {
    return refused(`the parameter ${unknown} is not supported with ${kind}`, knownParameters(kind));
  }
  const relative = [...parameters].find(([, value]) => !value.startsWith('/') || value.includes('\0'));
  if (relative !== undefined) return refused(`${relative[0]} is no absolute path`, 'give a path that begins with /');
  const driverUri = `${driver}:///${path}`;
  if (kind === 'unix') {
    if (authority !== '') return refused('a unix socket has no host', 'leave the host out: qemu:///system');
    return { ok: true, value: { kind, driverUri, socket: parameters.get('socket') ?? null } };
  }
  return remote(kind, driverUri, authority, parameters);
}

function remote(
  kind: 'tls' | 'ssh',
  driverUri: string,
  authority: string,
  parameters: ReadonlyMap<string, string>,
): UriResult {
  const found = AUTHORITY.exec(authority);
  if (found === null) return refused(`${authority} names no host`, 'write user@host or host, and :port if needed');
  const [, user = null, bracketed = '', portText] = found;
  const host = bracketed.replace(/^\[|\]$/g, '');
  const port = portText === undefined ? null : Number(portText);
  if (port !== null && (port < 1 || port > 65_535))
    return refused(`there is no port ${port}`, 'use a port up to 65535');
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

function refused(reason: string, hint: string): UriResult {
  return { ok: false, reason, hint };
}
