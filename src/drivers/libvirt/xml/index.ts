export { append, edit, put, withAttribute, withChildren, without } from './edit.js';
export { element, isElement, textNode } from './node.js';
export type { XmlElement, XmlNode } from './node.js';
export { parseXml } from './parse.js';
export { printXml } from './print.js';
export { attr, child, children, find, findAll, text } from './query.js';
