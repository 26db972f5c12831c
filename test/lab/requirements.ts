import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { freemem } from 'node:os';
import { hasKernel } from './guest/image.js';

/** What a test needs of the machine besides a lab: guests with an operating system, cards plugged like virtual functions, an ssh server, hosts that are virtual machines themselves. */
export type LabNeed = 'hypervisors' | 'guests' | 'stand-in functions' | 'ssh' | 'nested hosts';

const programs = [
  'libvirtd',
  'virsh',
  'qemu-system-x86_64',
  'qemu-img',
  'ip',
  'ping',
  'nsenter',
  'flock',
  'openssl',
  'busybox',
  'cpio',
];
const folders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** The first thing that the machine lacks, as a clause that ends a sentence about tests that do not run; undefined when all is there. */
export function lacking(needs: readonly LabNeed[]): string | undefined {
  const reasons = [lackingForHypervisors, ...needs.map((need) => lackingFor[need])];
  for (const reason of reasons) {
    const found = reason();
    if (found !== undefined) return found;
  }
  return undefined;
}

const lackingFor: Readonly<Record<LabNeed, () => string | undefined>> = {
  hypervisors: () => undefined,
  guests: () => (hasKernel() ? undefined : 'the kernel for guests could not be fetched'),
  'stand-in functions': () => (hasRecentHypervisor() ? undefined : 'the igb card needs libvirt 9.3 and QEMU 8'),
  'nested hosts': lackingForNested,
  ssh: () => (hasSshServer() ? undefined : 'the package openssh-server, with sshd, is not installed'),
};

function lackingForHypervisors(): string | undefined {
  return lackingPermission() ?? (hasAllPrograms() ? undefined : `labs need ${missingPrograms().join(', ')}`);
}

/** Why this process may not make a lab, whatever is installed. */
export function lackingPermission(): string | undefined {
  if (process.getuid?.() !== 0) return 'labs need root';
  if (!existsSync('/dev/net/tun')) return 'guests need /dev/net/tun, which this machine does not have';
  return refusedNamespaces();
}

/** Memory of two nested hosts, and what is around them. */
const NESTED_MIB = 6 * 1024;

function lackingForNested(): string | undefined {
  const missing = missingForNested();
  if (missing.length > 0) return `nested hosts need ${missing.join(', ')}`;
  if (!hasRecentHypervisor()) return 'the igb card needs QEMU 8';
  const free = Math.round(freemem() / 2 ** 20);
  return free < NESTED_MIB ? `nested hosts need ${NESTED_MIB} MiB of free memory, and ${free} MiB are free` : undefined;
}

/** Programs that only nested hosts need, and that are not here. */
export function missingForNested(): readonly string[] {
  return ['mmdebstrap', 'mke2fs', 'ssh', 'ssh-keygen'].filter(isMissing);
}

export function hasSshServer(): boolean {
  return ['/usr/sbin/sshd', '/usr/bin/ssh', '/usr/bin/virt-ssh-helper'].every((program) => existsSync(program));
}

function missingPrograms(): readonly string[] {
  return programs.filter(isMissing);
}

function isMissing(program: string): boolean {
  return !folders.some((folder) => existsSync(`${folder}/${program}`));
}

export function hasAllPrograms(): boolean {
  return missingPrograms().length === 0;
}

/** Containers often may not make namespaces, mounts or interfaces, even as root. */
function refusedNamespaces(): string | undefined {
  const devices = hasAllPrograms() ? ' && ip link add sw0 type bridge && ip link add h1 type veth' : '';
  const attempt = `mount -t tmpfs none /run && mount -t sysfs none /sys${devices}`;
  const unshare = ['-n', '-m', '-p', '-i', '-u', '--fork', '--mount-proc', 'sh', '-c', attempt];
  const { status, stderr } = spawnSync('unshare', unshare, { encoding: 'utf8' });
  return status === 0
    ? undefined
    : `this machine does not permit what labs need: ${stderr.trim().split('\n')[0] ?? ''}`;
}

/** True when libvirt and QEMU know the igb card. */
export function hasRecentHypervisor(): boolean {
  return version('libvirtd', ['--version']) >= 9.03 && version('qemu-system-x86_64', ['--version']) >= 8;
}

/** 11.3.0 becomes 11.03. */
function version(program: string, args: readonly string[]): number {
  const { stdout } = spawnSync(program, args, { encoding: 'utf8' });
  const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(stdout) ?? [];
  return Number(major) + Number(minor) / 100;
}
