import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import type { Channel } from '../channel.js';
import { ConnectFailed, textOf } from '../error.js';
import { msLeft } from '../time-left.js';
import { openedSocket } from './socket.js';

/** What the daemon sends, alone, when it has accepted the client's certificate. */
const ACCEPTED = 1;

export interface TlsTarget {
  readonly host: string;
  readonly port: number;
  readonly pkiPath: string | null;
}

/**
 * Connects by TLS 1.2 or newer. The daemon's certificate must come from the given authority and name the host; the client shows its own.
 * Rejects with `ConnectFailed`.
 */
export async function connectTls(target: TlsTarget, timeoutMs: number, signal?: AbortSignal): Promise<Channel> {
  const { host, port } = target;
  const began = performance.now();
  const pki = await readPki(target.pkiPath);
  try {
    const socket = connect({ host, port, ...pki, minVersion: 'TLSv1.2', rejectUnauthorized: true });
    socket.setNoDelay(true);
    const channel = await openedSocket(socket, 'secureConnect', timeoutMs, signal);
    await acceptance(channel, msLeft(timeoutMs, began), signal);
    return channel;
  } catch (error) {
    throw new ConnectFailed(`${host}:${port}: ${textOf(error)}`, hintFor(error), { cause: error });
  }
}

/** Waits for the daemon's word on the client's certificate. */
function acceptance(channel: Channel, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  const { input } = channel;
  return new Promise((resolve, reject) => {
    const settle = (error: Error | null): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      input.off('readable', readable).off('error', failed).off('end', ended).off('close', ended);
      if (error === null) {
        resolve();
        return;
      }
      channel.close();
      reject(error);
    };
    const readable = (): void => {
      const bytes = input.read(1) as Buffer | null;
      if (bytes !== null) settle(bytes[0] === ACCEPTED ? null : new Refusal());
    };
    const failed = (error: Error): void => settle(error);
    const ended = (): void => settle(new Refusal());
    const aborted = (): void => settle(new Error('the attempt was aborted'));
    const timer = setTimeout(() => settle(new Error('the daemon does not accept the connection')), timeoutMs);
    input.on('readable', readable).once('error', failed).once('end', ended).once('close', ended);
    if (signal?.aborted === true) aborted();
    else signal?.addEventListener('abort', aborted, { once: true });
  });
}

class Refusal extends Error {
  constructor() {
    super('the daemon refused the client certificate');
  }
}

async function readPki(pkiPath: string | null): Promise<Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'crl'>> {
  const files = pkiFiles(pkiPath);
  const [ca, cert, key, crl] = await Promise.all([
    readNeeded(files.ca),
    readNeeded(files.cert),
    readNeeded(files.key),
    readFile(files.crl).catch(() => undefined),
  ]);
  return { ca, cert, key, ...(crl === undefined ? {} : { crl }) };
}

function pkiFiles(pkiPath: string | null) {
  if (pkiPath !== null) {
    const [ca, crl, cert, key] = ['cacert.pem', 'cacrl.pem', 'clientcert.pem', 'clientkey.pem'].map((name) =>
      join(pkiPath, name),
    ) as [string, string, string, string];
    return { ca, crl, cert, key };
  }
  return {
    ca: '/etc/pki/CA/cacert.pem',
    crl: '/etc/pki/CA/cacrl.pem',
    cert: '/etc/pki/libvirt/clientcert.pem',
    key: '/etc/pki/libvirt/private/clientkey.pem',
  };
}

async function readNeeded(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new ConnectFailed(textOf(error), `put the file there, or name the folder with ?pkipath=`, { cause: error });
  }
}

function hintFor(error: unknown): string {
  if (error instanceof Refusal)
    return 'check that the host trusts the client certificate (tls_allowed_dn_list, its authority)';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'the host must show a certificate that names it';
  if (code.startsWith('ERR_SSL_')) return 'the two sides do not agree: check the client certificate and its authority';
  if (/CERT|SIGNATURE|ISSUER|SELF_SIGNED/.test(code))
    return 'the certificate of the host must come from the authority in cacert.pem';
  if (code === 'ECONNREFUSED')
    return 'let libvirtd listen for TLS on the host (virtproxyd-tls.socket or libvirtd-tls.socket)';
  return '';
}
