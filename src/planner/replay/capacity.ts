import type { DesiredHost, Host, Problem } from '../../model/index.js';
import { actBefore, groupBy, staysAt, violation } from './story.js';
import { heaviestAntichain } from './antichain.js';
import type { Stay, Story } from './story.js';

/** At no moment does a host or a cell carry more than it has: a machine on its way counts at both ends. */
export function checkCapacity(story: Story): readonly Problem[] {
  const problems: Problem[] = [];
  for (const [name, stays] of groupBy(story.stays, (stay) => stay.host)) {
    const host = story.hosts.get(name);
    if (host === undefined) continue;
    const room = roomOf(host, story.desiredHosts.get(name) ?? NOTHING_KEPT);
    const needs = new Map(stays.map((stay) => [stay, needOf(story, stay)]));
    for (const stay of stays) {
      if (stay.arrival === null) continue;
      const { arrival } = stay;
      const others = staysAt(story, arrival, stays).filter((other) => other.arrival !== arrival);
      for (const [resource, amount] of needs.get(stay) ?? []) {
        const beside = others.map((other) => needs.get(other)?.get(resource) ?? 0);
        const limit = room.get(resource) ?? 0;
        // The sum is a bound that most often suffices; only stays that can really meet count in the end.
        if (amount + beside.reduce((sum, other) => sum + other, 0) <= limit) continue;
        const worst = amount + heaviestAntichain(beside, (a, b) => isOver(story, others[a], others[b]));
        if (worst <= limit) continue;
        const message = `${name} may have to carry ${worst} of ${resource} and has ${limit}`;
        problems.push(violation('OverCapacity', arrival.move, message));
      }
    }
  }
  return problems;
}

/** True when the one stay has ended before the other can begin. */
function isOver(story: Story, earlier: Stay | undefined, later: Stay | undefined): boolean {
  const [departure, arrival] = [earlier?.departure ?? null, later?.arrival ?? null];
  return departure !== null && arrival !== null && actBefore(story, departure, arrival);
}

type Amounts = ReadonlyMap<string, number>;

type Kept = Pick<DesiredHost, 'reserved' | 'cpuAllocationRatio'>;

const NOTHING_KEPT: Kept = { reserved: { cpus: 0, memoryMiB: 0 }, cpuAllocationRatio: 1 };

function roomOf(host: Host, { reserved, cpuAllocationRatio }: Kept): Amounts {
  const room = new Map<string, number>();
  const add = (resource: string, amount: number): void => void room.set(resource, (room.get(resource) ?? 0) + amount);
  add('CPUs', -reserved.cpus * cpuAllocationRatio);
  add('MiB of memory', -reserved.memoryMiB);
  for (const cell of host.numaNodes) {
    for (const suffix of ['', ` of cell ${cell.id}`]) {
      add(`CPUs${suffix}`, cell.cpus + (cell.cpus - cell.isolatedCpus) * (cpuAllocationRatio - 1));
      add(`isolated CPUs${suffix}`, cell.isolatedCpus);
      add(`MiB of memory${suffix}`, cell.memoryMiB);
      for (const { sizeKiB, total } of cell.hugepages) {
        add(`pages of ${sizeKiB} KiB${suffix}`, total);
        add(`MiB of memory${suffix}`, -(total * sizeKiB) / 1024);
      }
    }
  }
  return room;
}

/** What a machine takes where it stays, memory in huge pages apart from ordinary memory: what it has while it runs on, what is written once it is started anew. */
function needOf(story: Story, stay: Stay): Amounts {
  const written = story.desiredMachines.get(stay.machine);
  const running = story.copies.get(stay.machine)?.[0];
  const startsAnew =
    stay.arrival !== null && (stay.arrival.move.from === null || stay.arrival.move.strategy === 'cold');
  const size = startsAnew ? (written ?? running) : (running ?? written);
  if (size === undefined) return new Map();
  const here = story.copies.get(stay.machine)?.find((copy) => copy.host === stay.host);
  const cell = stay.arrival === null ? (here?.numaNode ?? null) : stay.arrival.move.numaNode;
  const need = new Map<string, number>();
  for (const suffix of cell === null ? [''] : ['', ` of cell ${cell}`]) {
    need.set(`CPUs${suffix}`, size.vcpus);
    if (written?.isolatedCpus === true) need.set(`isolated CPUs${suffix}`, size.vcpus);
    const pageKiB = size.hugepageSizeKiB;
    if (pageKiB === 0) need.set(`MiB of memory${suffix}`, size.memoryMiB);
    else need.set(`pages of ${pageKiB} KiB${suffix}`, Math.ceil((size.memoryMiB * 1024) / pageKiB));
  }
  return need;
}
