import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sshArguments } from '../../src/drivers/libvirt/rpc/transport/ssh.js';
import { parseLibvirtUri } from '../../src/connection/libvirt-uri.js';

const driverUri = 'qemu:///system';
const ssh = { kind: 'ssh', driverUri, port: null, user: null, keyFile: null, knownHosts: null };

describe('a libvirt URI', () => {
  it.each([
    { uri: 'qemu:///system', value: { kind: 'unix', driverUri, socket: null } },
    { uri: 'qemu+unix:///system?socket=/run/a%20b', value: { kind: 'unix', driverUri, socket: '/run/a b' } },
    { uri: 'qemu+tls://host-a/system', value: { kind: 'tls', driverUri, host: 'host-a', port: 16514, pkiPath: null } },
    { uri: 'qemu://host-a/system', value: { kind: 'tls', driverUri, host: 'host-a', port: 16514, pkiPath: null } },
    {
      uri: 'qemu+tls://[fe80::1]:7/system?pkipath=/etc/berth/pki',
      value: { kind: 'tls', driverUri, host: 'fe80::1', port: 7, pkiPath: '/etc/berth/pki' },
    },
    { uri: 'qemu+ssh://root@10.0.0.1/system', value: { ...ssh, host: '10.0.0.1', user: 'root' } },
    {
      uri: 'qemu+ssh://host.example:2222/system?keyfile=/k&known_hosts=/h',
      value: { ...ssh, host: 'host.example', port: 2222, keyFile: '/k', knownHosts: '/h' },
    },
  ])('$uri says how a daemon is reached', ({ uri, value }) => {
    expect(parseLibvirtUri(uri)).toEqual({ ok: true, value });
  });

  it.each([
    { uri: '', reason: 'empty' },
    { uri: 'qemu', reason: 'no URI' },
    { uri: 'qemu+tcp://host/system', reason: 'nothing is encrypted' },
    { uri: 'qemu+ext://host/system?command=/bin/sh', reason: 'runs a program of its choice' },
    { uri: 'qemu+tls://host/system?no_verify=1', reason: 'the certificate would not be checked' },
    { uri: 'qemu+ssh://host/system?no_verify=1', reason: 'the key of the host would not be checked' },
    { uri: 'qemu+ssh://host/system?netcat=sh', reason: 'runs a program of its choice' },
    { uri: 'qemu+ssh://-oProxyCommand=x/system', reason: 'the host looks like an option' },
    { uri: 'qemu+ssh://-l@host/system', reason: 'the user looks like an option' },
    { uri: 'qemu+ssh://host;id/system', reason: 'a shell would take it apart' },
    { uri: 'qemu+ssh://a@b@host/system', reason: 'two users' },
    { uri: 'qemu+ssh://host/system;id', reason: 'the path goes to a shell' },
    { uri: 'qemu+ssh://host/$(id)', reason: 'the path goes to a shell' },
    { uri: 'qemu+ssh://host/../system', reason: 'the path goes up' },
    { uri: 'qemu+ssh:///system', reason: 'no host' },
    { uri: 'qemu+tls://user@host/system', reason: 'TLS has no user' },
    { uri: 'qemu+tls://host:0/system', reason: 'no such port' },
    { uri: 'qemu+tls://host:99999/system', reason: 'no such port' },
    { uri: 'qemu+unix://host/system', reason: 'a socket has no host' },
    { uri: 'qemu+unix:///system?socket=run/x', reason: 'a relative path' },
    { uri: 'qemu+unix:///system?socket=/run/x%00y', reason: 'a NUL' },
    { uri: 'qemu:///system#x', reason: 'a fragment' },
    { uri: 'QEMU:///system\n', reason: 'not as libvirt writes it' },
  ])('$uri is refused: $reason', ({ uri }) => {
    const result = parseLibvirtUri(uri);
    expect(result).toMatchObject({ ok: false });
    if (!result.ok) expect(result.hint).not.toBe('');
  });
});

describe('the arguments for ssh', () => {
  it('hold host and command behind an end of options, and never ask', () => {
    const words = sshArguments(
      { ...ssh, host: 'host-a', user: 'root', port: 22, keyFile: '/k', knownHosts: '/h' },
      5000,
    );
    expect(words.slice(words.indexOf('--'))).toEqual(['--', 'host-a', 'virt-ssh-helper', driverUri]);
    expect(words).toEqual(expect.arrayContaining(['BatchMode=yes', 'IdentitiesOnly=yes', 'UserKnownHostsFile=/h']));
  });

  it('are never made from what a URI does not let through, and a URI lets nothing through that a shell takes apart', () => {
    const part = fc.string({ unit: fc.constantFrom(...Array.from('ab-1.@:[]/?=&;$`%\\ \n\'"|')) });
    fc.assert(
      fc.property(part, part, (authority, path) => {
        const result = parseLibvirtUri(`qemu+ssh://${authority}/${path}`);
        if (!result.ok || result.value.kind !== 'ssh') return;
        let words: readonly string[];
        try {
          words = sshArguments(result.value, 1000);
        } catch (error) {
          expect(error).toMatchObject({ kind: 'connectFailed' });
          return;
        }
        const [host = '', ...command] = words.slice(words.indexOf('--') + 1);
        expect(host).toMatch(/^[A-Za-z0-9:][A-Za-z0-9.:_-]*$/);
        expect(command.join(' ')).toMatch(/^virt-ssh-helper qemu:\/\/\/[a-z]+$/);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    { reason: 'a host like an option', change: { host: '-oProxyCommand=id' } },
    { reason: 'a user like an option', change: { user: '-v' } },
    { reason: 'a user with a blank', change: { user: 'a b' } },
    { reason: 'a driver for a shell', change: { driverUri: 'qemu:///system;id' } },
    { reason: 'a file that ssh would expand', change: { knownHosts: '/h/%r $HOME' } },
    { reason: 'a file like an option', change: { keyFile: '-i' } },
  ])('are refused for $reason', ({ change }) => {
    expect(() => sshArguments({ ...ssh, host: 'h', ...change }, 1000)).toThrow(
      expect.objectContaining({ kind: 'connectFailed' }) as Error,
    );
  });
});
