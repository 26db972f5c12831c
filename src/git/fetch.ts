import * as git from 'isomorphic-git';
import { RepositoryError } from '../ports/index.js';
import type { Transport } from './transport.js';
import { fileSystem as fs } from './file-system.js';
import { openObjects } from './objects.js';
import { repositoryError } from './refuse.js';

interface Fetch {
  readonly transport: Transport;
  readonly gitdir: string;
  readonly ref: string;
  /** Commits of history; null: all that is new since the last fetch. */
  readonly depth: number | null;
}

/** Makes an empty git folder for {@link fetchBranch}. */
export async function createMirrorFolder(gitdir: string, url: string): Promise<void> {
  await git.init({ fs, bare: true, gitdir, dir: gitdir, defaultBranch: 'none' });
  await git.addRemote({ fs, gitdir, remote: 'origin', url });
}

/** Brings a branch into a git folder and answers with its commit. The local ref moves last, when the commit and its tree can be read. */
export async function fetchBranch({ transport, gitdir, ref, depth }: Fetch): Promise<string> {
  try {
    const { fetchHead } = await git.fetch({
      fs,
      http: httpClient(transport),
      gitdir,
      url: transport.url,
      remote: 'origin',
      ref,
      remoteRef: ref,
      singleBranch: true,
      tags: false,
      ...(depth === null ? {} : { depth }),
    });
    if (fetchHead === null) throw unusable(transport);
    const objects = openObjects(gitdir);
    const commit = await objects.commit(fetchHead);
    if (commit === null) throw unusable(transport);
    await objects.tree(commit.tree);
    await git.writeRef({ fs, gitdir, ref, value: fetchHead, force: true });
    return fetchHead;
  } catch (error) {
    // What the library throws may hold the server's page.
    throw error instanceof RepositoryError ? error : unusable(transport);
  }
}

function unusable(transport: Transport): RepositoryError {
  return repositoryError('BadServerAnswer', `${transport.url} sent no usable pack of git objects`, { answer: 'wait' });
}

/** The library builds the requests; deadlines, size, redirects and credentials are the transport's. */
function httpClient(transport: Transport): git.HttpClient {
  return {
    request: async ({ url, method = 'GET', body }) => {
      const isPost = method === 'POST';
      const answer = isPost
        ? await transport.call('git-upload-pack', await collect(body ?? one(Buffer.alloc(0))))
        : await transport.discover('git-upload-pack');
      const type = `application/x-git-upload-pack-${isPost ? 'result' : 'advertisement'}`;
      return {
        url,
        method,
        statusCode: 200,
        statusMessage: 'OK',
        headers: { 'content-type': type },
        body: one(answer),
      };
    },
  };
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
