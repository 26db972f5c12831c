import type { VfAttributes } from '../../../model/index.js';
import { GUARD_LEDGER, guardLedgerText, ledgerPathFault, type GuardEntry } from '../guard/index.js';
import { numberSet, type HostFacts } from '../inventory/index.js';
import { parseLinks, type Links } from './link.js';
import { runnerFor, type Ran, type Run, type RunOptions } from './run.js';
import type { CommandTarget } from '../../../connection/command-target.js';
import { setVfWords } from './vf-words.js';

/** What a command came to. `refused`: the host said no; `unanswered`: nobody knows what became of it. */
type Answer<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'unanswered'; readonly message: string };

type Options = Pick<RunOptions, 'signal' | 'deadlineMs'>;

/** The few things that Berth does on a host itself, because libvirt has no call for them. Every command has a deadline. */
export class HostCommands {
  readonly #run: Run;

  constructor(run: Run) {
    this.#run = run;
  }

  /** Virtual functions as the kernel shows them: attributes and counters. Changes nothing, and needs no rights. */
  async links(options?: Options): Promise<Answer<Links>> {
    const ran = await this.#run(['ip', '-j', '-s', '-d', 'link', 'show'], options);
    if (ran.kind !== 'ended' || ran.status !== 0) return notDone(ran);
    const links = parseLinks(ran.stdout);
    return links === null ? { kind: 'refused', message: 'ip did not answer in JSON' } : answered(links);
  }

  /** Gives a virtual function of a port these attributes, in one go. The kernel takes them one by one: on a refusal some may be in force. */
  async setVf(netdev: string, index: number, change: Partial<VfAttributes>, options?: Options): Promise<Answer<null>> {
    const words = setVfWords(netdev, index, change);
    if (words === null)
      return { kind: 'refused', message: `no attributes for VF ${index} of ${JSON.stringify(netdev)}` };
    return finished(await this.#run(words, options));
  }

  /**
   * What libvirt does not tell of a host. A clock counts as synchronised when there is a PTP clock and `ptp4l` runs; a host that does not
   * answer has neither that nor isolated CPUs.
   */
  async facts(options?: Options): Promise<Answer<HostFacts>> {
    const [isolated, clocks, daemon] = await Promise.all([
      this.#run(['cat', '/sys/devices/system/cpu/isolated'], options),
      this.#run(['ls', '/sys/class/ptp'], options),
      this.#run(['pgrep', '-x', 'ptp4l'], options),
    ]);
    for (const ran of [isolated, clocks, daemon]) if (ran.kind === 'unanswered') return ran;
    const hasClock = isOk(clocks) && clocks.stdout.trim() !== '';
    return answered({
      isolatedCpus: isOk(isolated) ? (numberSet(isolated.stdout.trim()) ?? []) : [],
      ptp: hasClock && isOk(daemon),
      migrationMibps: null,
    });
  }

  /** Puts a new ledger in the place of the one that the host's guard reads; a guard that reads meanwhile sees the old or the new one, whole. */
  async writeGuardLedger(
    entries: readonly GuardEntry[],
    path: string = GUARD_LEDGER,
    options?: Options,
  ): Promise<Answer<null>> {
    const text = guardLedgerText(entries);
    const fault = ledgerPathFault(path);
    if (fault !== null) return { kind: 'refused', message: fault };
    if (text === null) return { kind: 'refused', message: 'a device or a name of a domain cannot stand in a line' };
    const next = `${path}.next`;
    const write = (): Promise<Ran> =>
      this.#run(['dd', `of=${next}`, 'conv=fsync', 'status=none'], { ...options, input: text });
    let written = await write();
    if (written.kind === 'ended' && written.status !== 0) {
      const made = await this.#run(['mkdir', '-p', path.slice(0, path.lastIndexOf('/')) || '/'], options);
      if (!isOk(made)) return notDone(made);
      written = await write();
    }
    if (!isOk(written)) return notDone(written);
    return finished(await this.#run(['mv', '-f', next, path], options));
  }
}

/** Commands on a host, here or by ssh. */
export function openHostCommands(target: CommandTarget): HostCommands {
  return new HostCommands(runnerFor(target));
}

function isOk(ran: Ran): ran is Extract<Ran, { readonly kind: 'ended' }> {
  return ran.kind === 'ended' && ran.status === 0;
}

function answered<T>(value: T): Answer<T> {
  return { kind: 'answered', value };
}

function finished(ran: Ran): Answer<null> {
  return isOk(ran) ? answered(null) : notDone(ran);
}

function notDone(ran: Ran): Exclude<Answer<never>, { readonly kind: 'answered' }> {
  if (ran.kind === 'unanswered') return ran;
  return { kind: 'refused', message: ran.stderr === '' ? `the command ended with status ${ran.status}` : ran.stderr };
}
