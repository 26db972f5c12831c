import http from 'node:http';
import https from 'node:https';
import type { Credentials } from './location.js';
import type { IncomingMessage } from 'node:http';
import type { RepositoryLimits } from './limits.js';
import { printable, refuse, repositoryError } from './refuse.js';
import type { RepositoryError } from '../ports/index.js';

export type Service = 'git-upload-pack' | 'git-receive-pack';

/** The two requests of git's smart HTTP protocol to one repository. Each ends by its deadline, below its size, at the host it was sent to. */
export interface Transport {
  /** Address without credentials. */
  readonly url: string;
  /** The advertisement of refs. */
  discover(service: Service): Promise<Buffer>;
  call(service: Service, body: Buffer): Promise<Buffer>;
}

/** Opens a transport. It keeps no connection: servers close idle ones after seconds, and a poll needs one or two requests. */
export function openTransport(url: string, credentials: Credentials | null, limits: RepositoryLimits): Transport {
  const agent = url.startsWith('https:') ? new https.Agent() : new http.Agent();
  const authorization = credentials === null ? {} : { authorization: basic(credentials) };
  return {
    url,
    discover: (service) =>
      send({
        url: `${url}/info/refs?service=${service}`,
        options: { agent, method: 'GET', headers: { ...authorization, 'cache-control': 'no-cache' } },
        body: null,
        answerType: `application/x-${service}-advertisement`,
        limits,
      }),
    call: (service, body) =>
      send({
        url: `${url}/${service}`,
        options: {
          agent,
          method: 'POST',
          headers: {
            ...authorization,
            'content-type': `application/x-${service}-request`,
            accept: `application/x-${service}-result`,
            'content-length': body.length,
          },
        },
        body,
        answerType: `application/x-${service}-result`,
        limits,
      }),
  };
}

interface Request {
  readonly url: string;
  readonly options: http.RequestOptions;
  readonly body: Buffer | null;
  readonly answerType: string;
  readonly limits: RepositoryLimits;
}

function send({ url, options, body, answerType, limits }: Request): Promise<Buffer> {
  const shown = url.replace(/\?.*$/, '').replace(/\/(info\/refs|git-\w+-pack)$/, '');
  return new Promise((resolve, reject) => {
    const fail = (error: RepositoryError): void => {
      clearTimeout(deadline);
      reject(error);
      request.destroy();
    };
    const deadline = setTimeout(() => {
      fail(
        repositoryError('RepositoryTimeout', `${shown} gave no whole answer within ${limits.requestMs} ms`, waiting),
      );
    }, limits.requestMs);
    const request = (url.startsWith('https:') ? https : http).request(url, { ...options, maxHeaderSize: 32 * 1024 });
    request.on('error', (error: NodeJS.ErrnoException) => {
      fail(
        repositoryError(
          'RepositoryUnreachable',
          `${shown} cannot be reached (${error.code ?? 'connection lost'})`,
          waiting,
        ),
      );
    });
    request.on('response', (response) => {
      const refusal = refusalOf(response, shown, answerType);
      if (refusal !== null) {
        fail(refusal);
        return;
      }
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > limits.packBytes) {
          fail(repositoryError('PackTooLarge', `${shown} sends more than ${limits.packBytes} bytes`));
        } else {
          chunks.push(chunk);
        }
      });
      response.on('error', () => {
        fail(repositoryError('RepositoryUnreachable', `${shown} broke off its answer`, waiting));
      });
      response.on('end', () => {
        clearTimeout(deadline);
        resolve(Buffer.concat(chunks));
      });
    });
    request.end(body ?? undefined);
  });
}

const waiting = { answer: 'wait' } as const;

/** What a response says instead of an answer; its body is never looked at, it may hold anything. */
function refusalOf(response: IncomingMessage, shown: string, answerType: string): RepositoryError | null {
  const status = response.statusCode ?? 0;
  if (status === 200) {
    const type = (response.headers['content-type'] ?? '').split(';')[0]?.trim();
    if (type === answerType) return null;
    return repositoryError('NotAGitServer', `${shown} does not answer as a git server`, {
      hint: 'Check the address; a sign-in page in between answers like this too.',
    });
  }
  if (status >= 300 && status < 400) {
    return repositoryError('RedirectRefused', `${shown} redirects to ${target(response, shown)}`, {
      hint: 'If you trust that address, write it as the location of the repository.',
    });
  }
  if (status === 401 || status === 403) {
    return repositoryError('AuthenticationFailed', `${shown} refuses access (HTTP ${status})`, {
      hint: 'Check the credentials and what they may do.',
    });
  }
  if (status === 404) return repositoryError('RepositoryMissing', `${shown} is not there (HTTP 404)`);
  return repositoryError('RepositoryUnreachable', `${shown} answers HTTP ${status}`, waiting);
}

function target(response: IncomingMessage, shown: string): string {
  const location = response.headers.location ?? '';
  if (!URL.canParse(location, shown)) return 'nowhere';
  const url = new URL(location, shown);
  return printable(`${url.origin}${url.pathname.replace(/\/(info\/refs|git-\w+-pack)$/, '')}`);
}

function basic({ username, password }: Credentials): string {
  if (/[:\p{Cc}]/u.test(username) || /\p{Cc}/u.test(password)) {
    refuse('BadCredentials', 'The user name or password for the repository contains characters that HTTP cannot carry');
  }
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}
