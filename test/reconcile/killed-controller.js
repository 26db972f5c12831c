// One controller process on files: runs a pass over a simulated cluster and kills itself with SIGKILL around a journal record.
// Arguments: `before` or `after`, record number (0: never), folders (one pass each). Prints how each pass ended, a line each.
/* global AbortSignal */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VirtualClock } from '../../dist/clock/virtual.js';
import { createDocumentCache } from '../../dist/documents/index.js';
import { openSimulator } from '../../dist/drivers/simulator/simulator.js';
import { savedTime } from '../../dist/drivers/simulator/state-file.js';
import { openFileJournal } from '../../dist/journal/index.js';
import { openFileLease } from '../../dist/lease/index.js';
import { openFileLedger } from '../../dist/ledger/index.js';
import { runPass } from '../../dist/reconcile/index.js';

const [moment, record, ...folders] = process.argv.slice(2);
for (const folder of folders) console.log(JSON.stringify(await runIn(folder)));

async function runIn(folder) {
  const { files, scenario } = JSON.parse(readFileSync(join(folder, 'given.json'), 'utf8'));
  const stateFile = join(folder, 'simulator.json');
  const clock = new VirtualClock(savedTime(stateFile) ?? scenario.startsAt);
  const simulator = openSimulator({ scenario, stateFile, clock, seed: 1, faults: { kind: 'none' } });

  let records = 0;
  const die = (when) => {
    if (when === moment && records === Number(record)) process.kill(process.pid, 'SIGKILL');
  };
  const journal = openFileJournal(join(folder, 'journal.ndjson'), clock);
  const source = {
    fetch: async () => 'commit-1',
    relation: async () => 'same',
    tree: async (revision) => ({
      revision,
      files: Object.entries(files).map(([path, text]) => ({ path, blob: path, bytes: text.length })),
      read: async ({ path }) => files[path],
      readPath: async (path) => files[path] ?? null,
    }),
  };
  // The lease of a controller that was killed runs out first.
  const lease = openFileLease(join(folder, 'lease.json'), clock);
  while ((await lease.current()) !== null) await clock.sleep(10_000);
  const facts = await runPass(
    {
      cluster: 'test',
      source,
      clock,
      hypervisor: simulator.hypervisor,
      fabric: simulator.fabric,
      telemetry: simulator.telemetry,
      ledger: openFileLedger(join(folder, 'ledger.json')),
      lease,
      journal: {
        ...journal,
        append: async (entry, fence) => {
          records++;
          die('before');
          const written = await journal.append(entry, fence);
          die('after');
          return written;
        },
      },
    },
    {
      holder: `controller-${process.pid}`,
      leaseSeconds: 30,
      previousRevision: null,
      isSuspended: () => false,
      cache: createDocumentCache(),
      plan: null,
      signal: AbortSignal.any([]),
      onProgress: () => undefined,
    },
  );
  console.log(
    JSON.stringify({ records, hold: facts.hold, moves: facts.execution?.moves.map((move) => move.result) ?? [] }),
  );
  return { records, hold: facts.hold, moves: facts.execution?.moves.map((move) => move.result) ?? [] };
}
