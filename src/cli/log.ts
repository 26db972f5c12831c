import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import pinoPretty from 'pino-pretty';
import { redact } from './redact.js';

export type { Logger } from 'pino';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

const SECRET_KEYS = ['password', 'token', 'secret', 'authorization', 'credentials', 'headers'];

/**
 * Logger on stderr: JSON lines with `level, time, msg` and, where they apply, `err, kind, name, reconcileId, revision, planHash, stepId`.
 * Pretty only for a person at a terminal. Secrets are taken out here, whoever logs them.
 */
export function openLog(options: {
  readonly level: (typeof LOG_LEVELS)[number];
  readonly pretty: boolean;
  readonly destination: DestinationStream;
}): Logger {
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: redactValues },
      redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`]), censor: '***' },
      serializers: { err: serializeError },
      hooks: {
        logMethod(args, method) {
          const clean = args.map((arg) => (typeof arg === 'string' ? redact(arg) : arg));
          method.apply(this, clean as typeof args);
        },
      },
    },
    options.pretty ? pretty(options.destination) : options.destination,
  );
}

function pretty(destination: DestinationStream): DestinationStream {
  const format = pinoPretty.prettyFactory({ colorize: true, translateTime: 'SYS:HH:MM:ss', ignore: 'reconcileId' });
  return { write: (line) => destination.write(format(line)) };
}

function redactValues(fields: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(fields).map(([key, value]) => [
    key,
    typeof value === 'string' ? redact(value) : value,
  ]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}

function serializeError(err: unknown): unknown {
  if (!(err instanceof Error)) return err;
  return { type: err.name, message: redact(err.message), stack: redact(err.stack ?? '') };
}
