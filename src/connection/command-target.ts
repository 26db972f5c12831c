import { parseLibvirtUri, type LibvirtUri } from './libvirt-uri.js';

/** Where commands for a host run. */
export type CommandTarget = { readonly kind: 'local' } | Extract<LibvirtUri, { readonly kind: 'ssh' }>;

/** The target, or what is wrong with it. */
export type TargetResult =
  | { readonly ok: true; readonly value: CommandTarget }
  | { readonly ok: false; readonly reason: string; readonly hint: string };

const HINT = 'write local, or an address such as ssh://root@host';

/** Reads `local` or `ssh://user@host:port`, with `?keyfile=` and `known_hosts=` as in libvirt's addresses. */
export function parseCommandTarget(text: string): TargetResult {
  if (text === 'local') return { ok: true, value: { kind: 'local' } };
  const [, authority, query = ''] = /^ssh:\/\/([^/?#]+)\/?(\?[^#]*)?$/.exec(text) ?? [];
  if (authority === undefined) return { ok: false, reason: 'commands can run neither here nor by ssh so', hint: HINT };
  // The parts mean what they mean in libvirt's own addresses, so they are checked by the same code.
  const uri = parseLibvirtUri(`qemu+ssh://${authority}/system${query}`);
  if (!uri.ok) return { ok: false, reason: uri.reason, hint: HINT };
  return uri.value.kind === 'ssh'
    ? { ok: true, value: uri.value }
    : { ok: false, reason: 'commands can run neither here nor by ssh so', hint: HINT };
}
