import { describe, expect, it } from 'vitest';
import type { LibvirtClient } from '../../../src/drivers/libvirt/rpc/index.js';
import { whileConnected } from '../../../src/drivers/libvirt/while-connected.js';

type State = LibvirtClient['state'];

function connection(state: State) {
  const listeners = new Set<(state: State) => void>();
  return {
    state,
    listeners,
    onState: (listener: (state: State) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    becomes: (next: State) => {
      for (const listener of listeners) listener(next);
    },
  };
}

const never = () => new Promise<string>(() => undefined);
const error = new Error('no route to the host');

describe('a look at a host', () => {
  it('is answered over a connection that is there, and over the first one that is being made', async () => {
    for (const state of [{ kind: 'connected' }, { kind: 'connecting', after: null }] as const) {
      const of = connection(state);
      expect(await whileConnected(of, () => Promise.resolve('seen'))).toBe('seen');
      expect(of.listeners.size).toBe(0);
    }
  });

  it.each([
    { state: { kind: 'down', error, retryInMs: 2000 }, reason: 'between two attempts' },
    { state: { kind: 'connecting', after: error }, reason: 'while an attempt hangs after one that failed' },
  ] as const)('is refused at once where the connection was lost: $reason', async ({ state }) => {
    await expect(whileConnected(connection(state), never)).rejects.toBe(error);
  });

  it('ends with the connection, however long its calls would wait for the next', async () => {
    const of = connection({ kind: 'connected' });
    const look = whileConnected(of, never);
    of.becomes({ kind: 'down', error, retryInMs: 2000 });
    await expect(look).rejects.toBe(error);
    expect(of.listeners.size).toBe(0);
  });

  it('ends when the first connection cannot be made', async () => {
    const of = connection({ kind: 'connecting', after: null });
    const look = whileConnected(of, never);
    of.becomes({ kind: 'connecting', after: null });
    of.becomes({ kind: 'down', error, retryInMs: 200 });
    await expect(look).rejects.toBe(error);
  });
});
