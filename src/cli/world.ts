import { readFile } from 'node:fs/promises';
import { problem, readShape, worldShape, type Desired, type World } from '../model/index.js';
import { adopt, lastMovesIn, observe, samplesFor } from '../reconcile/index.js';
import { plain } from '../report/index.js';
import { memoryLedger, openStatus, prepareCluster, type ClusterPorts } from './compose.js';
import type { Wanted } from './documents.js';
import { EXIT } from './exit.js';
import { Failure } from './failure.js';
import type { RepositoryOptions } from './options.js';
import type { Terminal } from './terminal.js';

/** Where the observed state comes from: the hypervisors, the status branch, or a file as the status branch has it. */
export type Observed = 'live' | 'git' | (string & {});

/** The observed state for a command that only looks: nothing is changed or written, not even the ledger. */
export async function readWorld(
  { desired, tree }: Wanted,
  observed: Observed,
  options: RepositoryOptions,
  env: NodeJS.ProcessEnv,
  terminal: Pick<Terminal, 'err'>,
): Promise<World> {
  switch (observed) {
    case 'live': {
      const ports = (await prepareCluster(desired.cluster, tree, options, env, null))();
      try {
        const world = await lookLive(ports, desired);
        tellSilences(ports, terminal);
        return world;
      } finally {
        await ports.hypervisor.close();
        await ports.journal.close();
      }
    }
    case 'git': {
      const path = `clusters/${desired.cluster.name}/observed.json`;
      const { tree: status } = await (await openStatus(options, env)).read();
      return decoded(status.get(path), `${path} of the branch ${options.statusBranch}`, 'run `berth reconcile` first');
    }
    default:
      return decoded(
        await readFile(observed, 'utf8').catch(() => undefined),
        observed,
        'it is a file like observed.json',
      );
  }
}

/** The cluster as it is, its load, and the ledger as the next pass will see it: a plan made now is the plan that the pass makes. */
export async function lookLive(ports: ClusterPorts, desired: Desired): Promise<World> {
  const samples = await samplesFor(desired.loadPolicies, ports.telemetry, ports.clock.now());
  const lastMoves = lastMovesIn(await ports.journal.read());
  const seen = await observe(ports, { samples, lastMoves });
  // A pass first enters devices that machines own into the ledger; here that happens on a copy.
  const ledger = memoryLedger(seen.reservations);
  await adopt(seen, new Set(desired.machines.map(({ name }) => name)), ledger);
  return { ...seen, reservations: await ledger.read() };
}

/** Says why hosts did not answer, where the world shows only that they did not. */
export function tellSilences({ silences }: Pick<ClusterPorts, 'silences'>, terminal: Pick<Terminal, 'err'>): void {
  for (const silence of silences().values()) terminal.err(`! ${plain(silence)}\n`);
}

function decoded(text: string | undefined, name: string, hint: string): World {
  const read = text === undefined ? null : readShape(worldShape, parsed(text));
  if (read?.ok === true) return read.value;
  const message = read === null ? `there is no ${name}` : `${name} holds no observed state: ${read.fault}`;
  throw new Failure(EXIT.error, [problem({ code: 'NoObservedState', message, hint })]);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
