import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metadataElement, NO_METADATA, readMetadata } from '../../../../src/drivers/libvirt/inventory/index.js';
import type { Metadata } from '../../../../src/drivers/libvirt/inventory/index.js';
import { element, printXml } from '../../../../src/drivers/libvirt/xml/index.js';
import { notebook, xml } from './fixture.js';

const seed = Number(process.env['SEED'] ?? 20_261_123);

function read(inner: string) {
  const { note, codes } = notebook();
  return { metadata: readMetadata(xml(`<domain>${inner}</domain>`), 'vm', note), codes };
}

describe('what Berth keeps in a domain', () => {
  const word = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 });
  const metadata: fc.Arbitrary<Metadata> = fc.record({
    dummy: fc.option(
      fc.record({
        reservation: word,
        machine: word,
        expiresAt: fc.integer({ min: 0, max: 4e12 }),
        mac: fc.constantFrom(null, '02:be:47:00:00:01'),
      }),
    ),
    staged: fc.array(fc.record({ claim: word, host: word, device: word }), { maxLength: 3 }),
    epochs: fc
      .dictionary(word, fc.nat(), { maxKeys: 3, noNullPrototype: true })
      .map((all) => new Map(Object.entries(all))),
  });

  it('is read as it was written, through the text of the XML', () => {
    fc.assert(
      fc.property(metadata, (written) => {
        const domain = xml(printXml(element('domain', {}, [element('metadata', {}, [metadataElement(written)])])));
        expect(readMetadata(domain, 'vm', notebook().note)).toEqual(written);
      }),
      { seed, numRuns: 200 },
    );
  });

  it.each([
    {
      reason: 'under another prefix',
      text: '<metadata><x:machine xmlns:x="urn:berth:machine:1"><x:staged claim="c" host="h" device="d"/></x:machine></metadata>',
      staged: 1,
    },
    {
      reason: 'under no prefix',
      text: '<metadata><machine xmlns="urn:berth:machine:1"><staged claim="c" host="h" device="d"/></machine></metadata>',
      staged: 1,
    },
    {
      reason: 'with the name space declared further up',
      text: '<metadata xmlns:b="urn:berth:machine:1"><b:machine><b:staged claim="c" host="h" device="d"/></b:machine></metadata>',
      staged: 1,
    },
    {
      reason: 'unless the name space is not ours',
      text: '<metadata><berth:machine xmlns:berth="urn:else"><berth:staged claim="c" host="h" device="d"/></berth:machine></metadata>',
      staged: 0,
    },
    {
      reason: 'unless part of it is missing',
      text: '<metadata><berth:machine xmlns:berth="urn:berth:machine:1"><berth:staged claim="c"/></berth:machine></metadata>',
      staged: 0,
    },
    {
      reason: 'unless it stands in another place',
      text: '<devices><berth:machine xmlns:berth="urn:berth:machine:1"><berth:staged claim="c" host="h" device="d"/></berth:machine></devices>',
      staged: 0,
    },
  ])('is found $reason', ({ text, staged }) => {
    expect(read(text).metadata.staged).toHaveLength(staged);
  });

  it('is nothing in a domain that it never touched', () => {
    const { metadata: found, codes } = read('<metadata><app:x xmlns:app="urn:app"/></metadata>');
    expect(found).toEqual(NO_METADATA);
    expect(codes()).toEqual([]);
  });

  it.each([
    { reason: 'no reservation', mark: 'expiresAt="2026-11-23T00:00:00Z"' },
    { reason: 'no end', mark: 'reservation="h/d"' },
    { reason: 'an end that is none', mark: 'reservation="h/d" expiresAt="soon"' },
  ])('does not make a dummy ours that has $reason, and is noted', ({ mark }) => {
    const { metadata: found, codes } = read(
      `<metadata><berth:machine xmlns:berth="urn:berth:machine:1"><berth:dummy ${mark}/></berth:machine></metadata>`,
    );
    expect(found.dummy).toBeNull();
    expect(codes()).toEqual(['DummyNotOurs']);
  });
});
