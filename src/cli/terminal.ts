/** The two streams a command writes to, and what they can show: results go to `out`, everything else to `err`. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** True when a person looks at stderr, so that progress may be drawn. */
  readonly interactive: boolean;
  /** True when stdout may carry colors. */
  readonly color: boolean;
  columns(): number;
}

/** The process's own streams. `NO_COLOR` (any value), `TERM=dumb` and a pipe switch colors off; `FORCE_COLOR` switches them on. */
export function processTerminal(env: NodeJS.ProcessEnv): Terminal {
  const wanted = env['NO_COLOR'] === undefined || env['NO_COLOR'] === '';
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0';
  const dumb = env['TERM'] === 'dumb';
  return {
    out: (text) => write(process.stdout, text),
    err: (text) => write(process.stderr, text),
    interactive: process.stderr.isTTY && !dumb,
    color: wanted && (forced || (process.stdout.isTTY && !dumb)),
    columns: () => (process.stderr.isTTY ? process.stderr.columns : 80),
  };
}

/** A stream whose reader has gone is destroyed; writing to it again would only repeat the error. */
function write(stream: NodeJS.WriteStream, text: string): void {
  if (!stream.destroyed) stream.write(text);
}
