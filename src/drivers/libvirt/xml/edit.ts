import type { XmlElement, XmlNode } from './node.js';
import { isElement } from './node.js';

/** The element with an attribute set; `null` takes it away. */
export function withAttribute(node: XmlElement, name: string, value: string | number | null): XmlElement {
  const attributes = new Map(node.attributes);
  if (value === null) attributes.delete(name);
  else attributes.set(name, String(value));
  return { ...node, attributes };
}

/** The element with other children. */
export function withChildren(node: XmlElement, nodes: readonly XmlNode[]): XmlElement {
  return { ...node, children: nodes };
}

/** The element with a child put after the last one. */
export function append(node: XmlElement, ...added: readonly XmlNode[]): XmlElement {
  return withChildren(node, [...node.children, ...added]);
}

/** The element with the first child of the same name replaced, or with the child appended when there was none. */
export function put(node: XmlElement, added: XmlElement): XmlElement {
  const at = node.children.findIndex((one) => isElement(one) && one.name === added.name);
  return at === -1 ? append(node, added) : withChildren(node, node.children.with(at, added));
}

/** The element without its child elements of this name. */
export function without(node: XmlElement, name: string): XmlElement {
  return withChildren(
    node,
    node.children.filter((one) => !isElement(one) || one.name !== name),
  );
}

/**
 * Changes every element on a way of names, such as `edit(domain, ['devices', 'hostdev'], change)`; `null` removes it. All else stays as it
 * was, in order.
 */
export function edit(
  node: XmlElement,
  path: readonly string[],
  change: (found: XmlElement) => XmlElement | null,
): XmlElement {
  const [name, ...rest] = path;
  if (name === undefined) return node;
  const next = node.children.flatMap((one): readonly XmlNode[] => {
    if (!isElement(one) || one.name !== name) return [one];
    const changed = rest.length === 0 ? change(one) : edit(one, rest, change);
    return changed === null ? [] : [changed];
  });
  return withChildren(node, next);
}
