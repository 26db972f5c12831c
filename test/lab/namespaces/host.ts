import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keepCapabilities, lendCapabilities } from './capabilities.js';
import { libvirtdConfiguration, qemuConfiguration, type HostConfiguration } from './configuration.js';
import { firstBelow, isAlive, ready, until } from './process-tree.js';
import { inNetwork, inside, must, run, type Ended } from './program.js';
import { relayTo } from './relay.js';

const scripts = new URL('.', import.meta.url).pathname;

/** Where a TCP service of a host can be reached from outside of the lab. */
export interface Door {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

/** One hypervisor: namespaces of its own with a libvirtd in them. */
export class LabHost {
  private init = 0;
  private readonly doors = new Set<Door>();

  constructor(
    readonly name: string,
    readonly number: number,
    private readonly lab: { readonly folder: string; readonly pid: number },
    private readonly configuration: HostConfiguration,
  ) {}

  get uuid(): string {
    return this.configuration.uuid;
  }

  /** Address inside the lab's network. */
  get address(): string {
    return this.configuration.address;
  }

  /** What belongs to this host only; as all of the lab, removed at the end. */
  get folder(): string {
    return join(this.lab.folder, this.name);
  }

  /** libvirtd's unix socket; any process of this machine may connect to it. */
  get socket(): string {
    return join(this.folder, 'run', 'libvirt-sock');
  }

  /** For `virsh -c` and libvirt's clients outside of the lab. */
  get uri(): string {
    return `qemu+unix:///system?socket=${this.socket}`;
  }

  /** Where another host of the lab connects for a peer-to-peer migration to this one. */
  get peerUri(): string {
    if (!this.configuration.tls) return `qemu+tcp://${this.address}/system`;
    return `qemu+tls://${this.address}/system?pkipath=/etc/libvirt/pki`;
  }

  /** Where QEMU sends a guest's memory. */
  get migrationUri(): string {
    return `tcp://${this.address}`;
  }

  /** Process id, as seen outside of the lab, of the first process of this host. */
  get pid(): number {
    return this.init;
  }

  /** Writes this host's configuration, makes its namespaces and its link to the switch, and starts its libvirtd. */
  async boot(): Promise<void> {
    // What a host has in memory only is gone after a crash.
    for (const part of ['run', 'ready']) await rm(join(this.folder, part), { recursive: true, force: true });
    for (const part of ['run', 'etc/qemu', 'var/qemu', 'cache', 'log/qemu', 'local']) {
      await mkdir(join(this.folder, part), { recursive: true });
    }
    await lendCapabilities(join(this.folder, 'cache'));
    await writeFile(join(this.folder, 'etc', 'libvirtd.conf'), libvirtdConfiguration(this.configuration));
    await writeFile(join(this.folder, 'etc', 'qemu.conf'), qemuConfiguration(this.configuration));
    const unshare = ['unshare', '-m', '-u', '-i', '-n', '-p', '--fork', '--kill-child', '--mount-proc'];
    const first = ['bash', join(scripts, 'host.sh'), this.lab.folder, this.name];
    const [program = '', ...rest] = inside(this.lab.pid, [...unshare, ...first]);
    // Held open by the host for as long as it lives: so no pipe of whoever opened the lab.
    const log = openSync(join(this.folder, 'host.log'), 'a');
    const child = spawn(program, rest, { stdio: ['ignore', log, log], detached: true });
    closeSync(log);
    child.unref();
    await ready(join(this.folder, 'ready'));
    // nsenter forks, its child becomes unshare, and that one's child is the first process.
    this.init = firstBelow(child.pid ?? 0, 2) ?? 0;
    if (this.init === 0) throw new Error(`host ${this.name} ended while it started`);
    await this.connect();
    await this.startDaemon();
  }

  /** MAC addresses are fixed: a bridge without one takes that of a guest's tap, which the next host has as well. */
  private async connect(): Promise<void> {
    const [port, uplink, bridge] = ['01', '02', '03'].map((kind) => `02:00:00:77:${kind}:0${this.number}`);
    await must(
      inNetwork(this.lab.pid, ['ip', '-batch', '-']),
      `link add ${this.name} address ${port} type veth peer name eth0 address ${uplink} netns ${this.init}
link set ${this.name} master sw up
`,
    );
    await must(
      inNetwork(this.init, ['ip', '-batch', '-']),
      `link set lo up
link add br0 address ${bridge} type bridge
link set eth0 master br0 up
addr add ${this.address}/16 dev br0
link set br0 up
`,
    );
  }

  /** Runs a program on this host. */
  exec(argv: readonly string[], input = ''): Promise<Ended> {
    return run(inside(this.init, argv), input);
  }

  /** Runs virsh on this host; rejects when it fails. */
  virsh(...argv: readonly string[]): Promise<string> {
    return must(inside(this.init, ['virsh', '--quiet', ...argv]));
  }

  /** Starts a guest that is gone when it stops. */
  async create(xml: string): Promise<void> {
    await this.withXml(xml, ['create', '/dev/stdin']);
  }

  /** Plugs a device into a running guest. */
  async attach(guest: string, xml: string): Promise<void> {
    await this.withXml(xml, ['attach-device', guest, '/dev/stdin', '--live']);
  }

  /** node gives programs a socket as standard input, and a socket cannot be opened by its path. */
  private async withXml(xml: string, argv: readonly string[]): Promise<void> {
    await must(inside(this.init, ['sh', '-c', 'cat | virsh --quiet "$@"', 'sh', ...argv]), xml);
  }

  /** Names of the guests that libvirtd knows. */
  async guests(): Promise<readonly string[]> {
    return (await this.virsh('list', '--all', '--name')).split('\n').filter(Boolean);
  }

  /** What a guest has written on its serial console so far. */
  console(guest: string): Promise<string> {
    return readFile(join(this.folder, 'log', 'qemu', `${guest}.console`), 'utf8');
  }

  /** Starts libvirtd and resolves when it answers. */
  async startDaemon(): Promise<void> {
    await must(inside(this.init, ['bash', join(scripts, 'daemon.sh')]));
  }

  /** Process id of libvirtd as this host sees it. */
  async daemonPid(): Promise<number> {
    return Number(await must(inside(this.init, ['cat', '/run/libvirt/libvirtd.pid'])));
  }

  /** Sends libvirtd a signal; for those that end it, resolves when it has ended. Guests run on. */
  async killDaemon(signal: 'KILL' | 'TERM' | 'STOP' | 'CONT' = 'KILL'): Promise<void> {
    const pid = await this.daemonPid();
    const wait =
      signal === 'KILL' || signal === 'TERM' ? `; while kill -0 ${pid} 2>/dev/null; do sleep 0.02; done` : '';
    await must(inside(this.init, ['sh', '-c', `kill -${signal} ${pid}${wait}`]));
  }

  /** Loss of power: every process of the host ends at once, its interfaces vanish. `boot` starts it again, with its disks. */
  async crash(): Promise<void> {
    const pid = this.init;
    process.kill(pid, 'SIGKILL');
    await until(`host ${this.name} is still there`, 10_000, () => !isAlive(pid));
    // The kernel takes a namespace's interfaces down a moment after its last process.
    const look = inNetwork(this.lab.pid, ['ip', 'link', 'show', this.name]);
    await until(`the link of ${this.name} is still there`, 10_000, async () => (await run(look)).status !== 0);
  }

  /** Opens a port of 127.0.0.1 that leads through the lab's network to a TCP port of this host; cutting its link stops it. */
  async open(service: 'tcp' | 'tls' | number): Promise<Door> {
    const target = service === 'tcp' ? 16509 : service === 'tls' ? 16514 : service;
    const relay = relayTo(inside(this.lab.pid, ['busybox', 'nc', this.address, String(target)]));
    await relay.listen({ port: 0, host: '127.0.0.1' });
    const door: Door = {
      host: '127.0.0.1',
      port: relay.port,
      close: () => {
        this.doors.delete(door);
        return relay.close();
      },
    };
    this.doors.add(door);
    return door;
  }

  /** Closes what this host holds outside of the lab, and keeps what the next lab can use. */
  async release(): Promise<void> {
    await keepCapabilities(join(this.folder, 'cache'));
    await Promise.all([...this.doors].map((door) => door.close()));
  }
}
