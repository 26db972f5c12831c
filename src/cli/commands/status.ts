import { Argument, Option, type Command } from 'commander';
import { parse, stringify } from 'yaml';
import { problem, type Condition } from '../../model/index.js';
import { paint, plain, shortHash, type Paint } from '../../report/index.js';
import { readConditions } from '../../status/index.js';
import { openStatus } from '../compose.js';
import { EXIT } from '../exit.js';
import { Failure } from '../failure.js';
import { addOutputOption, addRepositoryOptions, parseSeconds, type RepositoryOptions } from '../options.js';
import type { Register } from '../session.js';
import { tableText } from '../table.js';

interface Options extends RepositoryOptions {
  readonly output: 'text' | 'json' | 'yaml';
  readonly wait?: boolean;
  readonly timeout: number;
}

/** One status document of the status branch. */
interface Entry {
  readonly kind: string;
  readonly name: string;
  readonly cluster: string;
  readonly conditions: readonly Condition[];
  readonly document: unknown;
}

const POLL_MS = 1_000;

/** `berth status [SOURCE]`: what the last pass found, from the status branch. */
export function defineStatus(program: Command, register: Register): void {
  const command = program
    .command('status')
    .summary('show what the last pass found')
    .description('Shows the conditions of clusters, hosts and machines from the status branch; needs no hypervisor.')
    .addArgument(new Argument('[source]', 'folder or URL; the same as --source'))
    .option('--wait', 'wait until every cluster is Ready; exit with 1 when that takes too long')
    .addOption(
      new Option('--timeout <duration>', 'how long to wait')
        .argParser(parseSeconds)
        .default(300, '5m')
        .env('BERTH_TIMEOUT'),
    );
  addRepositoryOptions(command);
  addOutputOption(command, ['text', 'json', 'yaml']);
  register<Options>(command, async ({ terminal, env }, given, [source]) => {
    const options = { ...given, source: source ?? given.source };
    const store = await openStatus(options, env);
    const deadline = performance.now() + options.timeout * 1000;
    for (;;) {
      const { revision, tree } = await store.read();
      const entries = entriesOf(tree, options.cluster);
      const ready = entries.length > 0 && entries.filter(({ kind }) => kind === 'Cluster').every(isReady);
      if (options.wait !== true || ready || performance.now() >= deadline) {
        if (revision === null || entries.length === 0) throw nothingYet(options);
        terminal.out(render(entries, revision, options.output, paint(terminal.color)));
        return options.wait === true && !ready ? EXIT.error : EXIT.ok;
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  });
}

function nothingYet({ statusBranch }: RepositoryOptions): Failure {
  const message = `there is no status on the branch ${statusBranch} yet`;
  return new Failure(EXIT.error, [problem({ code: 'NoStatus', message, hint: 'run: berth reconcile' })]);
}

const KINDS: Readonly<Record<string, string>> = { machines: 'VirtualMachine', hosts: 'Host' };

function entriesOf(tree: ReadonlyMap<string, string>, only: string | undefined): readonly Entry[] {
  const entries = [...tree].flatMap(([path, text]): readonly Entry[] => {
    const [, cluster = '', folder = '', file = ''] =
      /^clusters\/([^/]+)\/(?:(machines|hosts)\/)?([^/]+)\.yaml$/.exec(path) ?? [];
    if (file === '' || (only !== undefined && cluster !== only)) return [];
    const kind = KINDS[folder] ?? 'Cluster';
    const name = kind === 'Cluster' ? cluster : file;
    return [{ kind, name, cluster, conditions: readConditions(text), document: parse(text) as unknown }];
  });
  const order = ['Cluster', 'Host', 'VirtualMachine'];
  return entries.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || (a.name < b.name ? -1 : 1));
}

function isReady({ conditions }: Entry): boolean {
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

function render(entries: readonly Entry[], revision: string, format: Options['output'], ink: Paint): string {
  const documents = entries.map(({ document }) => document);
  switch (format) {
    case 'text':
      return `${entries
        .filter(({ kind }) => kind === 'Cluster')
        .map((entry) => headline(entry, revision, ink))
        .join('\n')}\n\n${table(entries)}`;
    case 'json':
      return `${JSON.stringify(documents, null, 2)}\n`;
    case 'yaml':
      return documents.map((document) => stringify(document, { aliasDuplicateObjects: false })).join('---\n');
  }
}

function headline({ name, conditions }: Entry, revision: string, ink: Paint): string {
  const ready = conditions.find(({ type }) => type === 'Ready');
  const mark = ready?.status === 'True' ? ink.green('✔') : ready?.status === 'False' ? ink.red('✘') : ink.yellow('…');
  const seen = ready === undefined ? '' : `, looked at ${shortHash(plain(ready.observedRevision))}`;
  const head = `${mark} ${ink.bold(plain(name))}: ${ready?.reason ?? 'Unknown'}: ${plain(ready?.message ?? '')}`;
  return `${head}\n  ${ink.dim(`status commit ${shortHash(revision)}${seen}`)}`;
}

function table(entries: readonly Entry[]): string {
  const rows = entries.map(({ kind, name, conditions }) => {
    const ready = conditions.find(({ type }) => type === 'Ready');
    const others = conditions
      .filter(({ type, status }) => type !== 'Ready' && status === 'True')
      .map(({ type }) => type)
      .join(' ');
    return [kind, name, ready?.status ?? 'Unknown', ready?.reason ?? '', others].map(plain);
  });
  return tableText(['KIND', 'NAME', 'READY', 'REASON', 'ALSO TRUE'], rows);
}
