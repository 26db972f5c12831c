import { describe, expect, it } from 'vitest';
import { parseCommandTarget } from '../../src/connection/command-target.js';

describe('where commands run', () => {
  it('is here, or a host by ssh', () => {
    expect(parseCommandTarget('local')).toEqual({ ok: true, value: { kind: 'local' } });
    expect(parseCommandTarget('ssh://root@host-a')).toMatchObject({
      ok: true,
      value: { kind: 'ssh', host: 'host-a', user: 'root', port: null, keyFile: null, knownHosts: null },
    });
    expect(
      parseCommandTarget('ssh://berth@[fd00::1]:2222/?keyfile=/etc/berth/key&known_hosts=/etc/berth/known'),
    ).toMatchObject({
      ok: true,
      value: { host: 'fd00::1', user: 'berth', port: 2222, keyFile: '/etc/berth/key', knownHosts: '/etc/berth/known' },
    });
  });

  it.each([
    '',
    'here',
    'ssh://',
    'ssh://-oProxyCommand=x',
    'ssh://root@-x',
    'ssh://a b',
    'ssh://host/path',
    'ssh://host:0',
    'ssh://host?keyfile=relative',
    'ssh://host?no_verify=1',
    'http://host',
    'ssh://host#x',
  ])('is not %j', (text) =>
    expect(parseCommandTarget(text)).toMatchObject({ ok: false, hint: expect.any(String) as string }),
  );
});
