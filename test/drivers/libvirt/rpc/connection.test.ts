import { describe, expect, it } from 'vitest';
import { replyTo, echo, Peer, slowEcho, writeFailure } from './peer.js';

/** Lets everything that can go on without the peer go on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('calls over one connection', () => {
  it('are answered in any order', async () => {
    const peer = new Peer();
    const connection = peer.connect();
    const calls = [1, 2, 3].map((value) => connection.call(echo, value));
    for (const index of [2, 0, 1]) await peer.answer(index, (w) => w.int(10 + index));
    expect(await Promise.all(calls)).toEqual([10, 11, 12]);
  });

  it('reject with the code, the part and the words of the daemon', async () => {
    const peer = new Peer();
    const call = peer.connect().call(echo, 1);
    const [frame] = await peer.frames(1);
    if (frame !== undefined) peer.send(replyTo(frame.header, (w) => writeFailure(w, 42, 'no such domain'), 1));
    await expect(call).rejects.toMatchObject({
      kind: 'libvirt',
      code: 42,
      codeName: 'noDomain',
      domain: 10,
      level: 'error',
      message: 'no such domain',
    });
  });

  it('wait in their lane while it is full, so that long calls leave room for others', async () => {
    const peer = new Peer();
    const connection = peer.connect({ inFlight: { quick: 3, slow: 1, long: 1 } });
    const calls = [
      ...[0, 1, 2, 3, 4].map((value) => connection.call(echo, value)),
      ...[5, 6].map((value) => connection.call(slowEcho, value)),
    ];
    await settled();
    expect(peer.received.map((frame) => frame.payload.readInt32BE())).toEqual([0, 1, 2, 5]);
    await peer.answer(3, (w) => w.int(5));
    await peer.answer(1, (w) => w.int(1));
    await settled();
    expect(peer.received.map((frame) => frame.payload.readInt32BE())).toEqual([0, 1, 2, 5, 6, 3]);
    for (const index of [0, 2, 4, 5]) await peer.answer(index, (w) => w.int(0));
    await peer.answer(6, (w) => w.int(0));
    expect(await Promise.all(calls)).toEqual([0, 1, 0, 0, 0, 5, 0]);
  });

  it('end at their deadline, and what comes later is dropped', async () => {
    const peer = new Peer();
    const connection = peer.connect();
    const late = connection.call(echo, 1, { deadlineMs: 5 });
    await expect(late).rejects.toMatchObject({ kind: 'deadlineExceeded', delivered: true });
    await peer.answer(0, (w) => w.int(1));
    const next = connection.call(echo, 2);
    await peer.answer(1, (w) => w.int(2));
    expect(await next).toBe(2);
  });

  it('that end in the queue were never delivered', async () => {
    const peer = new Peer();
    const connection = peer.connect({ inFlight: { quick: 1, slow: 1, long: 1 } });
    const first = connection.call(echo, 1);
    const waiting = connection.call(echo, 2, { deadlineMs: 5 });
    await expect(waiting).rejects.toMatchObject({ kind: 'deadlineExceeded', delivered: false });
    await peer.answer(0, (w) => w.int(1));
    expect(await first).toBe(1);
    const last = connection.call(echo, 3);
    await peer.answer(1, (w) => w.int(3));
    expect(await last).toBe(3);
    expect(peer.received.map((frame) => frame.payload.readInt32BE())).toEqual([1, 3]);
  });

  it('end when their signal aborts, before and after they were sent', async () => {
    const peer = new Peer();
    const connection = peer.connect();
    const controller = new AbortController();
    const under = connection.call(echo, 1, { signal: controller.signal });
    await peer.frames(1);
    controller.abort(new Error('not wanted any more'));
    await expect(under).rejects.toMatchObject({ kind: 'callAborted', delivered: true });
    const after = connection.call(echo, 2, { signal: controller.signal });
    await expect(after).rejects.toMatchObject({ kind: 'callAborted', delivered: false });
    expect(peer.received).toHaveLength(1);
  });

  it('are refused when an argument cannot be sent, and the connection goes on', async () => {
    const peer = new Peer();
    const connection = peer.connect();
    await expect(connection.call(echo, 2 ** 40)).rejects.toMatchObject({ kind: 'refusedArgument', delivered: false });
    const next = connection.call(echo, 2);
    await peer.answer(0, (w) => w.int(2));
    expect(await next).toBe(2);
  });
});

describe('a connection that ends', () => {
  it.each([
    { how: 'the peer closes it', end: (peer: Peer) => peer.end() },
    { how: 'it breaks', end: (peer: Peer) => peer.fail(new Error('ECONNRESET')) },
    { how: 'this side closes it', end: (_: Peer, close: () => void) => close() },
  ])('rejects every call when $how, and says which may have had an effect', async ({ end }) => {
    const peer = new Peer();
    const connection = peer.connect({ inFlight: { quick: 1, slow: 1, long: 1 } });
    const calls = [connection.call(echo, 1), connection.call(echo, 2)];
    await peer.frames(1);
    end(peer, () => connection.close());
    const results = await Promise.allSettled([...calls, connection.closed.then(() => connection.call(echo, 3))]);
    expect(results).toMatchObject([
      { reason: { kind: 'connectionLost', delivered: true } },
      { reason: { kind: 'connectionLost', delivered: false } },
      { reason: { kind: 'connectionLost', delivered: false } },
    ]);
    expect(peer.closed).toBe(true);
    expect(await connection.closed).toMatchObject({ kind: 'connectionLost' });
  });

  const call = { program: 0x20008086, version: 1, procedure: echo.number, type: 1, serial: 1, status: 0 };
  it.each([
    { what: 'an answer that nobody asked for', frame: { ...call, serial: 77 } },
    { what: 'an answer of another procedure', frame: { ...call, procedure: 12 } },
    { what: 'an unknown program', frame: { ...call, program: 5 } },
    { what: 'an unknown version', frame: { ...call, version: 2 } },
    { what: 'a stream', frame: { ...call, type: 3 } },
    { what: 'a call to this side', frame: { ...call, type: 0 }, asIs: true },
    { what: 'an unknown status', frame: { ...call, status: 9 } },
    { what: 'an answer with something left over', frame: call, extra: 2 },
    { what: 'an answer that ends early', frame: call, extra: 0 },
    { what: 'an error that cannot be read', frame: { ...call, status: 1 } },
  ])('ends with a protocol violation after $what', async ({ frame, extra = 1 }) => {
    const peer = new Peer();
    const connection = peer.connect();
    const pending = connection.call(echo, 1);
    await peer.frames(1);
    const bytes = Buffer.alloc(28 + 4 * extra);
    const { program, version, procedure, type, serial, status } = frame;
    [bytes.length, program, version, procedure, type, serial, status].forEach((value, index) => {
      bytes.writeUInt32BE(value, index * 4);
    });
    peer.send(bytes);
    await expect(pending).rejects.toMatchObject({ kind: 'protocolViolation' });
    expect(await connection.closed).toMatchObject({ kind: 'protocolViolation' });
    expect(peer.closed).toBe(true);
  });
});
