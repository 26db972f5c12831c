import { InvalidArgumentError, type Command } from 'commander';
import { problem } from '../../model/index.js';
import { countText, importDocuments, isLabel, labelOf, paint, plain } from '../../report/index.js';
import type { FoundHost } from '../../report/index.js';
import { surveyHost, systemClock } from '../compose.js';
import { EXIT } from '../exit.js';
import { Failure } from '../failure.js';
import { addCommonOptions, type CommonOptions } from '../options.js';
import type { Register, Session } from '../session.js';
import { writeFiles } from '../write-files.js';

/** One `--from`. */
interface From {
  /** Null: the name that the host gives itself. */
  readonly name: string | null;
  readonly uri: string;
}

interface Options extends CommonOptions {
  readonly from: readonly From[];
  readonly sharedPath: readonly string[];
  readonly cluster: string;
  readonly out?: string;
  readonly force?: boolean;
}

/** `berth import`: writes documents that describe hosts and machines as they are. */
export function defineImport(program: Command, register: Register): void {
  const command = program
    .command('import')
    .summary('write documents of hosts and machines that are there')
    .description(
      'Looks at hosts and writes documents that describe them and their machines as they are, so that a plan made of them\n' +
        'changes nothing. It changes nothing on the hosts. Without --out it prints what it would write.',
    )
    .requiredOption(
      '--from <uri>',
      'libvirt URI of a host, such as qemu+ssh://host-a/system; NAME=URI names the host; once for each host',
      collect(readFrom),
    )
    .option('--out <dir>', 'folder to write to; existing files are not overwritten')
    .option('--force', 'overwrite existing files')
    .option('--cluster <name>', 'name of the cluster', label, 'imported')
    .option('--shared-path <dir>', 'folder that all hosts mount: disks there are shared', collect(String), []);
  register<Options>(addCommonOptions(command), async (session, options) => {
    const hosts = await survey(session, options);
    const { files, remarks } = importDocuments(options.cluster, hosts);
    for (const remark of remarks) session.terminal.err(`! ${plain(remark)}\n`);
    if (options.out === undefined) {
      session.terminal.out(files.map(({ path, text }) => `# ${path}\n${text}`).join('---\n'));
      return EXIT.ok;
    }
    await writeFiles(options.out, files, options.force ?? false);
    const machines = files.filter(({ path }) => path.startsWith('machines/')).length;
    const written = `${countText(files.length, 'file')} (${countText(hosts.length, 'host')}, ${countText(machines, 'machine')})`;
    session.terminal.out(`${paint(session.terminal.color).green('✔')} wrote ${written} to ${plain(options.out)}\n`);
    return EXIT.ok;
  });
}

async function survey({ terminal }: Session, { from, sharedPath }: Options): Promise<readonly FoundHost[]> {
  const clock = systemClock();
  const answers = await Promise.all(from.map(({ uri }) => surveyHost(uri, () => clock.now(), sharedPath)));
  const problems = answers.flatMap((answer) => (answer.ok ? [] : answer.problems));
  if (problems.length > 0) throw new Failure(EXIT.error, problems);
  const seen = new Map<string, string>();
  return answers.flatMap((answer, index): readonly FoundHost[] => {
    if (!answer.ok) return [];
    const { hostname, uuid, host, machines, findings } = answer.value;
    const { name = null, uri = '' } = from[index] ?? {};
    const called = name ?? labelOf(hostname.split('.')[0] ?? '', `host-${index + 1}`);
    for (const key of [`name ${called}`, `identity ${uuid === '' ? uri : uuid}`]) {
      const other = seen.get(key);
      if (other !== undefined)
        throw new Failure(EXIT.error, [
          problem({
            code: 'HostTwice',
            message: `${other} and ${uri} are hosts with the same ${key}`,
            hint: 'leave one of them out, or name them: --from NAME=URI',
          }),
        ]);
      seen.set(key, uri);
    }
    for (const { subject, message } of findings) terminal.err(`! ${plain(`${called}: ${subject}: ${message}`)}\n`);
    return [{ name: called, uri, host, machines }];
  });
}

function readFrom(text: string): From {
  const match = /^([^=:/?]+)=(.+)$/.exec(text);
  return match?.[1] === undefined ? { name: null, uri: text } : { name: label(match[1]), uri: match[2] ?? '' };
}

function label(text: string): string {
  if (!isLabel(text)) throw new InvalidArgumentError('Names are lower-case letters, digits and dashes, at most 63.');
  return text;
}

/** For an option that can be given several times. */
function collect<T>(read: (text: string) => T): (text: string, before: readonly T[] | undefined) => readonly T[] {
  return (text, before) => [...(before ?? []), read(text)];
}
