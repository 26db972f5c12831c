import type { Channel } from './channel.js';
import { authList, authPolkit, connectClose, connectOpen, connectSupportsFeature } from './codecs/connect.js';
import { Connection } from './connection.js';
import type { ConnectionOptions, MessageListener } from './connection.js';
import { ConnectFailed, LibvirtError, textOf } from './error.js';
import type { CallOptions } from './procedure.js';
import { FEATURE } from './procedures.js';
import { msLeft } from './time-left.js';
import { connectSsh } from './transport/ssh.js';
import { connectTls } from './transport/tls.js';
import { connectUnix } from './transport/unix.js';
import type { LibvirtUri } from '../../../connection/libvirt-uri.js';

export interface OpenOptions {
  readonly connection: ConnectionOptions;
  /** For everything until the daemon can be called. */
  readonly connectTimeoutMs: number;
  readonly readOnly: boolean;
}

/** How long the daemon may take to say good-bye. */
const CLOSE_DEADLINE_MS = 1000;

/** Opens a connection: channel, authentication, driver, keepalive. Rejects with `ConnectFailed`. */
export async function openConnection(
  uri: LibvirtUri,
  options: OpenOptions,
  onMessage: MessageListener,
  signal?: AbortSignal,
): Promise<Connection> {
  const began = performance.now();
  const channel = await openChannel(uri, options.connectTimeoutMs, signal);
  const connection = new Connection(channel, options.connection, onMessage);
  const deadlineMs = msLeft(options.connectTimeoutMs, began);
  const within: CallOptions = signal === undefined ? { deadlineMs } : { deadlineMs, signal };
  try {
    await authenticate(connection, within);
    await connection.call(connectOpen, { uri: uri.driverUri, readOnly: options.readOnly }, within);
    if (await connection.call(connectSupportsFeature, FEATURE.keepalive, within)) connection.watchPeer();
    return connection;
  } catch (error) {
    connection.close('the connection could not be opened');
    if (error instanceof ConnectFailed) throw error;
    throw new ConnectFailed(`${uri.driverUri}: ${textOf(error)}`, hintFor(uri, error), { cause: error });
  }
}

/** Says good-bye to the daemon, then ends the connection. Never rejects. */
export async function closeConnection(connection: Connection): Promise<void> {
  await connection.call(connectClose, undefined, { deadlineMs: CLOSE_DEADLINE_MS }).catch(() => undefined);
  connection.close();
}

async function openChannel(uri: LibvirtUri, timeoutMs: number, signal?: AbortSignal): Promise<Channel> {
  switch (uri.kind) {
    case 'unix':
      return connectUnix(uri.socket, timeoutMs, signal);
    case 'tls':
      return connectTls(uri, timeoutMs, signal);
    case 'ssh':
      return connectSsh(uri, timeoutMs);
  }
}

async function authenticate(connection: Connection, within: CallOptions): Promise<void> {
  const methods = await connection.call(authList, undefined, within);
  if (methods.length === 0 || methods.includes('none')) return;
  if (!methods.includes('polkit')) {
    throw new ConnectFailed(
      `the daemon wants ${methods.join(' or ')}, which this client does not have`,
      'use TLS client certificates, ssh, or a unix socket with polkit',
    );
  }
  try {
    await connection.call(authPolkit, undefined, within);
  } catch (error) {
    throw new ConnectFailed(
      `polkit refused: ${textOf(error)}`,
      'add the user to the group libvirt, or allow org.libvirt.unix.manage to it by a polkit rule',
      { cause: error },
    );
  }
}

function hintFor(uri: LibvirtUri, error: unknown): string {
  if (error instanceof LibvirtError) return '';
  if (uri.kind === 'ssh') {
    return 'ssh must get in without asking (a key, a known host), and virt-ssh-helper must be on the host';
  }
  return '';
}
