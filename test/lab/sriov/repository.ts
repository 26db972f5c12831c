import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from '../namespaces/program.js';
import { guestMac } from '../guest/machine.js';
import { CLAIM, PLACE } from './guests.js';
import type { SriovHost } from './host.js';

/** A machine as it is to be. */
export interface Wanted {
  readonly name: string;
  readonly number: number;
  readonly host: string;
  readonly memoryMiB: number;
  readonly strategies: readonly string[];
}

/** How migrations are to be; the defaults are generous, because all is emulated. */
export interface Policy {
  readonly bandwidthMibps?: number;
  readonly baseSeconds?: number;
}

/** The git repository of the lab's cluster. */
export class Repository {
  constructor(
    readonly folder: string,
    private readonly hosts: readonly SriovHost[],
  ) {}

  async create(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await this.#git('init', '--quiet', '--initial-branch', 'main');
  }

  /** Commits documents that say where the machines are to be; returns the commit. */
  async commit(message: string, machines: readonly Wanted[], policy: Policy = {}): Promise<string> {
    const documents = [...this.#cluster(policy), ...this.hosts.map(({ name }) => host(name)), ...machines.map(machine)];
    await writeFile(
      join(this.folder, 'berth.yaml'),
      documents.map((one) => JSON.stringify(one, null, 2)).join('\n---\n'),
    );
    await this.#git('add', '--all');
    await this.#git(
      ...[
        '-c',
        'user.name=lab',
        '-c',
        'user.email=lab@example.org',
        'commit',
        '--quiet',
        '--allow-empty',
        '-m',
        message,
      ],
    );
    return (await this.#git('rev-parse', 'HEAD')).trim();
  }

  /** Message and files of the newest commit of the status branch. */
  async status(): Promise<{ readonly message: string; readonly files: readonly string[] }> {
    const branch = 'berth/status';
    const message = await this.#git('log', '-1', '--format=%B', branch);
    const files = (await this.#git('ls-tree', '-r', '--name-only', branch)).split('\n').filter(Boolean);
    return { message, files };
  }

  #git(...argv: readonly string[]): Promise<string> {
    return must(['git', '-C', this.folder, ...argv]);
  }

  #cluster({ bandwidthMibps = 0, baseSeconds = 600 }: Policy): readonly object[] {
    const hosts = this.hosts.map(
      ({ name, uri, peerUri, migrationUri }) => [name, { uri, peerUri, migrationUri }] as const,
    );
    return [
      document('Cluster', 'nested', {
        driver: 'libvirt',
        connection: { hosts: Object.fromEntries(hosts), unplugSeconds: 120 },
        limits: { perHost: 2, perGroup: 4, perCluster: 4 },
      }),
      document('AccessGroup', 'bench', { switch: 'sw' }),
      document('DeviceClass', 'function', { type: 'vf', vendors: ['8086'], devices: ['10ca'], physicalNetwork: 'lan' }),
      document('PortProfile', 'plain', {}),
      document('MigrationPolicy', 'default', {
        bandwidthMibps,
        deadlines: { baseSeconds, stepSeconds: 300 },
        forwardSeconds: 0,
        blastRadius: { maxSharePercent: 100 },
      }),
    ];
  }
}

function host(name: string): object {
  const port = { netdev: 'enp1s0', physicalNetwork: 'lan', switchPort: name };
  return document('Host', name, {
    accessGroup: 'bench',
    ports: [port],
    reserved: { memoryMiB: 512 },
    cpuAllocationRatio: 2,
  });
}

function machine({ name, number, host: on, memoryMiB, strategies }: Wanted): object {
  const claim = { name: CLAIM, class: 'function', portProfile: 'plain', mac: guestMac(number), guestAddress: PLACE };
  return document('VirtualMachine', name, { vcpus: 1, memoryMiB, host: on, strategies, devices: [claim] });
}

function document(kind: string, name: string, spec: object): object {
  return { apiVersion: 'berth/v1alpha1', kind, metadata: { name }, spec };
}
