import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Connection, CONNECTION_DEFAULTS } from '../../../../src/drivers/libvirt/rpc/connection.js';
import { encodeFrame } from '../../../../src/drivers/libvirt/rpc/frame.js';
import { echo, Peer } from './peer.js';

const KEEPALIVE = 0x6b656570;
const keepalive = (procedure: number) =>
  encodeFrame({ program: KEEPALIVE, version: 1, procedure, type: 2, serial: 0, status: 0 }, Buffer.alloc(0));

describe('keepalive', () => {
  it('answers pings, also those that come amid calls', async () => {
    const peer = new Peer();
    const connection = peer.connect();
    const call = connection.call(echo, 4);
    await peer.frames(1);
    peer.send(keepalive(1));
    const [, pong] = await peer.frames(2);
    expect(pong?.header).toEqual({ program: KEEPALIVE, version: 1, procedure: 2, type: 2, serial: 0, status: 0 });
    await peer.answer(0, (w) => w.int(4));
    expect(await call).toBe(4);
  });

  it('pings a silent peer, and takes one that stays silent for dead', async () => {
    const peer = new Peer();
    const connection = peer.connect({ keepalive: { intervalMs: 5, misses: 3 } });
    connection.watchPeer();
    const call = connection.call(echo, 1);
    await expect(call).rejects.toMatchObject({ kind: 'connectionLost', delivered: true });
    const pings = peer.received.filter((frame) => frame.header.program === KEEPALIVE);
    expect(pings.map((frame) => frame.header.procedure)).toEqual([1, 1, 1]);
  });

  it('leaves a peer alone that answers pings', async () => {
    const peer = new Peer();
    const connection = peer.connect({ keepalive: { intervalMs: 5, misses: 2 } });
    connection.watchPeer();
    for (let count = 1; count <= 6; count++) {
      await peer.frames(count);
      peer.send(keepalive(2));
    }
    const call = connection.call(echo, 1);
    const frames = await peer.frames(7);
    const index = frames.findIndex((frame) => frame.header.procedure === echo.number);
    await peer.answer(index < 0 ? 7 : index, (w) => w.int(1));
    expect(await call).toBe(1);
    connection.close();
  });

  it('ends the connection after a frame that is neither ping nor pong', async () => {
    const peer = new Peer();
    const connection = peer.connect();
    peer.send(keepalive(3));
    expect(await connection.closed).toMatchObject({ kind: 'protocolViolation' });
  });

  it('does not fill its memory with answers to a peer that only pings', async () => {
    const output = new Writable({ write: () => undefined });
    const input = new PassThrough();
    const channel = { input, output, close: () => undefined, diagnosis: () => '' };
    const connection = new Connection(channel, CONNECTION_DEFAULTS, () => undefined);
    const pings = Buffer.concat(Array<Buffer>(1000).fill(keepalive(1)));
    for (let round = 0; round < 100; round++) {
      input.write(pings);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(output.writableLength).toBeLessThan(1024 * 1024 + 100);
    connection.close();
  });
});
