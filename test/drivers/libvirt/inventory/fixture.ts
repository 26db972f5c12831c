import { readFileSync } from 'node:fs';
import type { Finding } from '../../../../src/drivers/libvirt/inventory/index.js';
import type { XmlElement } from '../../../../src/drivers/libvirt/xml/index.js';
import { parseXml } from '../../../../src/drivers/libvirt/xml/index.js';

/** Text of a file in `test/drivers/libvirt/fixtures`: XML as libvirt 11.3 printed it. */
export function fixture(name: string): string {
  return readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8');
}

/** The root element of a text that is known to be XML. */
export function xml(text: string): XmlElement {
  const parsed = parseXml(text);
  if (!parsed.ok) throw new Error(`${parsed.fault.message} at ${parsed.fault.line}:${parsed.fault.column}`);
  return parsed.root;
}

/** Takes findings, and tells their codes. */
export function notebook(): {
  readonly note: (finding: Finding) => void;
  readonly codes: () => string[];
  readonly all: Finding[];
} {
  const all: Finding[] = [];
  return { note: (finding) => all.push(finding), codes: () => all.map(({ code }) => code), all };
}

interface PciInput {
  readonly bdf: string;
  readonly class?: string;
  readonly vendor?: string;
  readonly product?: string;
  readonly driver?: string | null;
  readonly parent?: string;
  readonly vfs?: readonly string[];
  readonly maxVfs?: number;
  readonly group?: number | null;
  readonly numa?: number | null;
  readonly bridge?: boolean;
}

/** The name that libvirt gives a PCI device. */
export function nameOf(bdf: string): string {
  return `pci_${bdf.replace(/[:.]/g, '_')}`;
}

function address(bdf: string): string {
  const [domain, bus, rest] = bdf.split(':');
  const [slot, fn] = (rest ?? '').split('.');
  return `<address domain='0x${domain}' bus='0x${bus}' slot='0x${slot}' function='0x${fn}'/>`;
}

/** The XML of a PCI device in the form that libvirt documents for node devices. */
export function pciXml(input: PciInput): string {
  const { bdf, vfs, group = 1, numa = 0, driver = 'vfio-pci' } = input;
  const [domain, bus, rest] = bdf.split(':');
  const [slot, fn] = (rest ?? '').split('.');
  const number = (digits: string | undefined): number => Number.parseInt(digits ?? '', 16);
  return `<device>
  <name>${nameOf(bdf)}</name>
  <path>/sys/devices/pci0000:00/0000:00:04.0/${bdf}</path>
  <parent>pci_0000_00_04_0</parent>
${driver === null ? '' : `  <driver>\n    <name>${driver}</name>\n  </driver>\n`}  <capability type='pci'>
    <class>0x${input.class ?? '020000'}</class>
    <domain>${number(domain)}</domain>
    <bus>${number(bus)}</bus>
    <slot>${number(slot)}</slot>
    <function>${number(fn)}</function>
    <product id='0x${input.product ?? '10c9'}'>82576 Gigabit Network Connection</product>
    <vendor id='0x${input.vendor ?? '8086'}'>Intel Corporation</vendor>
${input.parent === undefined ? '' : `    <capability type='phys_function'>\n      ${address(input.parent)}\n    </capability>\n`}${
    vfs === undefined
      ? ''
      : `    <capability type='virt_functions' maxCount='${input.maxVfs ?? vfs.length}'>\n${vfs.map((vf) => `      ${address(vf)}\n`).join('')}    </capability>\n`
  }${input.bridge === true ? "    <capability type='pci-bridge'/>\n" : ''}${
    group === null ? '' : `    <iommuGroup number='${group}'>\n      ${address(bdf)}\n    </iommuGroup>\n`
  }${numa === null ? '' : `    <numa node='${numa}'/>\n`}    <pci-express>
      <link validity='cap' port='0' speed='2.5' width='4'/>
      <link validity='sta' speed='2.5' width='4'/>
    </pci-express>
  </capability>
</device>
`;
}

/** The XML of a network device. */
export function netXml(
  bdf: string,
  netdev: string,
  { speed = '1000', state = 'up', switchdev = false, mac = '52:54:00:88:01:01' } = {},
): string {
  return `<device>
  <name>net_${netdev}_${mac.replaceAll(':', '_')}</name>
  <path>/sys/devices/pci0000:00/0000:00:04.0/${bdf}/net/${netdev}</path>
  <parent>${nameOf(bdf)}</parent>
  <capability type='net'>
    <interface>${netdev}</interface>
    <address>${mac}</address>
    <link${speed === '' ? '' : ` speed='${speed}'`} state='${state}'/>
    <feature name='rx'/>
${switchdev ? "    <feature name='switchdev'/>\n" : ''}    <capability type='80203'/>
  </capability>
</device>
`;
}
