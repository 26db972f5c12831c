import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolViolation, RefusedArgument } from '../../../../src/drivers/libvirt/rpc/error.js';
import { XdrReader, XdrWriter } from '../../../../src/drivers/libvirt/rpc/xdr.js';

function written(write: (writer: XdrWriter) => void): Buffer {
  const writer = new XdrWriter();
  write(writer);
  return Buffer.from(writer.bytes());
}

describe('the external data representation', () => {
  it('grows wherever it is, also between two numbers', () => {
    for (let first = 0; first < 600; first += 4) {
      const bytes = written((w) => {
        w.fixed(Buffer.alloc(first));
        w.uint(7);
        w.uhyper(8n);
      });
      expect(bytes.readUInt32BE(first)).toBe(7);
    }
  });

  it('gives back what was written, padded to four bytes', () => {
    const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0'));
    const all = fc.tuple(
      fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      fc.nat(2 ** 32 - 1),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.double(),
      text,
      fc.option(text),
      fc.array(text, { maxLength: 20 }),
    );
    fc.assert(
      fc.property(all, ([int, uint, hyper, uhyper, double, string, optional, list]) => {
        const bytes = written((w) => {
          w.int(int);
          w.uint(uint);
          w.hyper(hyper);
          w.uhyper(uhyper);
          w.double(double);
          w.string(string);
          w.optional(optional, (value) => w.string(value));
          w.list(list, 20, (value) => w.string(value));
        });
        expect(bytes.length % 4).toBe(0);
        const r = new XdrReader(bytes);
        expect([r.int(), r.uint(), r.hyper(), r.uhyper(), r.double()]).toEqual([int, uint, hyper, uhyper, double]);
        expect([r.string(), r.optionalString(), r.list(20, 4, () => r.string())]).toEqual([string, optional, list]);
        r.end();
      }),
    );
  });

  it.each([
    { value: 'a', bytes: '00000001 61000000', reason: 'three bytes of padding' },
    { value: 'abcd', bytes: '00000004 61626364', reason: 'none' },
    { value: 'ü', bytes: '00000002 c3bc0000', reason: 'the length counts bytes, not characters' },
  ])('writes the text $value as $bytes: $reason', ({ value, bytes }) => {
    expect(written((w) => w.string(value)).toString('hex')).toBe(bytes.replaceAll(' ', ''));
  });

  it.each([
    { reason: 'a NUL would cut the text at the other end', write: (w: XdrWriter) => w.string('vm1\0-other') },
    { reason: 'a text over 4 MiB', write: (w: XdrWriter) => w.string('x'.repeat(4 * 1024 * 1024 + 1)) },
    { reason: 'an integer of 33 bits', write: (w: XdrWriter) => w.int(2 ** 31) },
    { reason: 'a fraction', write: (w: XdrWriter) => w.int(1.5) },
    { reason: 'no number', write: (w: XdrWriter) => w.uint(Number.NaN) },
    { reason: 'a negative unsigned number', write: (w: XdrWriter) => w.uint(-1) },
    { reason: 'a number of 65 bits', write: (w: XdrWriter) => w.uhyper(2n ** 64n) },
    { reason: 'a signed number of 65 bits', write: (w: XdrWriter) => w.hyper(-(2n ** 63n) - 1n) },
    { reason: 'a list that is too long', write: (w: XdrWriter) => w.list([1, 2, 3], 2, (value) => w.int(value)) },
  ])('refuses to write: $reason', ({ write }) => {
    expect(() => written(write)).toThrow(RefusedArgument);
  });

  it.each([
    { bytes: '000000', reason: 'half a number', read: (r: XdrReader) => r.int() },
    { bytes: '00000005 61626364', reason: 'a text that ends early', read: (r: XdrReader) => r.string() },
    { bytes: '00000001 61', reason: 'padding that is missing', read: (r: XdrReader) => r.string() },
    { bytes: 'ffffffff 61626364', reason: 'a text of 4 GiB', read: (r: XdrReader) => r.string() },
    { bytes: '00000002', reason: 'neither there nor absent', read: (r: XdrReader) => r.optionalString() },
    { bytes: 'ffffffff', reason: 'a list of 2^32', read: (r: XdrReader) => r.list(2 ** 32, 4, () => r.int()) },
    { bytes: '00000003', reason: 'a list over its limit', read: (r: XdrReader) => r.list(2, 4, () => r.int()) },
    { bytes: '00000000', reason: 'something left over', read: (r: XdrReader) => r.end() },
  ])('refuses to read: $reason', ({ bytes, read }) => {
    expect(() => read(new XdrReader(Buffer.from(bytes.replaceAll(' ', ''), 'hex')))).toThrow(ProtocolViolation);
  });

  it('keeps nothing for a list that its message cannot hold', () => {
    let reads = 0;
    const reader = new XdrReader(Buffer.from('00010000', 'hex'));
    expect(() => reader.list(65_536, 4, () => (reads += 1))).toThrow(ProtocolViolation);
    expect(reads).toBe(0);
  });

  it('rounds counts over 2^53 to the nearest double', () => {
    const bytes = written((w) => w.uhyper(2n ** 64n - 1n));
    expect(new XdrReader(bytes).count()).toBe(2 ** 64);
  });

  it('reads bytes that are no UTF-8 as replacement characters', () => {
    expect(new XdrReader(Buffer.from('00000002ff610000', 'hex')).string()).toBe('\ufffda');
  });
});
