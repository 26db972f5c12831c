import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { guestImage, hasKernel, keepKernel } from '../lab/guest/image.js';
import { hasAllPrograms, hasRecentHypervisor, hasSshServer, lacking, lackingPermission } from '../lab/requirements.js';
import { Apt, mayInstall } from './debian.js';

const packages = [
  ...[
    'libvirt-daemon-system',
    'libvirt-clients',
    'qemu-system-x86',
    'qemu-utils',
    'iproute2',
    'busybox-static',
    'cpio',
  ],
  ...['dnsmasq-base', 'iputils-ping', 'openssl', 'xz-utils'],
];
/** The stand-in for a virtual function came with libvirt 9.3; backports have it where a release is older. */
const backported = ['libvirt', 'qemu', 'seabios'];
const kernel = 'linux-image-amd64';

/**
 * Installs what labs need, where that is possible, and says what remains missing. Nothing of this makes the run fail: the tests
 * that cannot run are told at its end.
 */
export async function prepareLab(): Promise<void> {
  if (lackingPermission() === undefined) await provide();
  const reason = lacking(['hypervisors', 'guests', 'stand-in functions', 'ssh']);
  if (reason !== undefined) console.error(`some tests will not run: ${reason}`);
}

async function provide(): Promise<void> {
  const software = hasAllPrograms() && (hasRecentHypervisor() || hypervisorRuns());
  const ssh = hasSshServer() || bootsServices();
  if ((software && hasKernel() && ssh) || !mayInstall()) return;
  const apt = new Apt();
  try {
    if (!apt.update()) return;
    if (!software) installHypervisor(apt);
    if (!ssh) apt.install(['openssh-server']);
    if (!hasKernel()) await fetchKernel(apt);
  } finally {
    apt.dispose();
  }
}

/** Where services are started with the machine, a test must not leave one behind that lets people in. */
function bootsServices(): boolean {
  return existsSync('/run/systemd/system');
}

async function fetchKernel(apt: Apt): Promise<void> {
  console.error(`fetching a kernel for guests: ${kernel}`);
  const file = apt.fetchKernel(kernel);
  if (file === undefined) return;
  await keepKernel(file);
  await guestImage();
}

function installHypervisor(apt: Apt): void {
  const [, major = '0', minor = '0'] = /^(\d+)\.(\d+)/.exec(apt.candidate('libvirt-daemon-system')) ?? [];
  if (Number(major) * 100 + Number(minor) < 903 && !hypervisorRuns()) apt.preferBackports(backported);
  console.error(`installing from Debian packages: ${packages.join(' ')}`);
  apt.install(packages);
}

/** A hypervisor in use is not replaced by another version. */
function hypervisorRuns(): boolean {
  return spawnSync('pgrep', ['-x', 'libvirtd|virtqemud|qemu-system-.*']).status === 0;
}
