import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from '../namespaces/program.js';

/** Keys that live as long as a lab. All files. */
export interface Keys {
  /** Private key of whoever opened the lab. */
  readonly client: string;
  readonly authorized: string;
  /** Private key of every host. */
  readonly host: string;
  readonly knownHosts: string;
}

/** Makes the keys; `hosts` is a pattern of the addresses that the hosts' key is known by. */
export async function makeKeys(folder: string, hosts: string): Promise<Keys> {
  const [client, host] = [join(folder, 'client_key'), join(folder, 'host_key')];
  for (const file of [client, host])
    await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'lab', '-f', file]);
  const knownHosts = join(folder, 'known_hosts');
  await writeFile(knownHosts, `${hosts} ${await readFile(`${host}.pub`, 'utf8')}`);
  return { client, authorized: `${client}.pub`, host, knownHosts };
}
