import { availableParallelism, constants } from 'node:os';
import { openStory, type Story } from '../../../src/cli/demo/story.js';
import type { Expectation } from '../../../src/cli/demo/end-state.js';
import { processTerminal } from '../../../src/cli/terminal.js';
import { paint, shortHash } from '../../../src/report/index.js';
import { prepareLab } from '../../setup/lab.js';
import { lacking } from '../requirements.js';
import { documents, type Wishes } from './documents.js';
import { Berth } from './program.js';
import { buildStage, machines, newcomer, startMachines, witness, type Stage } from './stage.js';
import { apart, domainsOf, empty, exactlyOnce, hostOf, unchanged, type Domain } from './truth.js';

const STOPPING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

interface Troupe {
  readonly stage: Stage;
  readonly story: Story;
  readonly berth: Berth;
}

/** The demo on real hypervisors. Answers with the exit code: 0 when every check was met, else 1. */
export async function play(main: string): Promise<number> {
  const began = performance.now();
  const terminal = processTerminal(process.env);
  const ink = paint(terminal.color);
  await prepareLab();
  const missing = lacking(['guests']) ?? (availableParallelism() < 2 ? 'two processors are needed' : undefined);
  if (missing !== undefined) {
    terminal.err(`not run: ${missing}\n`);
    return 1;
  }
  terminal.out(
    `${ink.bold('Berth')}  ${ink.dim('three hypervisors, each a libvirtd with QEMU of its own,\n       and real machines on them')}\n`,
  );
  const story = openStory(terminal, ink);
  const stopped = new AbortController();
  for (const signal of STOPPING) process.on(signal, () => stopped.abort(signal));
  const stage = await buildStage();
  const place = { folder: stage.repository.folder, state: stage.state };
  const troupe: Troupe = { stage, story, berth: new Berth(main, story, terminal.color, place, stopped.signal) };
  const interrupted = new Promise<void>((resolve) => stopped.signal.addEventListener('abort', () => resolve()));
  await Promise.race([perform(troupe), interrupted]).finally(() => stage.strike());
  if (stopped.signal.aborted) {
    terminal.err('stopped; the hypervisors and the repository are gone\n');
    return 128 + constants.signals[stopped.signal.reason as (typeof STOPPING)[number]];
  }
  const { met, failed } = story.checked();
  const verdict =
    failed === 0 ? ink.green(`✔ ${met} checks passed`) : ink.red(`✘ ${failed} of ${met + failed} checks failed`);
  const seconds = Math.round((performance.now() - began) / 1000);
  terminal.out(`\n${verdict}${ink.dim(`, in ${seconds} s; the hypervisors and the repository are gone again.`)}\n`);
  terminal.out(ink.dim('Next: examples/10-libvirt-two-hosts, with hosts of your own.\n'));
  return failed === 0 ? 0 : 1;
}

async function perform(troupe: Troupe): Promise<void> {
  const { stage, story, berth } = troupe;
  const { lab } = stage;
  story.chapter('Hypervisors', 'Namespaces of this machine: each has a daemon, machines and a link to one switch.');
  await startMachines(stage);
  const before = await domainsOf(lab);
  for (const { name, address } of lab.hosts)
    story.say(
      `${name}  ${address}  ${before
        .filter(({ host }) => host === name)
        .map((one) => one.name)
        .join(' ')}`,
    );

  story.chapter('A repository', 'What shall run, and that the two web machines must not share a host.');
  const wishes = { drained: null, machines };
  const revision = await commit(troupe, 'Describe three hosts and their machines', wishes);
  await berth.show('validate');
  await berth.show('plan');

  story.chapter('Reconcile', `All the while, somebody on the switch pings ${witness.name} every 20 ms.`);
  const first = await reconcile(troupe);
  story.expect([
    ...(await outcome(
      troupe,
      revision,
      machines.map(({ name }) => name),
      first,
    )),
    apart(first.domains, 'web-1', 'web-2'),
    unchanged(before, first.domains),
  ]);

  const drained = hostOf(first.domains, witness.name);
  story.chapter('A change', `${drained} needs a new disk: one line in a pull request. And one machine more is wanted.`);
  const second = await commit(troupe, `Drain ${drained}, and add ${newcomer.name}`, {
    drained,
    machines: [...machines, newcomer],
  });
  story.say(`hosts.yaml            ${story.ink.green('+  maintenance: drain')}`);
  story.say(`machines/${newcomer.name}.yaml  ${story.ink.green(`+  kind: VirtualMachine …`)}`);
  story.say('');
  const last = await reconcile(troupe);
  await berth.show('status');
  await berth.show('get', 'machines');
  story.expect([
    ...(await outcome(
      troupe,
      second,
      [...machines, newcomer].map(({ name }) => name),
      last,
    )),
    empty(last.domains, drained),
    apart(last.domains, 'web-1', 'web-2'),
    unchanged(first.domains, last.domains),
    {
      sentence: `${witness.name} has moved from ${drained} to ${hostOf(last.domains, witness.name)}, and answers there`,
      faults:
        (await lab.link.answers(witness.address)) && hostOf(last.domains, witness.name) !== drained
          ? []
          : ['it does not'],
    },
  ]);
}

async function commit({ stage, story }: Troupe, message: string, wishes: Wishes): Promise<string> {
  const revision = await stage.repository.commit(message, documents(stage.lab, wishes));
  story.say(`commit ${shortHash(revision)}  ${message}`);
  story.say('');
  return revision;
}

interface Act {
  readonly code: number;
  readonly domains: readonly Domain[];
}

/** One pass of the program, with traffic through all of it. */
async function reconcile({ stage, story, berth }: Troupe): Promise<Act> {
  const traffic = stage.lab.link.traffic(witness.address);
  const { code } = await berth.show('reconcile');
  const { sent, lost, longestSilenceMs } = await traffic.stop();
  story.say(`pings of ${witness.name}: ${sent} sent, ${lost} lost, longest silence ${longestSilenceMs} ms`);
  return { code, domains: await domainsOf(stage.lab) };
}

/** What must be true after every pass. */
async function outcome(
  { stage, berth }: Troupe,
  revision: string,
  names: readonly string[],
  { code, domains }: Act,
): Promise<readonly Expectation[]> {
  const message = await stage.repository.git('log', '-1', '--format=%B', 'berth/status');
  const wanted = [`Berth-Source-Revision: ${revision}`, 'Berth-Plan-Hash: ', 'Berth-Result: Succeeded'];
  const told = JSON.parse((await berth.quiet('get', 'machines', '-o', 'json')).stdout) as readonly Told[];
  const places = told.map(({ desired, observed }) => `${desired.name}@${observed.map(({ host }) => host).join()}`);
  const left = await berth.quiet('plan', '--detailed-exitcode');
  return [
    { sentence: 'berth reconcile ended with 0', faults: code === 0 ? [] : [`it ended with ${code}`] },
    exactlyOnce(domains, names),
    {
      sentence: 'Berth and virsh agree on where each machine is',
      faults: domains.map(({ name, host }) => `${name}@${host}`).filter((place) => !places.includes(place)),
    },
    {
      sentence: 'the branch berth/status has a commit about this commit, its plan and the result',
      faults: wanted.filter((trailer) => !message.includes(trailer)),
    },
    {
      sentence: 'nothing is left to do',
      faults: left.code === 0 && left.stdout.includes('Nothing to do.') ? [] : [left.stdout],
    },
  ];
}

interface Told {
  readonly desired: { readonly name: string };
  readonly observed: readonly { readonly host: string }[];
}
