import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from './program.js';

/** PEM files of one certificate with its key, and of the authority that signed it. */
export interface Credentials {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-batch'];

/** A certificate authority that lives in a folder for as long as a lab does. */
export class Authority {
  private constructor(private readonly folder: string) {}

  static async create(folder: string): Promise<Authority> {
    await mkdir(folder, { recursive: true });
    const authority = new Authority(folder);
    const { ca, key } = authority.own;
    await must([
      'openssl',
      'req',
      '-x509',
      ...newKey,
      '-subj',
      '/CN=lab authority',
      '-addext',
      'keyUsage=critical,keyCertSign',
      '-keyout',
      key,
      '-out',
      ca,
    ]);
    return authority;
  }

  private get own(): Credentials {
    const ca = join(this.folder, 'cacert.pem');
    return { ca, certificate: ca, key: join(this.folder, 'cakey.pem') };
  }

  /** Signs a certificate in files `<name>cert.pem` and `<name>key.pem` of `folder`; `names` like `DNS:h1` or `IP:10.0.0.1`. */
  async certify(folder: string, name: string, names: readonly string[]): Promise<Credentials> {
    await mkdir(folder, { recursive: true });
    const certificate = join(folder, `${name}cert.pem`);
    const key = join(folder, `${name}key.pem`);
    const extensions = [
      'basicConstraints=critical,CA:FALSE',
      'keyUsage=critical,digitalSignature,keyEncipherment',
      'extendedKeyUsage=serverAuth,clientAuth',
      ...(names.length > 0 ? [`subjectAltName=${names.join(',')}`] : []),
    ];
    await must([
      ...['openssl', 'req', '-x509', ...newKey, '-subj', `/CN=${name}`, '-CA', this.own.ca, '-CAkey', this.own.key],
      ...extensions.flatMap((extension) => ['-addext', extension]),
      ...['-keyout', key, '-out', certificate],
    ]);
    const ca = join(folder, 'cacert.pem');
    if (ca !== this.own.ca) await copyFile(this.own.ca, ca);
    return { ca, certificate, key };
  }
}

/** Gives a host its certificates: libvirtd's and a client's for the daemon's own calls, and QEMU's under QEMU's file names. */
export async function certifyHost(authority: Authority, folder: string, names: readonly string[]): Promise<void> {
  const server = await authority.certify(folder, 'server', names);
  const client = await authority.certify(folder, 'client', names);
  const qemu = join(folder, 'qemu');
  await mkdir(qemu);
  await copyFile(server.ca, join(qemu, 'ca-cert.pem'));
  await copyFile(server.certificate, join(qemu, 'server-cert.pem'));
  await copyFile(server.key, join(qemu, 'server-key.pem'));
  await copyFile(client.certificate, join(qemu, 'client-cert.pem'));
  await copyFile(client.key, join(qemu, 'client-key.pem'));
}
