import type { LoadPolicy } from '../../../model/index.js';
import { weightsFor } from '../../objectives.js';
import type { HostView, MachineView } from '../../view.js';
import type { Draft } from '../draft.js';
import { adopt, branchOf } from '../draft.js';
import { emptyByChains, emptyingOf } from './empty.js';
import type { Field, Standing } from './field.js';
import { fieldOf } from './field.js';
import { leastGain } from './gain.js';
import { occupantsOf, spareMoves } from './occupants.js';
import { judged, offersOf } from './price.js';
import { askInOrder, lift, put } from './reroute.js';

/** A host all of whose machines may be moved. */
interface Candidate {
  readonly host: HostView;
  readonly occupants: readonly Standing[];
}

/**
 * Empties hosts, the one with the fewest machines and the least load first, as long as the machines of a whole host find room on hosts that are in use
 * anyhow and stay `tolerance` below `high`, and an emptied host is worth more than the moves cost. Tells whether anything was done.
 */
export function consolidate(draft: Draft, policy: LoadPolicy, held: ReadonlySet<string>): boolean {
  let changed = false;
  const full = new Set<string>();
  for (let emptied = true; emptied;) {
    emptied = false;
    full.clear();
    while (emptyNext(draft, policy, held, full)) emptied = true;
    emptied = emptyTogether(draft, policy, held) || emptied;
    changed ||= emptied;
  }
  return changed;
}

/** Empties one host more; `full` takes those that could not be, so that they are tried once in a pass: what fills up stays full. */
function emptyNext(draft: Draft, policy: LoadPolicy, held: ReadonlySet<string>, full: Set<string>): boolean {
  const field = fieldOf(draft, policy, held);
  const { used, candidates } = candidatesIn(draft, field);
  for (const candidate of candidates.filter(({ host }) => !full.has(host.name))) {
    if (empty(draft, field, used, candidate)) return true;
    full.add(candidate.host.name);
  }
  return false;
}

/** Empties one host more by chains of moves, where no host can be emptied onto the others as they are. */
function emptyTogether(draft: Draft, policy: LoadPolicy, held: ReadonlySet<string>): boolean {
  const field = fieldOf(draft, policy, held);
  const { used, candidates } = candidatesIn(draft, field);
  if (candidates.length === 0 || spareMoves(draft, policy) <= 0) return false;
  const emptying = emptyingOf(draft, field);
  for (const candidate of candidates) {
    const branch = emptyByChains(draft, emptying, used, candidate);
    if (branch === null) continue;
    adopt(draft, branch);
    return true;
  }
  return false;
}

/** Hosts in use, and those of them that could be emptied: with the fewest machines that run and the least load first. */
function candidatesIn(draft: Draft, field: Field) {
  const occupants = occupantsOf(draft);
  const used = field.hosts.filter(({ name }) => occupants.has(name));
  const candidates = used.flatMap((host) => candidateOf(field, host, occupants.get(host.name) ?? []));
  const load = ({ host }: Candidate) => loadOf(draft, field.policy, host.name);
  return { used, candidates: candidates.toSorted((a, b) => running(a) - running(b) || load(a) - load(b)) };
}

function candidateOf({ machines }: Field, host: HostView, names: readonly string[]): readonly Candidate[] {
  const occupants = names.flatMap((name) => machines.get(name) ?? []);
  return occupants.length === names.length ? [{ host, occupants }] : [];
}

/** Machines that would have to be moved, not only be started elsewhere. */
function running({ occupants }: Candidate): number {
  return occupants.filter(({ machine }) => machine.running !== null).length;
}

function empty(draft: Draft, { policy }: Field, used: readonly HostView[], { host, occupants }: Candidate): boolean {
  if (occupants.filter(({ machine }) => !draft.wishes.has(machine.name)).length > spareMoves(draft, policy))
    return false;
  const branch = branchOf(draft);
  const hosts = used.filter((other) => other !== host);
  const weights = weightsFor(policy);
  let gain = weights.hostsInUse;
  for (const occupant of occupants.toSorted((a, b) => share(draft, policy, b) - share(draft, policy, a))) {
    const { machine } = occupant;
    lift(branch, occupant);
    const roomy = hosts.filter((other) => staysBelow(branch, policy, other, occupant));
    const load = new Map(roomy.map((other) => [other, loadOf(branch, policy, other.name)]));
    const all = askInOrder(
      branch,
      occupant,
      roomy.toSorted((a, b) => (load.get(b) ?? 0) - (load.get(a) ?? 0)),
    );
    const [offer] = offersOf(branch.view, policy, machine, all);
    if (offer === undefined) return false;
    gain -= offer.price;
    const judgement = judged(offer, [{ objective: 'hostsInUse', gain: shareOf(draft, host, occupants, machine) }]);
    put(branch, occupant, offer.target, all, { kind: 'consolidate', host: host.name, policy: policy.name }, judgement);
  }
  if (gain < leastGain(policy)) return false;
  adopt(draft, branch);
  return true;
}

/**
 * The machine's share in an emptied host: those that run there have it empty together, and one that was only to come there keeps its share
 * in the host that it leaves.
 */
function shareOf(
  { wishes }: Draft,
  host: HostView,
  occupants: readonly Standing[],
  { name, running }: MachineView,
): number {
  const leaving = occupants.filter(({ machine }) => machine.running?.host === host.name).length;
  if (leaving === 0) return 1 / occupants.length;
  if (running?.host === host.name) return 1 / leaving;
  return wishes.get(name)?.judgement.gains.find(({ objective }) => objective === 'hostsInUse')?.gain ?? 0;
}

/** The host stays clear of its thresholds, by the tolerance, when the machine comes. */
export function staysBelow(
  { view, final }: Draft,
  policy: LoadPolicy,
  { name }: HostView,
  { machine }: Standing,
): boolean {
  return policy.thresholds.every(({ metric, high }) => {
    const more = (view.loads.share(machine.name, metric) ?? 0) / view.loads.full(name, metric);
    return (final.load(name, metric) ?? 1) + more < high - policy.tolerance;
  });
}

/** Highest load of the host by metric, in steps of the tolerance: a little more load on one host shall not change the whole plan. */
function loadOf({ final }: Draft, { thresholds, tolerance }: LoadPolicy, host: string): number {
  const load = Math.max(...thresholds.map(({ metric }) => final.load(host, metric) ?? 0));
  return tolerance === 0 ? load : Math.round(load / tolerance);
}

/** Highest share of the machine in the load of its host. */
function share({ view }: Draft, { thresholds }: LoadPolicy, { machine, host }: Standing): number {
  const shares = thresholds.map(
    ({ metric }) => (view.loads.share(machine.name, metric) ?? 0) / view.loads.full(host, metric),
  );
  return Math.max(...shares);
}
