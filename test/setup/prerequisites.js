/**
 * Finds the programs that the tests drive, and installs what is missing from Debian packages where that is possible.
 * The tests run a real smart-HTTP server, `git http-backend`, sign status commits with `ssh-keygen`, and start hypervisors.
 * Without git and ssh-keygen there is no test run; without hypervisors there is one, which tells at its end what did not run.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import '../tools/typescript.js';

const prerequisites = [
  { name: 'git with git-http-backend', debianPackage: 'git', present: hasHttpBackend },
  // Without arguments it asks on the terminal; an unknown option makes it answer and end.
  { name: 'ssh-keygen', debianPackage: 'openssh-client', present: () => canRun('ssh-keygen', ['-?']) },
];

function hasHttpBackend() {
  const found = spawnSync('git', ['--exec-path'], { encoding: 'utf8' });
  return found.status === 0 && existsSync(join(found.stdout.trim(), 'git-http-backend'));
}

function canRun(program, args) {
  return spawnSync(program, args, { stdio: 'ignore' }).error === undefined;
}

function canInstall() {
  return process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0;
}

function install(packages) {
  console.error(`installing from Debian packages: ${packages.join(' ')}`);
  const options = {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  spawnSync('apt-get', ['update', '-qq'], options);
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options);
}

const missing = () => prerequisites.filter((one) => !one.present());
if (missing().length > 0 && canInstall()) install(missing().map((one) => one.debianPackage));
for (const { name, debianPackage } of missing()) {
  console.error(`missing: ${name}; install the package "${debianPackage}" of your system, then run the tests again`);
  process.exitCode = 1;
}

const { prepareLab } = await import('./lab.ts');
await prepareLab();
