import { createHash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { SystemClock } from '../clock/system.js';
import { VirtualClock } from '../clock/virtual.js';
import { openLibvirt } from '../drivers/libvirt/open.js';
import type { HistoryStore } from '../drivers/libvirt/telemetry.js';
import { libvirtSettings } from '../connection/libvirt-settings.js';
import { parseScenario } from '../drivers/simulator/parse-scenario.js';
import type { Scenario } from '../drivers/simulator/scenario.js';
import { openSimulator, type Simulator } from '../drivers/simulator/simulator.js';
import { savedTime } from '../drivers/simulator/state-file.js';
import { createRepository, openFolder, openSource, openStatusStore, type Credentials } from '../git/index.js';
import { makeFolderOf, readChecked, writeChecked } from '../durable/index.js';
import { openFileJournal } from '../journal/index.js';
import { openFileLease } from '../lease/index.js';
import { openFileLedger } from '../ledger/index.js';
import { problem, type DesiredCluster } from '../model/index.js';
import type {
  Clock,
  Fabric,
  Hypervisor,
  Journal,
  Lease,
  Ledger,
  Source,
  SourceTree,
  StatusStore,
  Telemetry,
} from '../ports/index.js';
import { EXIT } from './exit.js';
import { Failure } from './failure.js';
import type { RepositoryOptions } from './options.js';
import { stateFolder } from './settings.js';

export { GUARD_LEDGER, guardHookScript, ledgerPathFault } from '../drivers/libvirt/guard/index.js';
export { createRepository, serveRepositories } from '../git/index.js';
export { memoryLedger } from '../ledger/index.js';
export { surveyHost } from '../drivers/libvirt/survey.js';

/** The outside of one cluster, behind ports. */
export interface ClusterPorts {
  readonly cluster: string;
  readonly hypervisor: Hypervisor;
  readonly fabric: Fabric;
  readonly telemetry: Telemetry;
  readonly ledger: Ledger;
  readonly journal: Journal;
  readonly lease: Lease;
  readonly clock: Clock;
  /** Folder of everything that is kept for this cluster. */
  readonly state: string;
  /** A sentence for each host that was not seen when it was last looked at: why it was not. */
  readonly silences: () => ReadonlyMap<string, string>;
}

/** The documents as somebody edits them: the working files of a folder, else the tip of the branch. */
export async function openWorkingFiles(options: RepositoryOptions, env: NodeJS.ProcessEnv): Promise<Source> {
  const { source, path } = options;
  if (isUrl(source) || isBareRepository(source)) return openCommits(options, env);
  return openFolder(path === undefined ? source : join(source, path));
}

/** The documents as they were committed to the branch; those of a plain folder when it is no repository. */
export async function openCommits(options: RepositoryOptions, env: NodeJS.ProcessEnv): Promise<Source> {
  const { source, branch, path } = options;
  return openSource({
    location: source,
    ...(branch === undefined ? {} : { branch }),
    ...(path === undefined ? {} : { path }),
    cacheDir: join(repositoryState(options, env), 'git'),
    credentials: credentials(env),
  });
}

/** The status branch; for a plain folder that is no repository, one in a repository of its own in the state folder. */
export async function openStatus(options: RepositoryOptions, env: NodeJS.ProcessEnv): Promise<StatusStore> {
  const state = repositoryState(options, env);
  const own = join(state, 'status.git');
  const plainFolder = !isUrl(options.source) && !isRepository(options.source);
  if (plainFolder && !existsSync(own)) await createRepository(own, 'main');
  return openStatusStore({
    location: plainFolder ? own : options.source,
    branch: options.statusBranch,
    author: author(options.author),
    ...(options.signingKey === undefined ? {} : { signingKey: options.signingKey }),
    cacheDir: join(state, 'git'),
    credentials: credentials(env),
    clock: new SystemClock(),
    random: Math.random,
  });
}

/**
 * Checks what a commit says of the outside of one cluster, and gives what opens it: nothing is connected to or kept before that is called.
 * `pace` is how many simulated seconds pass in a real one; null: as fast as it goes.
 */
export async function prepareCluster(
  desired: DesiredCluster,
  tree: SourceTree,
  options: RepositoryOptions,
  env: NodeJS.ProcessEnv,
  pace: number | null,
): Promise<() => ClusterPorts> {
  const state = join(repositoryState(options, env), desired.name);
  const cluster = desired.name;
  switch (desired.driver) {
    case 'simulator': {
      const scenario = await readScenario(desired, tree);
      return () => {
        const simulated = openSimulated(scenario, state, pace);
        return { ...simulated, ...openRecords(state, simulated.clock), cluster, state, silences: () => new Map() };
      };
    }
    case 'libvirt': {
      const settings = libvirtSettings(desired, () => desired.place);
      if (!settings.ok) throw new Failure(EXIT.error, settings.problems);
      return () => {
        const clock = new SystemClock();
        const libvirt = openLibvirt(settings.value, { clock, store: openLoadFile(join(state, 'load.json')) });
        return { ...libvirt, ...openRecords(state, clock), clock, cluster, state };
      };
    }
  }
}

/** Real time. */
export function systemClock(): Clock {
  return new SystemClock();
}

/** What is written down about a cluster, without a connection to it. The lease is about processes, so it counts real time. */
export function openRecords(state: string, clock: Clock): Pick<ClusterPorts, 'journal' | 'ledger' | 'lease'> {
  return {
    journal: openFileJournal(join(state, 'journal.ndjson'), clock),
    ledger: openFileLedger(join(state, 'ledger.json')),
    lease: openFileLease(join(state, 'lease.json'), new SystemClock()),
  };
}

async function readScenario({ name, place, connection }: DesiredCluster, tree: SourceTree): Promise<Scenario> {
  const path = connection['scenario'];
  const text = typeof path === 'string' ? await tree.readPath(path) : null;
  if (typeof path !== 'string' || text === null)
    throw new Failure(EXIT.error, [
      problem({
        code: 'ScenarioMissing',
        message: `the scenario of cluster ${name} is not in the repository`,
        place,
        hint: 'spec.connection.scenario is the path of a file that says which hardware the simulator has',
      }),
    ]);
  const scenario = await parseScenario(text, path, (trace) => tree.readPath(trace));
  if (!scenario.ok) throw new Failure(EXIT.error, scenario.problems);
  return scenario.value;
}

function openSimulated(scenario: Scenario, state: string, pace: number | null): Simulator & { readonly clock: Clock } {
  const stateFile = join(state, 'simulator.json');
  const clock = new VirtualClock(savedTime(stateFile) ?? scenario.startsAt, pace === null ? {} : { pace });
  return {
    ...openSimulator({ scenario, stateFile, clock, seed: 1, faults: { kind: 'none' } }),
    clock,
  };
}

/** The load that was measured, for the next process. */
function openLoadFile(path: string): HistoryStore {
  return {
    load: () => readChecked(path, ''),
    save: (history) => {
      makeFolderOf(path);
      writeChecked(path, history);
    },
  };
}

/** Folder of what is kept for one repository. */
export function repositoryState(options: RepositoryOptions, env: NodeJS.ProcessEnv): string {
  const place = isUrl(options.source) ? options.source.replace(/\/\/[^/@]*@/, '//') : realPath(options.source);
  const key = createHash('sha256')
    .update(`${place}\n${options.path ?? ''}`)
    .digest('hex')
    .slice(0, 12);
  return join(stateFolder(options.state, env), key);
}

function credentials(env: NodeJS.ProcessEnv): Credentials | null {
  const password = env['BERTH_GIT_PASSWORD'];
  return password === undefined ? null : { username: env['BERTH_GIT_USERNAME'] ?? 'git', password };
}

function author(text: string): { readonly name: string; readonly email: string } {
  const match = /^([^<>]+) <([^<>\s]+)>$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined)
    throw new Failure(EXIT.usage, [problem({ code: 'BadAuthor', message: 'write the author as Name <address>' })]);
  return { name: match[1], email: match[2] };
}

/** True for whatever is an address and no path. */
export function isUrl(location: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(location);
}

function isRepository(path: string): boolean {
  return existsSync(join(path, '.git')) || isBareRepository(path);
}

function isBareRepository(path: string): boolean {
  return existsSync(join(path, 'HEAD')) && existsSync(join(path, 'objects'));
}

function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}
