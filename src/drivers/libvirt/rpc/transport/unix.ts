import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import type { Channel } from '../channel.js';
import { ConnectFailed, textOf } from '../error.js';
import { openedSocket } from './socket.js';

/** Sockets of the packages: of the daemon for QEMU alone, and of the one for everything. */
const STANDARD_SOCKETS = ['/run/libvirt/virtqemud-sock', '/run/libvirt/libvirt-sock'] as const;

/** Connects to a daemon of this machine. Rejects with `ConnectFailed`. */
export async function connectUnix(socket: string | null, timeoutMs: number, signal?: AbortSignal): Promise<Channel> {
  const path = socket ?? STANDARD_SOCKETS.find((standard) => existsSync(standard)) ?? STANDARD_SOCKETS[1];
  try {
    return await openedSocket(connect({ path }), 'connect', timeoutMs, signal);
  } catch (error) {
    throw new ConnectFailed(`${path}: ${textOf(error)}`, hintFor(error), { cause: error });
  }
}

function hintFor(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EACCES') return 'run as a member of the group libvirt, or as root';
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return 'start libvirtd (or virtqemud) on this machine';
  return '';
}
