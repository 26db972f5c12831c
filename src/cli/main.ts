#!/usr/bin/env node
import { EXIT } from './exit.js';
import { run } from './program.js';
import { processTerminal } from './terminal.js';

// A reader that has seen enough (`berth plan | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.error),
);

process.exitCode = await run(process.argv.slice(2), processTerminal(process.env), process.env);
