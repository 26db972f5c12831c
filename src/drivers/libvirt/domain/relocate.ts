import { METADATA_NAMESPACE } from '../inventory/index.js';
import { edit, isElement, withChildren, type XmlElement } from '../xml/index.js';
import type { DeviceBacking, Redirection } from './backing.js';
import { pinnedTo, type CellRoom } from './pins.js';

/** What is different on the host that a domain goes to. */
export interface Relocation {
  /** By claim; a device of a claim that is not named stays as it is. */
  readonly devices: ReadonlyMap<string, Redirection>;
  /** Null: it is not pinned to a cell. */
  readonly cell: CellRoom | null;
}

/** The XML of a domain for another host. All that the guest can see stays the same: libvirt refuses anything else. */
export function relocated(domain: XmlElement, { devices, cell }: Relocation, backing: DeviceBacking): XmlElement {
  const held = new Map(backing.held(domain, '', () => undefined).map((one) => [one.element, one] as const));
  const pointed = edit(domain, ['devices'], (all) =>
    withChildren(
      all,
      all.children.map((node) => {
        const one = isElement(node) ? held.get(node) : undefined;
        const to = one === undefined ? undefined : devices.get(one.claim);
        return one === undefined || to === undefined ? node : backing.redirect(one, to);
      }),
    ),
  );
  const settled = withoutStaging(pointed);
  return cell === null ? settled : pinnedTo(settled, cell);
}

/** Replacements are known until the machine has them. */
function withoutStaging(domain: XmlElement): XmlElement {
  return edit(domain, ['metadata'], (metadata) =>
    withChildren(
      metadata,
      metadata.children.filter((one) => !isElement(one) || ![...one.attributes.values()].includes(METADATA_NAMESPACE)),
    ),
  );
}
