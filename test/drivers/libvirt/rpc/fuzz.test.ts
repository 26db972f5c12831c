import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventReaderOf } from '../../../../src/drivers/libvirt/rpc/codecs/event.js';
import { readFailure } from '../../../../src/drivers/libvirt/rpc/codecs/failure.js';
import { writeDomain } from '../../../../src/drivers/libvirt/rpc/codecs/reference.js';
import { writeParameters } from '../../../../src/drivers/libvirt/rpc/codecs/typed-parameters.js';
import type { TypedParameter } from '../../../../src/drivers/libvirt/rpc/codecs/typed-parameters.js';
import { ProtocolViolation } from '../../../../src/drivers/libvirt/rpc/error.js';
import { Events } from '../../../../src/drivers/libvirt/rpc/events.js';
import { decodeWhole } from '../../../../src/drivers/libvirt/rpc/procedure.js';
import { EVENT_MESSAGE } from '../../../../src/drivers/libvirt/rpc/procedures.js';
import { XdrWriter } from '../../../../src/drivers/libvirt/rpc/xdr.js';
import type { XdrReader } from '../../../../src/drivers/libvirt/rpc/xdr.js';
import { everyProcedure } from './every-procedure.js';
import { echo, message, Peer, replyTo, writeFailure } from './peer.js';

const uuid = '5c616200-0000-4000-8000-000000000001';
const domain = { name: 'vm1', uuid, id: 3 };

const parameter = fc.oneof(
  fc.record({ field: fc.string(), kind: fc.constant('int' as const), value: fc.integer() }),
  fc.record({ field: fc.string(), kind: fc.constant('ullong' as const), value: fc.bigInt(0n, 2n ** 64n - 1n) }),
  fc.record({ field: fc.string(), kind: fc.constant('double' as const), value: fc.double() }),
  fc.record({ field: fc.string(), kind: fc.constant('boolean' as const), value: fc.boolean() }),
  fc.record({ field: fc.string(), kind: fc.constant('string' as const), value: fc.string() }),
) satisfies fc.Arbitrary<TypedParameter>;

function written(write: (writer: XdrWriter) => void): Buffer {
  const writer = new XdrWriter();
  write(writer);
  return Buffer.from(writer.bytes());
}

/** Bodies as daemons send them: domains, lists of them, statistics, errors. */
const realBody: fc.Arbitrary<Buffer> = fc.oneof(
  fc.constant(written((w) => writeDomain(w, domain))),
  fc.nat(5).map((count) =>
    written((w) => {
      w.list(Array<typeof domain>(count).fill(domain), 5, (one) => writeDomain(w, one));
      w.uint(count);
    }),
  ),
  fc.array(parameter, { maxLength: 12 }).map((parameters) =>
    written((w) => {
      w.uint(1);
      writeDomain(w, domain);
      writeParameters(w, parameters, 12);
    }),
  ),
  fc.string().map((text) => written((w) => w.string(text))),
  fc.string().map((text) => written((w) => writeFailure(w, 42, text))),
);

/** Bytes that were changed here and there, cut, or made to tell absurd lengths. */
function mutated(bytes: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  const edit = fc.oneof(
    fc.record({ kind: fc.constant('byte' as const), at: fc.nat(), value: fc.nat(255) }),
    fc.record({
      kind: fc.constant('word' as const),
      at: fc.nat(),
      value: fc.constantFrom(0, 1, 0x7fffffff, 0xffffffff, 65_536, 0x02000000),
    }),
    fc.record({ kind: fc.constant('cut' as const), at: fc.nat(), value: fc.constant(0) }),
  );
  return fc.tuple(bytes, fc.array(edit, { minLength: 1, maxLength: 4 })).map(([original, edits]) => {
    let changed = Buffer.from(original);
    for (const { kind, at, value } of edits) {
      if (changed.length < 4) break;
      if (kind === 'byte') changed[at % changed.length] = value;
      else if (kind === 'word') changed.writeUInt32BE(value, (at % (changed.length >> 2)) * 4);
      else changed = changed.subarray(0, at % changed.length);
    }
    return changed;
  });
}

const anyBytes = fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes));
const anyBody = fc.oneof(anyBytes, mutated(realBody), realBody);

/** Whatever the bytes are, a reader gives a value or throws a violation; it does not give more than the bytes can hold. */
function readsOrRefuses(bytes: Buffer, read: (reader: XdrReader) => unknown): void {
  try {
    decodeWhole(bytes, read);
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolViolation);
  }
}

describe('whatever the daemon sends', () => {
  it.each(everyProcedure)('the answer of $name is a value or a protocol violation', ({ read }) => {
    fc.assert(
      fc.property(anyBody, (bytes) => readsOrRefuses(bytes, read)),
      { numRuns: 60 },
    );
  });

  it.each(Object.entries(EVENT_MESSAGE))('the event %s is a value or a protocol violation', (_, number) => {
    const read = eventReaderOf(number);
    if (read === null) throw new Error(`no reader for ${number}`);
    fc.assert(
      fc.property(anyBody, (bytes) => readsOrRefuses(bytes, read)),
      { numRuns: 60 },
    );
  });

  it('an error is a value or a protocol violation', () => {
    fc.assert(fc.property(anyBody, (bytes) => readsOrRefuses(bytes, readFailure)));
  });

  it('random bytes settle every call with a typed error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyBytes, { minLength: 1, maxLength: 5 }), async (chunks) => {
        const peer = new Peer();
        const connection = peer.connect();
        const calls = [connection.call(echo, 1), connection.call(echo, 2)];
        for (const chunk of chunks) peer.send(chunk);
        peer.end();
        for (const settled of await Promise.allSettled(calls)) {
          expect(settled).toMatchObject({
            reason: { kind: expect.stringMatching(/^(connectionLost|protocolViolation)$/) as string },
          });
        }
        await connection.closed;
      }),
    );
  });

  it('mutated frames settle every call, and no listener sees what cannot be read', async () => {
    const stream = fc.array(fc.oneof(mutated(realStream()), realStream()), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(stream, fc.integer({ min: 1, max: 64 }), async (parts, size) => {
        const peer = new Peer();
        const faults: unknown[] = [];
        const events = new Events((error) => faults.push(error));
        await events.subscribe(['lifecycle', 'deviceRemoved', 'jobCompleted'], (notice) =>
          expect(notice.kind).toBeTypeOf('string'),
        );
        const connection = peer.connect({}, (procedure, payload) => events.receive(procedure, payload));
        const calls = everyProcedure
          .filter((one) => one.number === 212 || one.number === 23 || one.number === 273)
          .map((one) => connection.call({ ...one, write: () => undefined }, undefined as never));
        const bytes = Buffer.concat(parts);
        for (let start = 0; start < bytes.length; start += size) peer.send(bytes.subarray(start, start + size));
        peer.end();
        for (const settled of await Promise.allSettled(calls)) {
          if (settled.status === 'fulfilled') continue;
          expect(['connectionLost', 'protocolViolation', 'libvirt']).toContain(
            (settled.reason as { kind: string }).kind,
          );
        }
        await connection.closed;
        expect(faults).toEqual([]);
      }),
    );
  });

  it('an endless flood of events that nobody knows costs no memory', async () => {
    const peer = new Peer();
    const events = new Events(() => undefined);
    const connection = peer.connect({}, (procedure, payload) => events.receive(procedure, payload));
    const flood = Buffer.concat(Array.from({ length: 200 }, () => message(9999, (w) => w.fixed(Buffer.alloc(1000)))));
    const before = process.memoryUsage().arrayBuffers;
    for (let round = 0; round < 200; round++) {
      peer.send(flood);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024);
    connection.close();
  });
});

/** Frames that a daemon could send to the calls of the test above, and events. */
function realStream(): fc.Arbitrary<Buffer> {
  const header = fc.constantFrom(
    { procedure: 212, serial: 3 },
    { procedure: 23, serial: 2 },
    { procedure: 273, serial: 1 },
    { procedure: 318, serial: 0 },
    { procedure: 333, serial: 0 },
    { procedure: 363, serial: 0 },
  );
  return fc.tuple(header, realBody, fc.constantFrom(0, 0, 1)).map(([{ procedure, serial }, body, status]) => {
    const call = { program: 0x20008086, version: 1, procedure, type: serial === 0 ? 2 : 0, serial, status: 0 };
    return replyTo(call, (w) => w.fixed(body), status);
  });
}
