import { parsePktLines } from './pkt-line.js';
import { refuse } from './refuse.js';
import type { Service, Transport } from './transport.js';

export interface RemoteRefs {
  readonly refs: ReadonlyMap<string, string>;
  readonly capabilities: readonly string[];
  /** Branch that the remote's HEAD points to, null when it does not tell. */
  readonly head: string | null;
}

/** What refs a remote has now. */
export async function remoteRefs(transport: Transport, service: Service): Promise<RemoteRefs> {
  const lines = parsePktLines(await transport.discover(service));
  if (lines?.[0]?.toString('utf8').trim() !== `# service=${service}`) return notGit(transport);
  const refs = new Map<string, string>();
  let capabilities: readonly string[] = [];
  for (const line of lines.slice(1)) {
    if (line === null) continue;
    const [entry = '', extra] = line.toString('utf8').replace(/\n$/, '').split('\0');
    if (extra !== undefined) capabilities = extra.trim().split(' ');
    const match = /^([0-9a-f]{40}) (\S+)$/.exec(entry);
    if (match === null) return notGit(transport);
    if (match[2] !== 'capabilities^{}') refs.set(match[2] ?? '', match[1] ?? '');
  }
  const head = capabilities.find((capability) => capability.startsWith('symref=HEAD:'));
  return { refs, capabilities, head: head?.slice('symref=HEAD:'.length) ?? null };
}

function notGit(transport: Transport): never {
  return refuse(
    'BadServerAnswer',
    `${transport.url} does not speak git's protocol, or its repository is not of SHA-1`,
    {
      answer: 'wait',
    },
  );
}
