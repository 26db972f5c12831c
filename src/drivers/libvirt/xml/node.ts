/** One node of an XML document. Texts are held decoded; what is not an element is kept so that it can be printed again. */
export type XmlNode =
  | XmlElement
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'cdata'; readonly text: string }
  | { readonly kind: 'comment'; readonly text: string }
  /** A processing instruction; `text` is what stands between `<?` and `?>`. */
  | { readonly kind: 'instruction'; readonly text: string };

/** An element with its attributes and children in the order of the document. Names include their namespace prefix. */
export interface XmlElement {
  readonly kind: 'element';
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlNode[];
}

/** Attributes to build an element with; those that are `null` or `undefined` are left out. */
export type AttributeValues = Readonly<Record<string, string | number | null | undefined>>;

/** Builds an element; a string among the children becomes text. */
export function element(
  name: string,
  attributes: AttributeValues = {},
  children: readonly (XmlNode | string)[] = [],
): XmlElement {
  const given = Object.entries(attributes).flatMap(([key, value]): (readonly [string, string])[] =>
    value === null || value === undefined ? [] : [[key, String(value)]],
  );
  const nodes = children.map((child) => (typeof child === 'string' ? textNode(child) : child));
  return { kind: 'element', name, attributes: new Map(given), children: nodes };
}

/** Text between elements. */
export function textNode(text: string): XmlNode {
  return { kind: 'text', text };
}

/** True for the nodes that are elements. */
export function isElement(node: XmlNode): node is XmlElement {
  return node.kind === 'element';
}
