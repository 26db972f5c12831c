import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { libvirtdConfiguration, qemuConfiguration } from '../namespaces/configuration.js';
import { childrenOf, isAlive, until } from '../namespaces/process-tree.js';
import { inNetwork, inside, must, run, type Ended } from '../namespaces/program.js';
import { relayTo, type Relay } from '../namespaces/relay.js';
import { GUEST_KERNEL, type HostImage } from './image.js';
import type { Keys } from './keys.js';

/** What hosts of a lab have in common. */
export interface Surroundings {
  readonly folder: string;
  /** First process of the lab, whose network has the switch in it. */
  readonly pid: number;
  readonly image: HostImage;
  readonly keys: Keys;
  readonly vfs: number;
  readonly hosts: number;
}

/** Liveness, no measure: an emulated host on a busy machine takes its time. */
const BOOT_LIMIT_MS = 600_000;
const MEMORY_MIB = 2048;

/** Names, as every host knows them. */
export function hostName(number: number): string {
  return `h${number}`;
}

/** On the network of the daemons, which also carries memory. */
export function hostAddress(number: number): string {
  return `10.88.0.${number}`;
}

/** One hypervisor with an SR-IOV NIC: a virtual machine whose processor, IOMMU and NIC are emulated, with libvirtd in it. */
export class SriovHost {
  #qemu = 0;
  /** It was started, and nobody has killed it. */
  #powered = false;
  readonly #relay: Relay;

  constructor(
    readonly number: number,
    private readonly lab: Surroundings,
  ) {
    this.#relay = relayTo(inside(lab.pid, ['busybox', 'nc', this.address, '16509']));
  }

  get name(): string {
    return hostName(this.number);
  }

  get address(): string {
    return hostAddress(this.number);
  }

  get folder(): string {
    return join(this.lab.folder, this.name);
  }

  get socket(): string {
    return join(this.folder, 'libvirt-sock');
  }

  /** For libvirt's clients outside of the lab. */
  get uri(): string {
    return `qemu+unix:///system?socket=${this.socket}`;
  }

  /** Where another host of the lab connects for a peer-to-peer migration to this one. */
  get peerUri(): string {
    return `qemu+tcp://${this.address}/system`;
  }

  get migrationUri(): string {
    return `tcp://${this.address}`;
  }

  /** Starts the virtual machine, also after `kill`; `booted` tells when its libvirtd answers. */
  async start(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    const initrd = await this.#initrd();
    const [data, management] = await this.#cables();
    await rm(join(this.folder, 'console'), { force: true });
    const log = openSync(join(this.folder, 'qemu.log'), 'a');
    const [program = '', ...rest] = inside(this.lab.pid, [
      ...['env', `TMPDIR=${this.folder}`, 'qemu-system-x86_64', '-name', this.name, '-machine', 'q35'],
      ...['-accel', 'tcg,tb-size=512', '-cpu', 'max,-la57', '-smp', '1', '-m', String(MEMORY_MIB), '-no-reboot'],
      ...['-display', 'none', '-monitor', 'none', '-serial', `file:${this.folder}/console`],
      ...['-device', 'intel-iommu,intremap=on,caching-mode=on'],
      // With several emulated processors a host that runs guests ends by itself every second time.
      // Without no_timer_check it panics now and then; the rest saves an emulated processor time.
      ...['-kernel', this.lab.image.kernel, '-initrd', initrd],
      '-append',
      'console=ttyS0 quiet loglevel=4 intel_iommu=on iommu=pt mitigations=off nokaslr no_timer_check panic=-1',
      ...['-drive', `file=${this.lab.image.disk},if=none,id=disk,format=raw,snapshot=on`],
      ...['-device', 'virtio-blk-pci,drive=disk'],
      ...['-netdev', `tap,id=mg,ifname=${management},script=no,downscript=no`],
      ...['-device', `virtio-net-pci,netdev=mg,mac=52:54:00:88:00:0${this.number},romfile=`],
      ...['-netdev', `tap,id=data,ifname=${data},script=no,downscript=no`],
      ...['-device', 'pcie-root-port,id=port1,chassis=1,slot=1'],
      ...['-device', `igb,bus=port1,netdev=data,mac=52:54:00:88:01:0${this.number},romfile=`],
    ]);
    const child = spawn(program, rest, { stdio: ['ignore', log, log], detached: true });
    closeSync(log);
    child.unref();
    const started = child.pid ?? 0;
    // nsenter forks to enter the namespace of processes.
    await until(`${this.name} does not start`, 30_000, () => childrenOf(started).length > 0);
    this.#qemu = childrenOf(started)[0] ?? 0;
    this.#powered = true;
  }

  /** Resolves when libvirtd answers on this host; rejects when the host has ended, with what it has written. */
  async booted(): Promise<void> {
    await until(`${this.name} is not up`, BOOT_LIMIT_MS, async () => {
      if (!isAlive(this.#qemu)) throw new Error(`${this.name} has ended: ${(await this.#written()).slice(-2000)}`);
      return /^LAB \S+ ready/m.test(await this.#written());
    });
    // That of the host before it lost its power leads nowhere.
    await rm(join(this.folder, 'ssh'), { force: true });
    await must(inside(this.lab.pid, [...this.#ssh('-M', '-N', '-f'), this.#login]));
    if (!existsSync(this.socket)) await this.#relay.listen({ path: this.socket });
  }

  /** Names of the interfaces between the switches and the host's two cards; they outlive the host. */
  async #cables(): Promise<readonly [string, string]> {
    const [data, management] = [this.name, `m${this.number}`];
    if (this.#qemu === 0)
      await must(
        inNetwork(this.lab.pid, ['ip', '-batch', '-']),
        `tuntap add ${data} mode tap
link set ${data} master sw up
tuntap add ${management} mode tap
link set ${management} master mg up
`,
      );
    return [data, management];
  }

  /** What the host has told while it started, as seconds of its own clock and a word each. */
  async stages(): Promise<readonly string[]> {
    return (await this.#written()).split('\n').filter((line) => line.startsWith('LAB '));
  }

  /** How the host has ended by itself; null while it runs or after `kill`. The emulated processor makes it do so now and then. */
  async collapse(): Promise<string | null> {
    if (!this.#powered || isAlive(this.#qemu)) return null;
    return /Kernel panic[^\r\n]*/.exec(await this.#written())?.[0] ?? 'it restarted without a word';
  }

  /** Runs a program on this host. */
  exec(argv: readonly string[], input = ''): Promise<Ended> {
    return run(inside(this.lab.pid, [...this.#ssh(), this.#login, '--', quoted(argv)]), input);
  }

  /** Runs virsh on this host; rejects when it fails. */
  async virsh(...argv: readonly string[]): Promise<string> {
    return must(inside(this.lab.pid, [...this.#ssh(), this.#login, '--', quoted(['virsh', '--quiet', ...argv])]));
  }

  /** Defines a guest and starts it. */
  async create(name: string, xml: string): Promise<void> {
    const file = `/tmp/${name}.xml`;
    await this.exec(['sh', '-c', `cat >${file}`], xml);
    await this.virsh('define', file);
    await this.virsh('start', name);
  }

  /** What a guest has written on its serial console so far. */
  async console(guest: string): Promise<string> {
    return (await this.exec(['cat', `/var/log/libvirt/qemu/${guest}.console`])).stdout;
  }

  /** Loss of power. */
  async kill(): Promise<void> {
    this.#powered = false;
    process.kill(this.#qemu, 'SIGKILL');
    await until(`${this.name} is still there`, 30_000, () => !isAlive(this.#qemu));
  }

  async release(): Promise<void> {
    await this.#relay.close();
  }

  get #login(): string {
    return `root@${this.address}`;
  }

  #ssh(...options: readonly string[]): readonly string[] {
    return [
      'ssh',
      '-F',
      'none',
      '-i',
      this.lab.keys.client,
      '-o',
      `UserKnownHostsFile=${this.lab.keys.knownHosts}`,
    ].concat(
      ['-o', 'LogLevel=ERROR', '-o', `ControlPath=${join(this.folder, 'ssh')}`, '-o', 'ServerAliveInterval=20'],
      options,
    );
  }

  async #written(): Promise<string> {
    return readFile(join(this.folder, 'console'), 'utf8').catch(() => '');
  }

  /** The common initial file system with this host's own files at its end. */
  async #initrd(): Promise<string> {
    const lab = join(this.folder, 'seed', 'lab');
    await rm(lab, { recursive: true, force: true });
    await mkdir(lab, { recursive: true });
    const configuration = {
      uuid: `4c616200-0000-4000-9000-00000000000${this.number}`,
      address: this.address,
      tls: false,
      sharedFolder: '/shared',
      keepaliveSeconds: 5,
    };
    const numbers = Array.from({ length: this.lab.hosts }, (_, index) => index + 1);
    const texts: Readonly<Record<string, string>> = {
      settings: `name=${this.name} number=${this.number} address=${this.address} vfs=${this.lab.vfs}\n`,
      hosts: `127.0.0.1 localhost\n${numbers.map((one) => `${hostAddress(one)} ${hostName(one)}\n`).join('')}`,
      'libvirtd.conf': libvirtdConfiguration(configuration),
      'qemu.conf': qemuConfiguration(configuration),
    };
    for (const [name, text] of Object.entries(texts)) await writeFile(join(lab, name), text);
    const { authorized, host } = this.lab.keys;
    const scripts = new URL('.', import.meta.url).pathname;
    await must(['cp', join(scripts, 'host.sh'), lab]);
    await must(['cp', authorized, join(lab, 'authorized_keys')]);
    await must(['cp', host, join(lab, 'host_key')]);
    await must(['cp', this.lab.image.guest.initramfs, join(lab, 'guest-initramfs')]);
    const image = join(this.folder, 'initrd');
    const pack =
      'chmod +x "$1/lab/host.sh"; cp "$2" "$3"; cd "$1"; find . | cpio --create --format=newc --quiet >>"$3"';
    await must(['sh', '-c', pack, 'sh', join(this.folder, 'seed'), this.lab.image.initrd, image]);
    return image;
  }
}

/** Kernel and file system of guests, as files of every host. */
export const guestFiles = { kernel: GUEST_KERNEL, initramfs: '/run/lab/guest-initramfs' };

/** ssh joins its words by spaces and hands them to a shell. */
function quoted(argv: readonly string[]): string {
  return argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}
