import { printable, repositoryError } from './refuse.js';
import { spawn } from 'node:child_process';

const PATIENCE_MS = 30_000;

/** The commit object with a signature by the ssh key in `keyFile`, made by the system's `ssh-keygen`. A key with a passphrase must be in the agent. */
export async function signCommit(commit: string, keyFile: string): Promise<string> {
  const signature = await sign(commit, keyFile);
  const folded = signature.trim().replaceAll('\n', '\n ');
  return commit.replace('\n\n', () => `\ngpgsig ${folded}\n\n`);
}

function sign(text: string, keyFile: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (): void => {
      const message = `A status commit could not be signed with the key ${printable(keyFile)}`;
      const hint = 'Check that the file is a private ssh key without passphrase, or known to the ssh agent.';
      reject(repositoryError('SigningFailed', message, { hint }));
    };
    // Detached: without a terminal it cannot stop to ask for a passphrase.
    const child = spawn('ssh-keygen', ['-Y', 'sign', '-n', 'git', '-f', keyFile], {
      detached: true,
      timeout: PATIENCE_MS,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    let signature = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (signature += chunk));
    child.stdin.on('error', () => undefined).end(text);
    child.on('error', fail);
    child.on('close', (code) => {
      if (code === 0 && signature.startsWith('-----BEGIN SSH SIGNATURE-----')) resolve(signature);
      else fail();
    });
  });
}
