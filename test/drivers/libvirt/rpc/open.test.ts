import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FrameSplitter } from '../../../../src/drivers/libvirt/rpc/frame.js';
import type { XdrWriter } from '../../../../src/drivers/libvirt/rpc/xdr.js';
import { openClient } from './lab-client.js';
import { replyTo, writeFailure } from './peer.js';

const AUTH_LIST = 66;
const AUTH_POLKIT = 70;
const SUPPORTS_FEATURE = 60;

type Answer = { readonly status: 0 | 1; readonly write: (writer: XdrWriter) => void } | null;

describe('opening a connection', () => {
  let folder: string;
  let server: Server;
  let accept: (socket: Socket) => void;
  const sockets = new Set<Socket>();
  const procedures: number[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'berth-rpc-'));
    procedures.length = 0;
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      accept(socket);
    });
    await new Promise<void>((resolve) => server.listen(join(folder, 's'), resolve));
  });
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
    rmSync(folder, { recursive: true });
  });

  /** Answers calls by their procedure; null: not at all. */
  function answering(answers: Readonly<Record<number, Answer | undefined>>): void {
    accept = (socket) => {
      const splitter = new FrameSplitter();
      socket.on('data', (chunk: Buffer) => {
        for (const { header } of splitter.push(chunk)) {
          procedures.push(header.procedure);
          const answer = answers[header.procedure];
          if (answer === null) continue;
          socket.write(replyTo(header, answer?.write ?? (() => undefined), answer?.status ?? 0));
        }
      });
    };
  }

  const methods = (...numbers: number[]): Answer => ({
    status: 0,
    write: (w) => w.list(numbers, 20, (number) => w.int(number)),
  });
  const open = () => openClient(`qemu+unix:///system?socket=${folder}/s`, { connectTimeoutMs: 100 });

  it('goes on when the daemon asks for nothing', async () => {
    answering({ [AUTH_LIST]: methods(0), [SUPPORTS_FEATURE]: { status: 0, write: (w) => w.int(0) } });
    const client = await open();
    expect(procedures).toEqual([AUTH_LIST, 1, SUPPORTS_FEATURE]);
    await client.close();
    expect(procedures.at(-1)).toBe(2);
  });

  it('lets polkit decide when the daemon asks it', async () => {
    const yes: Answer = { status: 0, write: (w) => w.int(1) };
    answering({ [AUTH_LIST]: methods(2), [AUTH_POLKIT]: yes, [SUPPORTS_FEATURE]: yes });
    await (await open()).close();
    expect(procedures.slice(0, 3)).toEqual([AUTH_LIST, AUTH_POLKIT, 1]);
  });

  it.each([
    {
      reason: 'the daemon wants a password',
      answers: { [AUTH_LIST]: methods(1) },
      message: /sasl, which this client does not have/,
      hint: /TLS client certificates/,
    },
    {
      reason: 'polkit refuses',
      answers: {
        [AUTH_LIST]: methods(2),
        [AUTH_POLKIT]: { status: 1 as const, write: (w: XdrWriter) => writeFailure(w, 45, 'no agent') },
      },
      message: /polkit refused: no agent/,
      hint: /group libvirt/,
    },
    {
      reason: 'the driver is not there',
      answers: {
        [AUTH_LIST]: methods(),
        1: { status: 1 as const, write: (w: XdrWriter) => writeFailure(w, 5, 'no connection driver') },
      },
      message: /qemu:\/\/\/system: no connection driver/,
      hint: /^$/,
    },
    { reason: 'the daemon answers nothing', answers: { [AUTH_LIST]: null }, message: /within \d+ ms/, hint: /^$/ },
  ])('fails when $reason', async ({ answers, message, hint }) => {
    answering(answers);
    await expect(open()).rejects.toMatchObject({
      kind: 'connectFailed',
      message: expect.stringMatching(message) as string,
      hint: expect.stringMatching(hint) as string,
    });
  });

  it('fails when the daemon hangs up', async () => {
    accept = (socket) => socket.destroy();
    await expect(open()).rejects.toMatchObject({ kind: 'connectFailed' });
  });

  it('fails when something else listens there', async () => {
    accept = (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
    await expect(open()).rejects.toMatchObject({
      kind: 'connectFailed',
      message: expect.stringMatching(/too long/) as string,
    });
  });
});
