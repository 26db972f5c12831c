#!/usr/bin/env node
import { EXIT } from './exit.js';
import { run } from './program.js';
import { processTerminal } from './terminal.js';

// A reader that has seen enough (`berth plan | head`) is no error, and no reason to leave moves half done: what is still
// written goes nowhere, and the exit code says how the command ended.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    if (stream === process.stdout) process.stderr.write(`error: cannot write the result: ${error.message}\n`);
    process.exitCode ||= EXIT.error;
  });

const exitCode = await run(process.argv.slice(2), processTerminal(process.env), process.env);
process.exitCode = exitCode || process.exitCode;
