import type { Socket } from 'node:net';
import type { Channel } from '../channel.js';

/** Waits until a socket has told that it is open. Rejects with the socket's error, after the timeout, or when the signal aborts. */
export function openedSocket(
  socket: Socket,
  openEvent: 'connect' | 'secureConnect',
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const settle = (error: Error | null): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      socket.off(openEvent, opened).off('error', failed).off('close', closed);
      if (error === null) {
        resolve(channelOf(socket));
        return;
      }
      channelOf(socket).close();
      reject(error);
    };
    const opened = (): void => settle(null);
    const failed = (error: Error): void => settle(error);
    const closed = (): void => settle(new Error('the peer closed the connection'));
    const aborted = (): void => settle(new Error('the attempt was aborted'));
    const timer = setTimeout(() => settle(new Error(`no connection within ${timeoutMs} ms`)), timeoutMs);
    socket.once(openEvent, opened).once('error', failed).once('close', closed);
    if (signal?.aborted === true) aborted();
    else signal?.addEventListener('abort', aborted, { once: true });
  });
}

function channelOf(socket: Socket): Channel {
  // Until a connection listens, and after it has ended, an error has nobody else to go to.
  socket.on('error', () => undefined);
  return { input: socket, output: socket, close: () => void socket.destroy(), diagnosis: () => '' };
}
