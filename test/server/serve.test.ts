import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/server/metrics.js';
import { serve, type RunningServer } from '../../src/server/serve.js';

const running: RunningServer[] = [];

async function start(probes: { healthy: boolean; ready: boolean }): Promise<RunningServer> {
  const metrics = createMetrics();
  metrics.planned(0.2);
  const server = await serve({
    port: 0,
    metrics,
    probes: { healthy: () => probes.healthy, ready: () => probes.ready },
  });
  running.push(server);
  return server;
}

afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
});

describe('the health and metrics server', () => {
  it('listens on loopback unless told otherwise', async () => {
    expect((await start({ healthy: true, ready: true })).url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it.each([
    { path: '/healthz', state: { healthy: true, ready: false }, status: 200, reason: 'the loop runs' },
    { path: '/healthz', state: { healthy: false, ready: true }, status: 503, reason: 'the loop has stopped' },
    { path: '/readyz', state: { healthy: true, ready: false }, status: 503, reason: 'no pass has ended' },
    { path: '/readyz?verbose', state: { healthy: true, ready: true }, status: 200, reason: 'a pass has ended' },
    { path: '/metrics', state: { healthy: true, ready: true }, status: 200, reason: 'metrics are always there' },
    { path: '/secret', state: { healthy: true, ready: true }, status: 404, reason: 'nothing else is served' },
    { path: '/..%2f..%2fetc/passwd', state: { healthy: true, ready: true }, status: 404, reason: 'no files at all' },
  ])('answers $status to $path when $reason', async ({ path, state, status }) => {
    const { url } = await start(state);
    expect((await fetch(`${url}${path}`)).status).toBe(status);
  });

  it('refuses methods that could change something', async () => {
    const { url } = await start({ healthy: true, ready: true });
    expect((await fetch(`${url}/metrics`, { method: 'POST', body: 'x' })).status).toBe(405);
  });

  it('closes at once even when a client keeps its connection open', async () => {
    const server = await start({ healthy: true, ready: true });
    const idle = request(`${server.url}/healthz`);
    idle.on('error', () => undefined);
    idle.flushHeaders();
    await new Promise((resolve) => idle.once('socket', (socket) => socket.once('connect', resolve)));
    await server.close();
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  });
});
