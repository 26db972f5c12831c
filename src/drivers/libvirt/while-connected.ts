import type { LibvirtClient } from './rpc/index.js';

/**
 * Answers what `work` answers, unless the connection is lost or cannot be made meanwhile: then it is rejected at once. Calls by themselves
 * wait for the next connection as long as their deadlines allow, which is right for an order, and far too long for a look at a host that has
 * lost its power: machines that wait to be given back what they had would wait with it.
 */
export async function whileConnected<T>(
  connection: Pick<LibvirtClient, 'state' | 'onState'>,
  work: () => Promise<T>,
): Promise<T> {
  const lost = lossOf(connection.state);
  if (lost !== null) throw lost;
  let stop = (): void => undefined;
  const loss = new Promise<never>((_, reject) => {
    stop = connection.onState((state) => {
      const error = lossOf(state);
      if (error !== null) reject(error);
    });
  });
  try {
    return await Promise.race([work(), loss]);
  } finally {
    stop();
  }
}

/** What a connection was lost by that is not there again; null for one that is, and for one that was never tried before. */
function lossOf(state: LibvirtClient['state']): Error | null {
  switch (state.kind) {
    case 'connected':
      return null;
    case 'connecting':
      return state.after;
    case 'down':
      return state.error;
    case 'closed':
      return new Error('the connection was closed');
  }
}
