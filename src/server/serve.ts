import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from './metrics.js';

/** What the probes ask about the daemon. */
export interface Probes {
  /** False when the loop no longer runs: a supervisor should restart the process. */
  healthy(): boolean;
  /** True once a first pass has ended: there is something to look at. */
  ready(): boolean;
}

/** A running server; `close` ends open connections as well. */
export interface RunningServer {
  readonly url: string;
  close(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 10_000;

/** Serves `/healthz`, `/readyz` and `/metrics`, read-only, on loopback unless `host` says otherwise. Port 0 takes a free one. */
export async function serve(options: {
  readonly host?: string;
  readonly port: number;
  readonly metrics: Metrics;
  readonly probes: Probes;
}): Promise<RunningServer> {
  const server = createServer((request, response) => {
    answer(request, response, options.metrics, options.probes).catch(() => {
      response.writeHead(500).end('internal error\n');
    });
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = REQUEST_TIMEOUT_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host ?? '127.0.0.1', resolve);
  });
  const { address, family, port } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  metrics: Metrics,
  probes: Probes,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  const path = (request.url ?? '').replace(/\?.*$/s, '');
  switch (path) {
    case '/healthz':
      plain(response, probes.healthy(), 'ok', 'the reconcile loop has stopped');
      return;
    case '/readyz':
      plain(response, probes.ready(), 'ready', 'no pass has ended yet');
      return;
    case '/metrics': {
      const { text, contentType } = await metrics.expose();
      response.writeHead(200, { 'content-type': contentType }).end(text);
      return;
    }
    default:
      response.writeHead(404).end('not found\n');
  }
}

function plain(response: ServerResponse, good: boolean, yes: string, no: string): void {
  response.writeHead(good ? 200 : 503, { 'content-type': 'text/plain' }).end(`${good ? yes : no}\n`);
}
