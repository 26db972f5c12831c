import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { copyFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const configuration = '/etc/apt';
const servicePolicy = '/usr/sbin/policy-rc.d';

/** True when this process may install Debian packages. */
export function mayInstall(): boolean {
  return process.getuid?.() === 0 && spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0;
}

/**
 * The entry for another suite of the archive that this machine takes its packages from, in the form of `.sources` files; undefined
 * when no entry for `release` is found in `text`. Only this copy changes: the machine keeps its own configuration.
 */
export function otherSuite(text: string, release: string, suite: string): string | undefined {
  for (const entry of text.split(/\n\s*\n/)) {
    const fields = entry.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const suites = fields.find((line) => /^Suites:/i.test(line));
    if (!suites?.split(/\s+/).includes(release) || !fields.some((line) => /^Types:.*\bdeb\b/i.test(line))) continue;
    return `${fields.map((line) => (line === suites ? `Suites: ${suite}` : line)).join('\n')}\n`;
  }
  for (const line of text.split('\n')) {
    const [, options = '', uri, found, components] =
      /^deb\s+(\[.*?\]\s+)?(\S+)\s+(\S+)\s+(.*)$/.exec(line.trim()) ?? [];
    if (uri === undefined || found !== release) continue;
    const signedBy = /signed-by=([^\s\]]+)/.exec(options)?.[1];
    const key = signedBy === undefined ? '' : `Signed-By: ${signedBy}\n`;
    return `Types: deb\nURIs: ${uri}\nSuites: ${suite}\nComponents: ${components ?? 'main'}\n${key}`;
  }
  return undefined;
}

/** The entry for another suite of the archive of this machine, from whichever of apt's files has it. */
export function archiveEntry(suite: string): string | undefined {
  const folder = `${configuration}/sources.list.d`;
  const files = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  for (const file of [`${configuration}/sources.list`, ...files].filter((one) => existsSync(one))) {
    const entry = otherSuite(readFileSync(file, 'utf8'), releaseName(), suite);
    if (entry !== undefined) return entry;
  }
  return undefined;
}

function releaseName(): string {
  const about = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return /^VERSION_CODENAME=(.*)$/m.exec(about)?.[1] ?? '';
}

/** apt with the machine's own sources and, where the archive has it, the backports of its release. */
export class Apt {
  private readonly folder = mkdtempSync(join(tmpdir(), 'berth-apt-'));
  private readonly options: readonly string[];
  private readonly release = releaseName();
  private readonly environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };

  constructor() {
    for (const part of ['sources', 'preferences', 'lists/partial'])
      mkdirSync(join(this.folder, part), { recursive: true });
    copyFolder(`${configuration}/sources.list.d`, join(this.folder, 'sources'));
    copyFolder(`${configuration}/preferences.d`, join(this.folder, 'preferences'));
    this.options = [
      ...['-o', `Dir::Etc::SourceParts=${this.folder}/sources`, '-o', `Dir::State::Lists=${this.folder}/lists`],
      ...['-o', `Dir::Etc::PreferencesParts=${this.folder}/preferences`, '-o', 'DPkg::Lock::Timeout=300'],
      ...['-o', 'APT::Sandbox::User=root'],
    ];
  }

  /** Reads the lists of packages, with those of backports when they can be had. False when not even the machine's own can. */
  update(): boolean {
    const backports = this.backports();
    const file = join(this.folder, 'sources', 'backports.sources');
    if (backports !== undefined) {
      writeFileSync(file, backports);
      // An archive that lacks the suite makes the whole update fail.
      if (this.run('apt-get', ['update', '-qq', '--error-on=any'])) return true;
      rmSync(file);
    }
    return this.run('apt-get', ['update', '-qq']);
  }

  /** The version that would be installed, like `9.0.0-4`; empty when there is none. */
  candidate(name: string): string {
    const { stdout } = spawnSync('apt-cache', [...this.options, 'policy', name], {
      encoding: 'utf8',
      env: this.environment,
    });
    return /Candidate: (?:\d+:)?(\S+)/.exec(stdout)?.[1] ?? '';
  }

  /** From now on prefers backports for what is built from the named source packages, and for nothing else. */
  preferBackports(sourcePackages: readonly string[]): void {
    const names = sourcePackages.map((name) => `src:${name}`).join(' ');
    const text = `Package: ${names}\nPin: release n=${this.release}-backports\nPin-Priority: 990\n`;
    writeFileSync(join(this.folder, 'preferences', 'lab'), text);
  }

  /** Installs packages without starting the services that they bring. */
  install(packages: readonly string[]): boolean {
    const policy = !existsSync(servicePolicy);
    if (policy) {
      writeFileSync(servicePolicy, '#!/bin/sh\nexit 101\n');
      chmodSync(servicePolicy, 0o755);
    }
    try {
      return this.run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages]);
    } finally {
      if (policy) rmSync(servicePolicy);
    }
  }

  /** Fetches the package that a metapackage of a kernel stands for; returns its file, which `dispose` removes. */
  fetchKernel(metapackage: string): string | undefined {
    const { stdout } = spawnSync('apt-cache', [...this.options, 'depends', metapackage], {
      encoding: 'utf8',
      env: this.environment,
    });
    const name = /Depends: (linux-image-\S+)/.exec(stdout)?.[1];
    if (name === undefined) return undefined;
    const folder = mkdtempSync(join(this.folder, 'kernel-'));
    if (!this.run('apt-get', ['download', '-qq', name], folder)) return undefined;
    const file = readdirSync(folder).find((one) => one.endsWith('.deb'));
    return file === undefined ? undefined : join(folder, file);
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private backports(): string | undefined {
    return archiveEntry(`${this.release}-backports`);
  }

  private run(program: string, args: readonly string[], cwd = '/'): boolean {
    const { status, stderr } = spawnSync(program, [...this.options, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
      env: this.environment,
      cwd,
    });
    if (status !== 0) console.error(stderr.trim());
    return status === 0;
  }
}

function copyFolder(from: string, to: string): void {
  if (!existsSync(from)) return;
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (!entry.isDirectory()) copyFileSync(join(from, entry.name), join(to, entry.name));
  }
}
