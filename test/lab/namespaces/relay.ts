import { spawn } from 'node:child_process';
import { createServer, type ListenOptions, type Socket } from 'node:net';

/** A server each of whose connections is carried by a program of its own, over the program's standard input and output. */
export interface Relay {
  /** Of the port, when it listens on one. */
  readonly port: number;
  listen(on: ListenOptions): Promise<void>;
  /** Stops listening and ends all connections. */
  close(): Promise<void>;
}

/** Leads connections from outside into a lab's network; `argv` enters it and connects. */
export function relayTo(argv: readonly string[]): Relay {
  const [program = '', ...rest] = argv;
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    const carrier = spawn(program, rest, { stdio: ['pipe', 'pipe', 'ignore'] });
    socket.pipe(carrier.stdin);
    carrier.stdout.pipe(socket);
    carrier.stdin.on('error', () => undefined);
    carrier.on('close', () => socket.destroySoon());
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      carrier.kill('SIGKILL');
    });
  });
  return {
    get port() {
      const address = server.address();
      return typeof address === 'object' && address !== null ? address.port : 0;
    },
    listen: (on) => new Promise((resolve) => server.listen(on, resolve)),
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
