import type { ChildProcess } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Credentials } from './location.js';
import { createServer } from 'node:http';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { refuse } from './refuse.js';

export interface ServerOptions {
  /** Folder whose bare repositories are served: `<url>/name.git`. */
  readonly root: string;
  /** Asked of everybody when given. */
  readonly credentials?: Credentials;
  /** Any free one when not given. */
  readonly port?: number;
}

export interface RepositoryServer {
  /** Without trailing slash. */
  readonly url: string;
  /** Ends all requests and their processes, and returns when they are gone. */
  readonly close: () => Promise<void>;
}

/**
 * Serves the repositories of a folder over git's smart HTTP protocol, on the loopback interface alone, to read and to write: `git http-backend` behind
 * node's server. It is meant for the demo and for tests. It does not keep the process alive.
 */
export async function serveRepositories({
  root,
  credentials,
  port: wanted = 0,
}: ServerOptions): Promise<RepositoryServer> {
  await requireGit();
  const running = new Map<ChildProcess, Promise<unknown>>();
  const server = createServer((request, response) => {
    if (credentials !== undefined && !isAuthorized(request, credentials)) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    const path = pathOf(request);
    if (path === null) {
      response.writeHead(400).end();
      return;
    }
    const env = environment(root, path, request);
    const backend = spawn('git', ['-c', 'safe.directory=*', 'http-backend'], { env });
    running.set(
      backend,
      once(backend, 'close').then(() => running.delete(backend)),
    );
    answer(request, response, backend);
  });
  server.listen(wanted, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      for (const backend of running.keys()) end(backend);
      await Promise.all([closed, ...running.values()]);
    },
  };
}

/** Asks a process to end; git then ends what it has started, and waits for it. A kill would leave those behind. */
function end(backend: ChildProcess): void {
  backend.stdin?.destroy();
  backend.kill('SIGTERM');
}

async function requireGit(): Promise<void> {
  try {
    await promisify(execFile)('git', ['--exec-path']);
  } catch {
    refuse('GitMissing', 'The program `git` cannot be run; it serves the repository', {
      hint: 'Install git and put it on the PATH.',
    });
  }
}

/** The decoded path of the request, null when it cannot be one. */
function pathOf(request: IncomingMessage): string | null {
  try {
    const path = decodeURIComponent((request.url ?? '/').replace(/\?.*$/s, ''));
    return path.includes('\0') ? null : path;
  } catch {
    return null;
  }
}

/** The CGI variables. Nothing of the user's environment or configuration takes part. */
function environment(root: string, path: string, request: IncomingMessage): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_PROTOCOL: header(request, 'git-protocol'),
    REQUEST_METHOD: request.method,
    PATH_INFO: path,
    QUERY_STRING: /\?(.*)$/s.exec(request.url ?? '')?.[1] ?? '',
    CONTENT_TYPE: header(request, 'content-type'),
    CONTENT_LENGTH: header(request, 'content-length'),
    HTTP_CONTENT_ENCODING: header(request, 'content-encoding'),
    // Only a named user may push.
    REMOTE_USER: 'berth',
    REMOTE_ADDR: '127.0.0.1',
  };
}

function header(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}

function isAuthorized(request: IncomingMessage, { username, password }: Credentials): boolean {
  const expected = Buffer.from(`${username}:${password}`).toString('base64');
  return request.headers.authorization === `Basic ${expected}`;
}

/** Sends the request's body to the process, and its answer, whose head is in CGI form, back. */
function answer(request: IncomingMessage, response: ServerResponse, backend: ReturnType<typeof spawn>): void {
  const { stdin, stdout } = backend;
  if (stdin === null || stdout === null) return;
  request.pipe(stdin);
  stdin.on('error', () => undefined);
  backend.on('error', () => response.destroy());
  response.on('close', () => {
    if (!response.writableFinished) end(backend);
  });
  let head = Buffer.alloc(0);
  const readHead = (chunk: Buffer): void => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) return;
    stdout.off('data', readHead);
    stdout.pause();
    writeHead(response, head.toString('latin1', 0, end));
    response.write(head.subarray(end + 4));
    stdout.pipe(response);
  };
  stdout.on('data', readHead);
  backend.on('close', () => {
    if (!response.headersSent) response.writeHead(500);
    response.end();
  });
}

function writeHead(response: ServerResponse, head: string): void {
  let status = 200;
  for (const line of head.split('\r\n')) {
    const [, name = '', value = ''] = /^([^:]+): *(.*)$/.exec(line) ?? [];
    if (name.toLowerCase() === 'status') status = parseInt(value, 10);
    else if (name !== '') response.setHeader(name, value);
  }
  response.writeHead(status);
}
