import type { Bdf, Mac, StagedReplacement } from '../../../model/index.js';
import type { XmlElement } from '../xml/index.js';
import { attr, child, children, element } from '../xml/index.js';
import { macOf } from './address.js';
import type { Note } from './finding.js';
import { wholeNumber } from './quantity.js';

/** Namespace of what Berth writes into the metadata of a domain, and the prefix that it is written with. */
export const METADATA_NAMESPACE = 'urn:berth:machine:1';
export const METADATA_PREFIX = 'berth';

/** What Berth keeps in a domain, so that a controller that comes anew finds it there. */
export interface Metadata {
  /** Null for machines. */
  readonly dummy: DummyMark | null;
  /** Replacements that a machine was told of. */
  readonly staged: readonly StagedReplacement[];
  /** The newest epoch under which an order for a device came. */
  readonly epochs: ReadonlyMap<Bdf, number>;
}

/** By this a dummy is known as ours. */
export interface DummyMark {
  /** `host/bdf`, as in the ledger. */
  readonly reservation: string;
  readonly machine: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly mac: Mac | null;
}

export const NO_METADATA: Metadata = { dummy: null, staged: [], epochs: new Map() };

/** Reads what Berth wrote into a domain's XML; nothing for a domain that it never touched. */
export function readMetadata(domain: XmlElement, subject: string, note: Note): Metadata {
  const metadata = child(domain, 'metadata');
  const ours = metadata && ourElement(metadata, [domain, metadata]);
  if (!ours) return NO_METADATA;
  const [prefix] = ours.name.includes(':') ? ours.name.split(':') : [''];
  const named = (name: string): readonly XmlElement[] => children(ours, prefix === '' ? name : `${prefix}:${name}`);
  const [mark] = named('dummy');
  const dummy = mark === undefined ? null : readDummy(mark);
  if (mark !== undefined && dummy === null) {
    const message = 'the domain is marked as a dummy, but not for which reservation and until when; it is left alone';
    note({ code: 'DummyNotOurs', subject, message });
  }
  return {
    dummy,
    staged: named('staged').flatMap((one) => {
      const [claim, host, device] = [attr(one, 'claim'), attr(one, 'host'), attr(one, 'device')];
      return claim === null || host === null || device === null ? [] : [{ claim, host, device }];
    }),
    epochs: new Map(
      named('epoch').flatMap((one) => {
        const [device, value] = [attr(one, 'device'), wholeNumber(attr(one, 'value'))];
        return device === null || value === null ? [] : [[device, value] as const];
      }),
    ),
  };
}

/** The element that `readMetadata` reads, to be put under `<metadata>` or given to libvirt as the element of our namespace. */
export function metadataElement(metadata: Metadata): XmlElement {
  const ours = (name: string): string => `${METADATA_PREFIX}:${name}`;
  const { dummy, staged, epochs } = metadata;
  return element(ours('machine'), { [`xmlns:${METADATA_PREFIX}`]: METADATA_NAMESPACE }, [
    ...(dummy === null
      ? []
      : [
          element(ours('dummy'), {
            reservation: dummy.reservation,
            machine: dummy.machine,
            expiresAt: new Date(dummy.expiresAt).toISOString(),
            mac: dummy.mac,
          }),
        ]),
    ...staged.map(({ claim, host, device }) => element(ours('staged'), { claim, host, device })),
    ...[...epochs].map(([device, value]) => element(ours('epoch'), { device, value })),
  ]);
}

/** The child whose name lies in our namespace, whatever prefix it was given. */
function ourElement(metadata: XmlElement, around: readonly XmlElement[]): XmlElement | null {
  const found = children(metadata).find((one) => {
    const [prefix] = one.name.includes(':') ? one.name.split(':') : [''];
    const declaration = prefix === '' || prefix === undefined ? 'xmlns' : `xmlns:${prefix}`;
    const scope = [one, ...[...around].reverse()].find((outer) => outer.attributes.has(declaration));
    return attr(scope ?? null, declaration) === METADATA_NAMESPACE;
  });
  return found ?? null;
}

/** Null when it does not say what it stands for: such a dummy is not taken for ours. */
function readDummy(dummy: XmlElement): DummyMark | null {
  const reservation = attr(dummy, 'reservation') ?? '';
  const expiresAt = timeOf(attr(dummy, 'expiresAt'));
  if (reservation === '' || expiresAt === null) return null;
  return { reservation, expiresAt, machine: attr(dummy, 'machine') ?? '', mac: macOf(attr(dummy, 'mac')) };
}

/** Epoch milliseconds of an RFC 3339 time, or of the milliseconds themselves. */
function timeOf(written: string | null): number | null {
  const milliseconds = wholeNumber(written);
  if (milliseconds !== null) return milliseconds;
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(written ?? '')
    ? Date.parse(written ?? '')
    : NaN;
  return Number.isNaN(time) ? null : time;
}
