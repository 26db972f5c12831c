import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bareRepository, temporaryFolder } from './bare-repository.js';
import { problemCode, publication } from '../contracts/repository.js';
import { readFileSync, writeFileSync } from 'node:fs';
import type { BareRepository } from './bare-repository.js';
import type { StatusStore } from '../../src/ports/index.js';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { openStatusStore } from '../../src/git/index.js';

const folder = temporaryFolder();
const key = join(folder.path, 'key');
let repository: BareRepository;

beforeAll(() => {
  repository = bareRepository(join(folder.path, 'r.git'));
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'berth', '-f', key]);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'passphrase', '-f', join(folder.path, 'locked')]);
});
afterAll(folder.dispose);

function openSigning(signingKey: string): Promise<StatusStore> {
  return openStatusStore({
    location: repository.path,
    branch: 'berth/status',
    author: { name: 'Berth', email: 'berth@example.com' },
    signingKey,
    cacheDir: 'unused',
    clock: { now: () => 1_700_000_000_000, sleep: () => Promise.resolve() },
    random: () => 0,
  });
}

describe('a signing key', () => {
  it('signs status commits so that git finds the signature good', async () => {
    const store = await openSigning(key);
    const revision = await store.publish(publication({ a: '1' }, { trailers: [['Berth-Result', 'ok']] }));
    const allowed = join(folder.path, 'allowed');
    writeFileSync(allowed, `berth@example.com ${readFileSync(`${key}.pub`, 'utf8')}`);
    const format = ['log', '-1', '--format=%G?|%GS|%s|%(trailers:key=Berth-Result,valueonly)', revision ?? ''];
    expect(repository.git(['-c', `gpg.ssh.allowedSignersFile=${allowed}`, ...format])).toBe(
      'G|berth@example.com|Report|ok',
    );
    expect((await store.log(1))[0]?.message).toContain('Berth-Result: ok');
  });

  it.each(['absent', 'locked'])(
    'that cannot be used (%s) stops the publication instead of leaving it unsigned',
    async (name) => {
      const before = repository.tip('berth/status');
      const store = await openSigning(join(folder.path, name));
      expect(await problemCode(store.publish(publication({ b: '1' })))).toBe('SigningFailed');
      expect(repository.tip('berth/status')).toBe(before);
    },
  );
});
