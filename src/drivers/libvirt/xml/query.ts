import type { XmlElement } from './node.js';
import { isElement } from './node.js';

/** The child elements of this name; all child elements without one. */
export function children(parent: XmlElement, name?: string): readonly XmlElement[] {
  return parent.children.filter(isElement).filter((child) => name === undefined || child.name === name);
}

/** The first child element of this name. */
export function child(parent: XmlElement, name: string): XmlElement | null {
  return parent.children.find((node): node is XmlElement => isElement(node) && node.name === name) ?? null;
}

/** The first element on a way of names, such as `find(domain, 'os', 'type')`. */
export function find(from: XmlElement, ...path: readonly string[]): XmlElement | null {
  return path.reduce<XmlElement | null>((at, name) => at && child(at, name), from);
}

/** All elements on a way of names, such as `findAll(domain, 'devices', 'hostdev')`. */
export function findAll(from: XmlElement, ...path: readonly string[]): readonly XmlElement[] {
  return path.reduce<readonly XmlElement[]>((all, name) => all.flatMap((at) => children(at, name)), [from]);
}

/** The value of an attribute, null when the element or the attribute is not there. */
export function attr(node: XmlElement | null, name: string): string | null {
  return node?.attributes.get(name) ?? null;
}

/** All text directly in the element, without blanks around it; null when the element is not there. */
export function text(node: XmlElement | null): string | null {
  if (node === null) return null;
  return node.children
    .map((part) => (part.kind === 'text' || part.kind === 'cdata' ? part.text : ''))
    .join('')
    .trim();
}
