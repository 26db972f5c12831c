import { readAuthority, readParts, refused, type UriResult } from './libvirt-uri.js';

/** Transports by which libvirt's own library reaches another host. */
const TRANSPORTS = ['tls', 'tcp', 'ssh', 'libssh', 'libssh2'];

/**
 * Checks a URI under which the daemon of one host reaches that of another. libvirt's own library reads it there: it has transports that
 * this client does not have, and it speaks SASL, so that even TCP can prove who connects.
 */
export function parsePeerUri(text: string): UriResult<string> {
  const parts = readParts(text);
  if (!parts.ok) return parts;
  const { transport, authority } = parts.value;
  if (transport === 'unix') return refused(ITSELF, HINT);
  if (!TRANSPORTS.includes(transport))
    return refused(`the transport ${transport} is not supported`, `use one of ${TRANSPORTS.join(', ')}`);
  const read = readAuthority(authority);
  if (!read.ok) return read;
  return isLoopback(read.value.host) ? refused(ITSELF, HINT) : { ok: true, value: text };
}

/** Parameters that are paths on the computer that connects. */
const PATHS = ['pkipath', 'keyfile', 'known_hosts'];

/**
 * The URI under which other hosts' daemons reach the host that is reached from here by `uri`: the same without paths of this computer, which
 * have other files there, or none.
 */
export function defaultPeerUri(uri: string): string {
  const [address = '', ...query] = uri.split('?');
  const parameters = query.join('?').split('&');
  const kept = parameters.filter((part) => part !== '' && !PATHS.includes(parameterName(part)));
  return kept.length === 0 ? address : `${address}?${kept.join('&')}`;
}

function parameterName(part: string): string {
  return [...new URLSearchParams(part).keys()][0] ?? '';
}

const ITSELF = 'it leads the daemon of another host to itself';
const HINT = 'write an address that other hosts have for this one, such as qemu+tls://host/system';

/** Whether this is what any host calls itself. */
export function isLoopback(host: string): boolean {
  return /^(localhost(\.localdomain)?|ip6-localhost|127\.[0-9.]+|::1)$/i.test(host);
}
