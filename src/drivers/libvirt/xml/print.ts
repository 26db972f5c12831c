import { escapeAttribute, escapeText, illegalCharacter, isName } from './characters.js';
import type { XmlElement, XmlNode } from './node.js';

/**
 * The text of an element with everything in it, on one line except for what its texts say. Values are escaped, whatever they are. Throws a
 * `RangeError` for what XML cannot say at all: a name that is none, a control character, a comment with `--`.
 */
export function printXml(root: XmlElement): string {
  const parts: string[] = [];
  printElement(root, parts);
  return parts.join('');
}

function printElement(node: XmlElement, parts: string[]): void {
  parts.push('<', nameOf(node.name));
  for (const [name, value] of node.attributes) parts.push(' ', nameOf(name), "='", escapeAttribute(legal(value)), "'");
  if (node.children.length === 0) {
    parts.push('/>');
    return;
  }
  parts.push('>');
  for (const child of node.children) printNode(child, parts);
  parts.push('</', node.name, '>');
}

function printNode(node: XmlNode, parts: string[]): void {
  switch (node.kind) {
    case 'element':
      printElement(node, parts);
      return;
    case 'text':
      parts.push(escapeText(legal(node.text)));
      return;
    case 'cdata':
      parts.push('<![CDATA[', without(node.text, ']]>'), ']]>');
      return;
    case 'comment':
      if (node.text.endsWith('-')) throw new RangeError('a comment ends in "-"');
      parts.push('<!--', without(node.text, '--'), '-->');
      return;
    case 'instruction':
      parts.push('<?', without(node.text, '?>'), '?>');
      return;
  }
}

function nameOf(name: string): string {
  if (!isName(name)) throw new RangeError(`${JSON.stringify(name)} is no name of an element or attribute`);
  return name;
}

function legal(text: string): string {
  if (illegalCharacter(text) !== -1)
    throw new RangeError(`${JSON.stringify(text)} has a character that XML cannot carry`);
  return text;
}

function without(text: string, end: string): string {
  if (text.includes(end)) throw new RangeError(`${JSON.stringify(text)} contains ${end}`);
  return legal(text);
}
