import { spawn } from 'node:child_process';
import { PassThrough } from 'node:stream';
import type { Channel } from '../channel.js';
import { ConnectFailed } from '../error.js';

export interface SshTarget {
  readonly host: string;
  readonly port: number | null;
  readonly user: string | null;
  readonly keyFile: string | null;
  readonly knownHosts: string | null;
  /** What the daemon on the host is asked to open. */
  readonly driverUri: string;
}

const HOST = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})$|^[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{1,44}$/;
const USER = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;
/** ssh hands the words of the command to a shell on the host: only words that mean themselves there are let through. */
const DRIVER_URI = /^[a-z][a-z0-9]*:\/\/\/[a-z]+$/;

const STDERR_KEPT = 2000;

/**
 * Connects through the system's `ssh`, which must get in without asking, to `virt-ssh-helper` on the host. The answer comes before ssh has got
 * in: when it does not, the first call ends with what ssh said. Throws `ConnectFailed` for names that ssh could take for something else.
 */
export function connectSsh(target: SshTarget, timeoutMs: number): Channel {
  const child = spawn('ssh', sshArguments(target, timeoutMs), { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-STDERR_KEPT);
  });
  // The end of the stream waits for the end of ssh, so that what ssh said about it is known by then.
  const input = new PassThrough();
  child.stdout.pipe(input, { end: false });
  child.on('error', (error) => {
    said = `${said} ${error.message}`.trim();
    input.end();
  });
  child.on('close', () => input.end());
  return {
    input,
    output: child.stdin,
    close: () => {
      child.stdin.destroy();
      input.destroy();
      child.kill('SIGTERM');
    },
    diagnosis: () => said.trim().replaceAll(/\s*\n\s*/g, '; '),
  };
}

/** The argument vector for `ssh`. Throws `ConnectFailed`. */
export function sshArguments(target: SshTarget, timeoutMs: number): readonly string[] {
  const { driverUri } = target;
  if (!DRIVER_URI.test(driverUri)) throw new ConnectFailed(`${JSON.stringify(driverUri)} cannot be opened by ssh`, '');
  return [...sshDestination(target, timeoutMs), 'virt-ssh-helper', driverUri];
}

/** Options and destination for `ssh`, behind which the words of a command come. Throws `ConnectFailed`. */
export function sshDestination(target: Omit<SshTarget, 'driverUri'>, timeoutMs: number): readonly string[] {
  const { host, port, user, keyFile, knownHosts } = target;
  if (!HOST.test(host)) throw new ConnectFailed(`${JSON.stringify(host)} is no name of a host`, '');
  if (user !== null && !USER.test(user)) throw new ConnectFailed(`${JSON.stringify(user)} is no name of a user`, '');
  for (const file of [keyFile, knownHosts]) {
    // In a configuration value ssh expands % and $, splits at blanks and unquotes.
    if (file !== null && !/^\/[A-Za-z0-9_./+@-]+$/.test(file)) {
      throw new ConnectFailed(
        `${JSON.stringify(file)} is no path that ssh takes as it is`,
        'use a path of plain characters',
      );
    }
  }
  const option = (name: string, value: string) => ['-o', `${name}=${value}`];
  return [
    '-T',
    '-x',
    ...['-e', 'none'],
    ...option('BatchMode', 'yes'),
    ...option('ClearAllForwardings', 'yes'),
    ...option('ConnectTimeout', String(Math.max(1, Math.ceil(timeoutMs / 1000)))),
    ...(port === null ? [] : ['-p', String(port)]),
    ...(user === null ? [] : ['-l', user]),
    ...(keyFile === null ? [] : ['-i', keyFile, ...option('IdentitiesOnly', 'yes')]),
    ...(knownHosts === null ? [] : option('UserKnownHostsFile', knownHosts)),
    '--',
    host,
  ];
}
