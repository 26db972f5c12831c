import { describe, expect, it } from 'vitest';
import { writeDomain } from '../../../../src/drivers/libvirt/rpc/codecs/reference.js';
import { Events } from '../../../../src/drivers/libvirt/rpc/events.js';
import type { Notice } from '../../../../src/drivers/libvirt/rpc/events.js';
import type { Connection } from '../../../../src/drivers/libvirt/rpc/connection.js';
import { message, Peer, replyTo, writeFailure } from './peer.js';

const domain = { name: 'vm1', uuid: '5c616200-0000-4000-8000-000000000001', id: 3 };
const REGISTER = 316;
const DEREGISTER = 317;
const REMOVED = 333;

const removed = (alias: string) =>
  message(REMOVED, (w) => {
    w.int(1);
    writeDomain(w, domain);
    w.string(alias);
  });

/** Events over a peer that takes every registration. */
function listening(events: Events): {
  readonly peer: Peer;
  readonly connection: Connection;
  readonly asked: () => number[][];
} {
  const peer = new Peer();
  const connection = peer.connect({}, (procedure, payload) => events.receive(procedure, payload));
  const answer = async (): Promise<void> => {
    for (let index = 0; ; index++) {
      await peer.answer(index, (w) => {
        if (peer.received[index]?.header.procedure === REGISTER) w.int(index);
      });
    }
  };
  void answer();
  const asked = () => peer.received.map(({ header, payload }) => [header.procedure, payload.readInt32BE()]);
  return { peer, connection, asked };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('events', () => {
  it('reach those who asked for their kind, and nobody else', async () => {
    const events = new Events(() => undefined);
    const { peer, connection } = listening(events);
    await events.attach(connection);
    const seen: Notice[] = [];
    const others: Notice[] = [];
    await events.subscribe(['deviceRemoved'], (notice) => seen.push(notice));
    await events.subscribe(['lifecycle'], (notice) => others.push(notice));
    peer.send(removed('ua-vf0'));
    await turn();
    expect(seen).toEqual([{ kind: 'deviceRemoved', domain, alias: 'ua-vf0' }]);
    expect(others).toEqual([]);
  });

  it('are asked for once a kind, and given up when nobody wants the kind any more', async () => {
    const events = new Events(() => undefined);
    const { connection, asked } = listening(events);
    await events.attach(connection);
    const first = await events.subscribe(['deviceRemoved', 'lifecycle'], () => undefined);
    const second = await events.subscribe(['deviceRemoved'], () => undefined);
    expect(asked()).toEqual([
      [REGISTER, 15],
      [REGISTER, 0],
    ]);
    first();
    first();
    await turn();
    expect(asked().slice(2)).toEqual([[DEREGISTER, 1]]);
    second();
    await turn();
    expect(asked().slice(3)).toEqual([[DEREGISTER, 0]]);
  });

  it('are asked for again on a new connection, and everybody is told to resync', async () => {
    const events = new Events(() => undefined);
    const first = listening(events);
    await events.attach(first.connection);
    const seen: Notice[] = [];
    await events.subscribe(['deviceRemoved'], (notice) => seen.push(notice));
    first.peer.end();
    await first.connection.closed;
    events.detach();
    const second = listening(events);
    await events.attach(second.connection);
    expect(second.asked()).toEqual([[REGISTER, 15]]);
    second.peer.send(removed('ua-vf1'));
    await turn();
    expect(seen.map((notice) => notice.kind)).toEqual(['resync', 'deviceRemoved']);
  });

  it('of a kind that the daemon does not have are refused to who asks, and the others go on', async () => {
    const events = new Events(() => undefined);
    const peer = new Peer();
    const connection = peer.connect({}, (procedure, payload) => events.receive(procedure, payload));
    await events.attach(connection);
    const asking = events.subscribe(['metadataChange'], () => undefined);
    const [frame] = await peer.frames(1);
    if (frame !== undefined) peer.send(replyTo(frame.header, (w) => writeFailure(w, 3, 'not supported'), 1));
    await expect(asking).rejects.toMatchObject({ codeName: 'noSupport' });
    const other = events.subscribe(['lifecycle'], () => undefined);
    await peer.answer(1, (w) => w.int(0));
    await other;
  });

  it('go on to the others when one listener throws, and the fault is reported', async () => {
    const faults: unknown[] = [];
    const events = new Events((error) => faults.push(error));
    const { peer, connection } = listening(events);
    await events.attach(connection);
    const seen: Notice[] = [];
    const fault = new Error('a bug of the listener');
    await events.subscribe(['deviceRemoved'], () => {
      throw fault;
    });
    await events.subscribe(['deviceRemoved'], (notice) => seen.push(notice));
    peer.send(removed('a'));
    peer.send(removed('b'));
    await turn();
    expect(seen).toHaveLength(2);
    expect(faults).toEqual([fault, fault]);
  });
});
