import { describe, expect, it } from 'vitest';
import type { Connection } from '../../../../src/drivers/libvirt/rpc/connection.js';
import { ConnectFailed } from '../../../../src/drivers/libvirt/rpc/error.js';
import { Reconnector } from '../../../../src/drivers/libvirt/rpc/reconnect.js';
import type { ConnectionState } from '../../../../src/drivers/libvirt/rpc/reconnect.js';
import { echo, Peer } from './peer.js';

interface Attempts {
  readonly reconnector: Reconnector;
  readonly states: ConnectionState[];
  readonly peers: Peer[];
  attached: number;
  /** How many of the next attempts fail. */
  failing: number;
}

function attempts(backoff = { firstMs: 1, longestMs: 8, random: () => 1 }): Attempts {
  const states: ConnectionState[] = [];
  const peers: Peer[] = [];
  const open = (): Promise<Connection> => {
    if (result.failing > 0) {
      result.failing -= 1;
      return Promise.reject(new ConnectFailed('refused', ''));
    }
    const peer = new Peer();
    peers.push(peer);
    return Promise.resolve(peer.connect());
  };
  const reconnector = new Reconnector(
    {
      open,
      onMessage: () => undefined,
      attach: () => {
        result.attached += 1;
        return Promise.resolve();
      },
      detach: () => undefined,
      onState: (state) => states.push(state),
    },
    backoff,
    () => 1000,
  );
  const result: Attempts = { reconnector, states, peers, attached: 0, failing: 0 };
  return result;
}

/** Resolves when there are so many peers. */
async function peerNumber(of: Attempts, number: number): Promise<Peer> {
  for (;;) {
    const peer = of.peers[number - 1];
    if (peer !== undefined) return peer;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Closes it, with a daemon that hangs up at once. */
async function end(of: Attempts): Promise<void> {
  const closed = of.reconnector.close();
  of.peers.at(-1)?.end();
  await closed;
}

describe('a connection that comes back', () => {
  it('tries again, later each time up to a limit, until it works', async () => {
    const of = attempts();
    of.failing = 5;
    expect(await of.reconnector.start()).toMatchObject({ kind: 'connectFailed' });
    await peerNumber(of, 1);
    const delays = of.states.flatMap((state) => (state.kind === 'down' ? [state.retryInMs] : []));
    expect(delays).toEqual([1, 2, 4, 8, 8]);
    await end(of);
  });

  it('prepares each new connection before a call goes over it', async () => {
    const of = attempts();
    expect(await of.reconnector.start()).toBeNull();
    (await peerNumber(of, 1)).end();
    const peer = await peerNumber(of, 2);
    const call = of.reconnector.call(echo, 1);
    await peer.answer(0, (w) => w.int(1));
    expect(await call).toBe(1);
    expect(of.attached).toBe(2);
    await end(of);
  });

  it('never makes a call again that was under way when it ended', async () => {
    const of = attempts();
    await of.reconnector.start();
    const peer = await peerNumber(of, 1);
    const call = of.reconnector.call(echo, 1);
    await peer.frames(1);
    peer.end();
    await expect(call).rejects.toMatchObject({ kind: 'connectionLost', delivered: true });
    expect((await peerNumber(of, 2)).received).toEqual([]);
    await end(of);
  });

  it('lets a call wait for it, within the deadline of the call', async () => {
    const of = attempts({ firstMs: 30, longestMs: 30, random: () => 1 });
    of.failing = 1;
    await of.reconnector.start();
    const late = of.reconnector.call(echo, 1, { deadlineMs: 1 });
    await expect(late).rejects.toMatchObject({ kind: 'deadlineExceeded', delivered: false });
    const controller = new AbortController();
    const aborted = of.reconnector.call(echo, 1, { signal: controller.signal });
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ kind: 'callAborted', delivered: false });
    const patient = of.reconnector.call(echo, 7);
    await (await peerNumber(of, 1)).answer(0, (w) => w.int(7));
    expect(await patient).toBe(7);
    await end(of);
  });

  it('ends for good when it is closed: calls are rejected, no attempt follows', async () => {
    const of = attempts({ firstMs: 10_000, longestMs: 10_000, random: () => 1 });
    of.failing = 1;
    await of.reconnector.start();
    const waiting = of.reconnector.call(echo, 1);
    await of.reconnector.close();
    await expect(waiting).rejects.toMatchObject({ kind: 'connectionLost', delivered: false });
    await expect(of.reconnector.call(echo, 1)).rejects.toMatchObject({ kind: 'connectionLost', delivered: false });
    await new Promise((resolve) => setImmediate(resolve));
    expect(of.states.at(-1)).toEqual({ kind: 'closed' });
    expect(of.peers).toEqual([]);
  });
});
