import { XMLParser } from 'fast-xml-parser';
import { decode } from './characters.js';
import type { XmlElement, XmlNode } from './node.js';
import { isElement } from './node.js';
import { scan } from './scan.js';

/** The root element, or what is wrong. Lines and columns start at 1. */
export type XmlResult =
  { readonly ok: true; readonly root: XmlElement } | { readonly ok: false; readonly fault: XmlFault };

export interface XmlFault {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** How much is read. Capabilities of a host with hundreds of CPUs are less than 1 MiB, and nothing of libvirt's is deeper than some 12 levels. */
export interface XmlLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
}

const LIMITS: XmlLimits = { maxBytes: 8 * 1024 * 1024, maxDepth: 64 };

/**
 * Reads a document that may be hostile. Everything in the root element is kept in order: unknown elements, blanks, comments, instructions,
 * namespaces. The declaration and whatever stands around the root element are left out.
 */
export function parseXml(text: string, limits: Partial<XmlLimits> = {}): XmlResult {
  const { maxBytes, maxDepth } = { ...LIMITS, ...limits };
  if (Buffer.byteLength(text, 'utf8') > maxBytes) return refused(`the document is larger than ${maxBytes} bytes`, 1, 1);
  const source = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const { instructions, fault } = scan(source, maxDepth);
  if (fault !== null) return refusedAt(fault.message, source, fault.at);
  const parser = new XMLParser({ ...OPTIONS, maxNestedTags: maxDepth + 1 });
  try {
    const queue = [...instructions].reverse();
    const nodes = (parser.parse(source) as readonly Raw[]).map((raw) => converted(raw, queue));
    const root = nodes.find(isElement);
    return root === undefined ? refused('there is no element', 1, 1) : { ok: true, root };
  } catch (error) {
    return refused(error instanceof Error ? error.message : String(error), 1, 1);
  }
}

const TEXT = '#text';
const CDATA = '#cdata';
const COMMENT = '#comment';
const ATTRIBUTES = ':@';

const OPTIONS = {
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  textNodeName: TEXT,
  cdataPropName: CDATA,
  commentPropName: COMMENT,
} as const;

/** A node as the parser gives it: one key is the name and holds the children, `:@` holds the attributes; a text holds a string. */
type Raw = Readonly<Record<string, unknown>>;

function converted(raw: Raw, instructions: string[]): XmlNode {
  const name = Object.keys(raw).find((key) => key !== ATTRIBUTES) ?? '';
  const content = raw[name];
  if (name === TEXT) return { kind: 'text', text: decode(String(content)) };
  const children = content as readonly Raw[];
  if (name === CDATA) return { kind: 'cdata', text: rawText(children) };
  if (name === COMMENT) return { kind: 'comment', text: rawText(children) };
  if (name.startsWith('?')) return { kind: 'instruction', text: instructions.pop() ?? name.slice(1) };
  const attributes = Object.entries((raw[ATTRIBUTES] ?? {}) as Readonly<Record<string, string>>);
  return {
    kind: 'element',
    name,
    attributes: new Map(attributes.map(([key, value]) => [key, decode(value.replace(/[\t\n]/g, ' '))])),
    children: children.map((child) => converted(child, instructions)),
  };
}

function rawText(children: readonly Raw[]): string {
  return children.map((child) => String(child[TEXT])).join('');
}

function refusedAt(message: string, source: string, at: number): XmlResult {
  const before = source.slice(0, at).split('\n');
  return refused(message, before.length, (before.at(-1) ?? '').length + 1);
}

function refused(message: string, line: number, column: number): XmlResult {
  return { ok: false, fault: { message, line, column } };
}
