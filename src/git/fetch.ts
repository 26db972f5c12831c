import * as git from 'isomorphic-git';
import { FLUSH, pktLine } from './pkt-line.js';
import type { RemoteRefs } from './remote-refs.js';
import type { RepositoryLimits } from './limits.js';
import { checkPack } from './pack-check.js';
import { RepositoryError } from '../ports/index.js';
import type { Transport } from './transport.js';
import { fileSystem as fs } from './file-system.js';
import { openObjects } from './objects.js';
import { repositoryError } from './refuse.js';

interface Fetch {
  readonly transport: Transport;
  readonly gitdir: string;
  readonly ref: string;
  /** What the remote advertised a moment ago. */
  readonly remote: RemoteRefs;
  readonly tip: string;
  /** Commits of history; null: all that is new since the last fetch. */
  readonly depth: number | null;
  readonly limits: RepositoryLimits;
}

/** Makes an empty git folder for {@link fetchBranch}. */
export async function createMirrorFolder(gitdir: string, url: string): Promise<void> {
  await git.init({ fs, bare: true, gitdir, dir: gitdir, defaultBranch: 'none' });
  await git.addRemote({ fs, gitdir, remote: 'origin', url });
}

/** Brings a branch into a git folder and answers with its commit, the `tip`. The local ref moves last, when the commit and its tree can be read. */
export async function fetchBranch({ transport, gitdir, ref, remote, tip, depth, limits }: Fetch): Promise<string> {
  try {
    const { fetchHead } = await git.fetch({
      fs,
      http: httpClient(transport, limits, advertisement(remote.capabilities, ref, tip)),
      gitdir,
      url: transport.url,
      remote: 'origin',
      ref,
      remoteRef: ref,
      singleBranch: true,
      tags: false,
      ...(depth === null ? {} : { depth }),
    });
    const objects = openObjects(gitdir);
    const commit = fetchHead === tip ? await objects.commit(tip) : null;
    if (commit === null) throw unusable(transport);
    await objects.tree(commit.tree);
    await git.writeRef({ fs, gitdir, ref, value: tip, force: true });
    return tip;
  } catch (error) {
    // What the library throws may hold the server's page.
    throw error instanceof RepositoryError ? error : unusable(transport);
  }
}

function unusable(transport: Transport): RepositoryError {
  return repositoryError('BadServerAnswer', `${transport.url} sent no usable pack of git objects`, { answer: 'wait' });
}

/** The library builds the request; deadlines, size, redirects and credentials are the transport's. */
function httpClient(transport: Transport, limits: RepositoryLimits, advertised: Buffer): git.HttpClient {
  return {
    request: async ({ url, method = 'GET', body }) => {
      const isPost = method === 'POST';
      const answer = isPost ? await transport.call(SERVICE, await collect(body ?? one(Buffer.alloc(0)))) : advertised;
      if (isPost) checkPack(answer, limits, transport.url);
      const headers = { 'content-type': `application/x-${SERVICE}-${isPost ? 'result' : 'advertisement'}` };
      return { url, method, statusCode: 200, statusMessage: 'OK', headers, body: one(answer) };
    },
  };
}

const SERVICE = 'git-upload-pack';

/**
 * An advertisement of the one branch alone, so that what is fetched is what was seen, and so that the library, which cannot fetch from a remote
 * whose HEAD leads nowhere, finds one.
 */
function advertisement(capabilities: readonly string[], ref: string, tip: string): Buffer {
  const usable = capabilities.filter((capability) => !capability.startsWith('symref='));
  const head = `${tip} HEAD\0${[...usable, `symref=HEAD:${ref}`].join(' ')}\n`;
  const lines = [pktLine(`# service=${SERVICE}\n`), FLUSH, pktLine(head), pktLine(`${tip} ${ref}\n`), FLUSH];
  return Buffer.from(lines.join(''), 'utf8');
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
