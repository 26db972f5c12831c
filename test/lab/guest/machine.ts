import type { GuestImage } from './image.js';

/** A disk of a guest; `file` is a path as the hosts see it. */
export interface GuestDisk {
  readonly file: string;
  readonly format?: 'raw' | 'qcow2';
}

export interface GuestOptions {
  readonly name: string;
  /** Chooses uuid, MAC address and, in the lab's network, the address `10.77.1.<number>`; 1 to 250. */
  readonly number: number;
  readonly memoryMiB?: number;
  readonly vcpus?: number;
  /** Free PCIe ports, for what is plugged while the guest runs. */
  readonly sparePorts?: number;
  readonly disks?: readonly GuestDisk[];
  /** The guest writes this much memory again and again, so that a migration has something to do. */
  readonly dirtyMiB?: number;
  /** A file, the same on all hosts, that lies in the guest's memory from its start: so that a migration of any guest takes its time. */
  readonly ballast?: string;
  /** Further elements in `<metadata>` and in `<devices>`. */
  readonly metadata?: string;
  readonly devices?: string;
  /** With a processor that runs it directly; else emulated. */
  readonly kvm?: boolean;
  /** Only the devices that are named, without the virtio card. */
  readonly onlyDevices?: boolean;
  /** The virtio card waits as the other half of a virtual function that is plugged with `<teaming>`. */
  readonly persistentTeam?: boolean;
}

/** What follows `mitigations=off` saves time of an emulated processor; without `no_timer_check` it may panic. */
const commandLine =
  'console=ttyS0 panic=-1 quiet no_timer_check mitigations=off nokaslr tsc=reliable cryptomgr.notests rcupdate.rcu_expedited=1';

/** A guest that never gets beyond its firmware: it costs little, and migrates like any other. Default 64 MiB. */
export function firmwareGuest(options: GuestOptions): string {
  return machine(options, options.memoryMiB ?? 64, '');
}

/** A guest that answers pings of its address. Default 96 MiB. */
export function busyboxGuest(image: GuestImage, options: GuestOptions): string {
  const words = `lab.address=${guestAddress(options.number)}/16 lab.dirty=${options.dirtyMiB ?? 0} lab.poll=${options.kvm === true ? 0.3 : 0.1}`;
  const boot = `<kernel>${image.kernel}</kernel><initrd>${image.initramfs}</initrd>
    <cmdline>${commandLine} ${words}</cmdline>`;
  return machine(options, options.memoryMiB ?? 96 + (options.dirtyMiB ?? 0), boot);
}

/** Address of a guest in the lab's network. */
export function guestAddress(number: number): string {
  return `10.77.1.${number}`;
}

/** MAC address of a guest's card; `card` 0 is the one it is defined with. */
export function guestMac(number: number, card = 0): string {
  const [low, high] = [number, card].map((part) => part.toString(16).padStart(2, '0'));
  return `52:54:00:77:${high ?? ''}:${low ?? ''}`;
}

/**
 * A network card that stands in for a virtual function where there is none: QEMU's igb on the host's bridge. It is plugged and
 * unplugged like a real one, with the same events, and must be unplugged before a migration only because the caller does so.
 */
export function standInFunction(options: {
  readonly mac: string;
  readonly alias?: string;
  readonly teamOf?: string;
}): string {
  const alias = options.alias === undefined ? '' : `<alias name='${options.alias}'/>`;
  const team = options.teamOf === undefined ? '' : `<teaming type='transient' persistent='${options.teamOf}'/>`;
  return `<interface type='bridge'><mac address='${options.mac}'/><source bridge='br0'/><model type='igb'/>${team}${alias}<rom enabled='no'/></interface>`;
}

function machine(options: GuestOptions, memoryMiB: number, boot: string): string {
  const { name, number, sparePorts = 4, disks = [] } = options;
  const uuid = `5c616200-0000-4000-8000-${String(number).padStart(12, '0')}`;
  const team = options.persistentTeam === true ? `<teaming type='persistent'/><alias name='ua-backup'/>` : '';
  const kvm = options.kvm === true;
  const card = `<interface type='bridge'><mac address='${guestMac(number)}'/><source bridge='br0'/><model type='virtio'/>${team}<rom enabled='no'/></interface>`;
  return `<domain type='${kvm ? 'kvm' : 'qemu'}' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>${name}</name><uuid>${uuid}</uuid><metadata>${options.metadata ?? ''}</metadata>
  <memory unit='MiB'>${memoryMiB}</memory><vcpu>${options.vcpus ?? 1}</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type>${boot}</os>
  <features><acpi/><apic/>${kvm ? '' : "<tcg><tb-cache unit='MiB'>32</tb-cache></tcg>"}</features>
  <cpu mode='custom' match='exact' check='none'><model>qemu64</model></cpu>
  <on_poweroff>destroy</on_poweroff><on_reboot>destroy</on_reboot><on_crash>destroy</on_crash>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <controller type='pci' index='0' model='pcie-root'/>
    ${"<controller type='pci' model='pcie-root-port'/>".repeat(sparePorts + 1 + disks.length)}
    ${disks.map(disk).join('\n    ')}
    ${options.onlyDevices === true ? '' : card}
    <serial type='file'><source path='/var/log/libvirt/qemu/${name}.console'/></serial>
    <memballoon model='none'/>
    ${options.devices ?? ''}
  </devices>
  ${options.ballast === undefined ? '' : loaded(options.ballast)}
</domain>
`;
}

/** Behind the first 24 MiB, which a firmware uses itself. */
function loaded(file: string): string {
  const device = `loader,file=${file},addr=0x1800000,force-raw=on`;
  return `<qemu:commandline><qemu:arg value='-device'/><qemu:arg value='${device}'/></qemu:commandline>`;
}

function disk({ file, format = 'raw' }: GuestDisk, index: number): string {
  const target = `vd${String.fromCharCode(97 + index)}`;
  return `<disk type='file' device='disk'><driver name='qemu' type='${format}' cache='none'/><source file='${file}'/><target dev='${target}' bus='virtio'/></disk>`;
}
