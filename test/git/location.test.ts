import { describe, expect, it } from 'vitest';
import { openSource, openStatusStore } from '../../src/git/index.js';
import { RepositoryError } from '../../src/ports/index.js';
import { branchRef } from '../../src/git/branch.js';
import { parseLocation } from '../../src/git/location.js';
import { problemCode } from '../contracts/repository.js';

describe('a location', () => {
  it.each([
    ['./cluster', 'path'],
    ['/srv/git/cluster.git', 'path'],
    ['cluster:one', 'path'],
    ['https://git.example.com/team/cluster.git', 'https://git.example.com/team/cluster.git'],
    ['HTTPS://git.example.com:8443/x/', 'https://git.example.com:8443/x'],
    ['http://127.0.0.1:1/r.git?token=s3cret#frag', 'http://127.0.0.1:1/r.git'],
    ['https://ann:s3cret@git.example.com/x', 'https://git.example.com/x'],
  ])('%j is understood as %j', (location, expected) => {
    const parsed = parseLocation(location);
    expect(parsed.kind === 'path' ? 'path' : parsed.url).toBe(expected);
  });

  it('gives up its credentials, decoded, apart from the address', () => {
    const parsed = parseLocation('https://ann%40corp:p%3Aw%25@git.example.com/x');
    expect(parsed.kind === 'http' && parsed.credentials).toEqual({ username: 'ann@corp', password: 'p:w%' });
  });

  it.each([
    ['', 'BadLocation'],
    ['-oProxyCommand=x', 'BadLocation'],
    ['--upload-pack=x', 'BadLocation'],
    ['ext::sh -c "touch pwned"', 'BadLocation'],
    ['fd::17', 'BadLocation'],
    ['file:///srv/git/cluster.git', 'BadLocation'],
    ['FILE:/srv/git', 'BadLocation'],
    ['git://git.example.com/x', 'BadLocation'],
    ['ftp://ann:s3cret@git.example.com/x', 'BadLocation'],
    ['a\nb', 'BadLocation'],
    ['https://', 'BadLocation'],
    ['https://ann:s3cret@', 'BadLocation'],
    ['http://ann:s3cret@[::1', 'BadLocation'],
    ['ssh://ann:s3cret@git.example.com/x', 'SshNotSupported'],
    ['git@git.example.com:team/cluster.git', 'SshNotSupported'],
  ])('%j is refused with %s, wherever it is used, and nothing secret is shown', async (location, code) => {
    const source = openSource({ location, cacheDir: 'unused' });
    const error = await source.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error instanceof RepositoryError && error.problem.code).toBe(code);
    expect(String(error)).not.toContain('s3cret');
    const store = openStatusStore({
      location,
      branch: 'berth/status',
      author: { name: 'a', email: 'b' },
      cacheDir: 'unused',
      clock: { now: () => 0, sleep: () => Promise.resolve() },
      random: () => 0,
    });
    expect(await problemCode(store)).toBe(code);
  });
});

describe('a branch name', () => {
  it.each(['main', 'berth/status', 'release-1.2', 'größe'])('%j is accepted', (branch) => {
    expect(branchRef(branch)).toBe(`refs/heads/${branch}`);
  });

  it.each([
    '',
    '@',
    'HEAD',
    '-main',
    '../../config',
    'refs/heads/../../config',
    'refs/heads/main',
    'a..b',
    'a//b',
    '/a',
    'a/',
    'a.',
    '.a',
    'a/.b',
    'a.lock',
    'a.lock/b',
    'a b',
    'a~1',
    'a^',
    'a:b',
    'a?',
    'a*',
    'a[b',
    'a\\b',
    'a@{1}',
    'a\x7fb',
    'a\nb',
    'x'.repeat(201),
  ])('%j is refused before anything is read or sent', async (branch) => {
    expect(await problemCode(openSource({ location: '.', branch, cacheDir: 'unused' }))).toBe('BadRef');
    const remote = openSource({ location: 'http://127.0.0.1:1/r.git', branch, cacheDir: 'unused' });
    expect(await problemCode(remote)).toBe('BadRef');
  });
});
