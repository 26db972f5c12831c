import { describe, expect, it } from 'vitest';
import {
  append,
  attr,
  child,
  children,
  edit,
  element,
  find,
  findAll,
  printXml,
  put,
  text,
  withAttribute,
  without,
} from '../../../../src/drivers/libvirt/xml/index.js';
import { fixture, xml } from '../inventory/fixture.js';

const domain = xml(
  '<domain><name>du-1</name><devices><disk n="1"/><!-- kept --><nic n="2"/><disk n="3"/></devices></domain>',
);

describe('asking a document', () => {
  it('finds elements by their way', () => {
    expect(text(find(domain, 'name'))).toBe('du-1');
    expect(findAll(domain, 'devices', 'disk').map((disk) => attr(disk, 'n'))).toEqual(['1', '3']);
    expect(children(child(domain, 'devices') ?? domain).map(({ name }) => name)).toEqual(['disk', 'nic', 'disk']);
  });

  it('answers null for what is not there', () => {
    expect(find(domain, 'os', 'type')).toBeNull();
    expect(attr(null, 'n')).toBeNull();
    expect(text(null)).toBeNull();
    expect(attr(domain, 'toString')).toBeNull();
  });
});

describe('changing a document', () => {
  it('changes what a way leads to, keeps all else in order, and leaves the given document as it was', () => {
    const changed = edit(domain, ['devices', 'disk'], (disk) =>
      attr(disk, 'n') === '1' ? null : withAttribute(disk, 'n', 4),
    );
    expect(printXml(changed)).toBe(
      "<domain><name>du-1</name><devices><!-- kept --><nic n='2'/><disk n='4'/></devices></domain>",
    );
    expect(printXml(domain)).toContain("<disk n='1'/>");
  });

  it('puts a child in the place of its namesake, or at the end', () => {
    expect(printXml(put(domain, element('name', {}, ['du-2'])))).toMatch(/^<domain><name>du-2<\/name><devices>/);
    expect(printXml(put(domain, element('title')))).toMatch(/<\/devices><title\/><\/domain>$/);
  });

  it('takes attributes and children away', () => {
    expect(printXml(without(append(element('a', { x: 1 }), element('b'), element('c')), 'b'))).toBe(
      "<a x='1'><c/></a>",
    );
    expect(printXml(withAttribute(element('a', { x: 1 }), 'x', null))).toBe('<a/>');
  });

  it('keeps what others wrote into a real domain while one device of it changes', () => {
    const before = fixture('domain-running.xml').trim();
    const after = printXml(
      edit(xml(before), ['devices', 'interface', 'mac'], (mac) =>
        attr(mac, 'address') === '52:54:00:aa:00:02' ? withAttribute(mac, 'address', '52:54:00:aa:00:03') : mac,
      ),
    );
    expect(after.replaceAll('"', "'")).toBe(before.replace('aa:00:02', 'aa:00:03').replaceAll('"', "'"));
  });
});
