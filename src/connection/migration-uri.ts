import { isLoopback } from './peer-uri.js';
import { readAuthority } from './libvirt-uri.js';

/** What is wrong with an address that QEMU is to send memory to, such as `tcp://10.0.0.1`; null: nothing. */
export function migrationUriFault(text: string): { readonly reason: string; readonly hint: string } | null {
  const hint = 'write it like tcp://10.0.0.1, with :port if needed';
  const [, authority] = /^(?:tcp|rdma):\/\/([^/?#]+)\/?$/.exec(text) ?? [];
  if (authority === undefined) return { reason: 'this is no address for memory', hint };
  const read = readAuthority(authority);
  if (!read.ok) return { reason: read.reason, hint };
  if (read.value.user !== null) return { reason: 'nobody logs in there, so there is no user', hint };
  if (isLoopback(read.value.host)) return { reason: 'it leads another host to itself', hint };
  return null;
}
