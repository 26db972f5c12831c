import type { Cluster } from './formats/placement.js';

/** One move as a schedule file has it. */
export interface TimedMove {
  /** Name of the machine. */
  readonly machine: string;
  /** Indices of hosts. */
  readonly from: number;
  readonly to: number;
  /** Seconds from the start of the schedule. */
  readonly start: number;
  readonly end: number;
}

/** Rounding of times, in seconds, and of rates. */
const INSTANT = 1e-6;

interface Event {
  readonly at: number;
  readonly kind: 'end' | 'start';
  readonly index: number;
  readonly move: TimedMove;
}

/**
 * Walks a schedule end by end and start by start, and tells what is wrong: a host with more in it than its memory (a machine under way
 * counts at both ends), more streams in one direction of a host than it has, a move faster than its stream carries, two machines of a
 * tag on one host that are not together there at the end, a move from where the machine is not, and a machine that ends elsewhere.
 * It knows nothing of how schedules are made.
 */
export function checkSchedule(
  cluster: Cluster,
  target: ArrayLike<number>,
  moves: readonly TimedMove[],
  { mibps, streams }: { readonly mibps: number; readonly streams: number },
): readonly string[] {
  const found: string[] = [];
  const numbers = new Map(cluster.vms.map((vm, index) => [vm.name, index]));
  const hostsOf = cluster.vms.map((vm) => [vm.host]);
  const used = cluster.hosts.map((host) => host.nodeMemMiB);
  const tags = cluster.hosts.map(() => new Map<string, number>());
  const allowed = cluster.hosts.map(() => new Map<string, number>());
  const ins = cluster.hosts.map(() => 0);
  const outs = cluster.hosts.map(() => 0);
  const count = (host: number, tag: string, sign: number, tables = tags) =>
    tables[host]?.set(tag, (tables[host].get(tag) ?? 0) + sign);
  const change = (list: number[], host: number, amount: number) => (list[host] = (list[host] ?? 0) + amount);
  cluster.vms.forEach((vm, index) => {
    change(used, vm.host, vm.memMiB);
    count(vm.host, vm.tag, 1);
    count(target[index] ?? -1, vm.tag, 1, allowed);
  });
  const events = moves.flatMap((move): Event[] => {
    const index = numbers.get(move.machine);
    if (index === undefined) {
      found.push(`there is no machine ${move.machine}`);
      return [];
    }
    const least = (cluster.vms[index]?.memMiB ?? 0) / (mibps / streams);
    if (move.end - move.start < least - INSTANT) {
      found.push(`${move.machine} moves in ${move.end - move.start} s, its stream takes ${least} s`);
    }
    return [
      { at: move.start, kind: 'start', index, move },
      { at: move.end, kind: 'end', index, move },
    ];
  });
  // At one instant ends come first: what starts then may use what they leave. A move that takes no time starts and ends in its turn.
  const isLate = ({ kind, move }: Event) => kind === 'start' || move.end - move.start <= INSTANT;
  events.sort((a, b) => (Math.abs(a.at - b.at) > INSTANT ? a.at - b.at : Number(isLate(a)) - Number(isLate(b))));
  for (const { at, kind, index, move } of events) {
    const { from, to } = move;
    const memMiB = cluster.vms[index]?.memMiB ?? 0;
    const tag = cluster.vms[index]?.tag ?? '';
    const when = `at ${at.toFixed(3)} s`;
    if (kind === 'end') {
      hostsOf[index] = [to];
      change(used, from, -memMiB);
      count(from, tag, -1);
      change(ins, to, -1);
      change(outs, from, -1);
      continue;
    }
    const here = hostsOf[index] ?? [];
    if (here.length !== 1 || here[0] !== from)
      found.push(`${when} ${move.machine} leaves ${from}, it is on ${here.join(' and ')}`);
    hostsOf[index] = [...here, to];
    if (change(used, to, memMiB) > (cluster.hosts[to]?.memMiB ?? 0) * (1 + 1e-12)) {
      found.push(
        `${when} host ${to} has ${used[to] ?? 0} MiB in ${cluster.hosts[to]?.memMiB ?? 0} MiB as ${move.machine} comes`,
      );
    }
    count(to, tag, 1);
    if (tag !== '' && (tags[to]?.get(tag) ?? 0) > Math.max(1, allowed[to]?.get(tag) ?? 0)) {
      found.push(`${when} ${move.machine} meets another of ${tag} on host ${to}`);
    }
    if (change(ins, to, 1) > streams) found.push(`${when} ${ins[to] ?? 0} streams come to host ${to}`);
    if (change(outs, from, 1) > streams) found.push(`${when} ${outs[from] ?? 0} streams leave host ${from}`);
  }
  cluster.vms.forEach((vm, index) => {
    const here = hostsOf[index] ?? [];
    if (here.length === 1 && here[0] === target[index]) return;
    found.push(`${vm.name} ends on ${here.join(' and ')}, not on ${target[index] ?? -1}`);
  });
  return found;
}
