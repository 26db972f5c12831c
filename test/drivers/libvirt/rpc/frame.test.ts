import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolViolation, RefusedArgument } from '../../../../src/drivers/libvirt/rpc/error.js';
import { encodeFrame, FrameSplitter } from '../../../../src/drivers/libvirt/rpc/frame.js';

const word = fc.nat(2 ** 32 - 1);
const header = fc.record({ program: word, version: word, procedure: word, type: word, serial: word, status: word });
const frame = fc.record({ header, payload: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) });
const plain = { program: 1, version: 1, procedure: 1, type: 1, serial: 1, status: 0 };

describe('the frames of a stream', () => {
  it('come out as they went in, however the bytes are split and joined', () => {
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 8 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 90 })),
        (sent, sizes) => {
          const bytes = Buffer.concat(sent.map(({ header, payload }) => encodeFrame(header, payload)));
          const splitter = new FrameSplitter();
          const seen = [];
          for (let start = 0; start < bytes.length;) {
            const size = Number(sizes.next().value);
            for (const { header, payload } of splitter.push(bytes.subarray(start, start + size))) {
              seen.push({ header, payload: Buffer.from(payload) });
            }
            start += size;
          }
          expect(seen).toEqual(sent);
        },
      ),
    );
  });

  it.each([
    { length: 0, reason: 'no length at all' },
    { length: 27, reason: 'shorter than a header' },
    { length: 32 * 1024 * 1024 + 5, reason: 'one byte over the limit' },
    { length: 0xffffffff, reason: 'the greatest length there is' },
  ])('are refused with a length of $length: $reason', ({ length }) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(length);
    expect(() => [...new FrameSplitter().push(bytes)]).toThrow(ProtocolViolation);
  });

  it('reserve no memory for what was announced and has not come', () => {
    const announced = Buffer.alloc(28);
    announced.writeUInt32BE(32 * 1024 * 1024);
    const before = process.memoryUsage().arrayBuffers;
    const splitters = Array.from({ length: 64 }, () => new FrameSplitter());
    for (const splitter of splitters) expect([...splitter.push(announced)]).toEqual([]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
    expect(splitters).toHaveLength(64);
  });

  it('cost no more than twice their bytes when these come one by one', () => {
    const bytes = encodeFrame(plain, Buffer.alloc(1024 * 1024));
    const before = process.memoryUsage();
    const splitter = new FrameSplitter();
    for (let start = 0; start < bytes.length - 1; start++) {
      for (const early of splitter.push(bytes.subarray(start, start + 1))) expect(early).toBeUndefined();
    }
    globalThis.gc?.();
    const { arrayBuffers } = process.memoryUsage();
    expect(arrayBuffers - before.arrayBuffers).toBeLessThan(8 * 1024 * 1024);
    expect([...splitter.push(bytes.subarray(-1))]).toHaveLength(1);
  });

  it('take a frame of the greatest length', () => {
    const payload = Buffer.alloc(32 * 1024 * 1024 - 24, 7);
    const bytes = encodeFrame(plain, payload);
    const splitter = new FrameSplitter();
    const seen = [];
    for (let start = 0; start < bytes.length; start += 65_536) {
      seen.push(...splitter.push(bytes.subarray(start, start + 65_536)));
    }
    expect(seen.map((one) => one.payload.equals(payload))).toEqual([true]);
  });

  it('are not made longer than that', () => {
    expect(() => encodeFrame(plain, Buffer.alloc(32 * 1024 * 1024 - 23))).toThrow(RefusedArgument);
  });
});
