import type { Host, Problem } from '../../model/index.js';
import { groupBy, staysAt, violation } from './story.js';
import type { Act, Stay, Story } from './story.js';

/** At no moment does a host or a cell carry more than it has: a machine on its way counts at both ends. */
export function checkCapacity(story: Story): readonly Problem[] {
  const problems: Problem[] = [];
  for (const [name, stays] of groupBy(story.stays, (stay) => stay.host)) {
    const host = story.hosts.get(name);
    if (host === undefined) continue;
    const room = roomOf(host, story.desiredHosts.get(name)?.reserved ?? { cpus: 0, memoryMiB: 0 });
    const needs = new Map(stays.map((stay) => [stay, needOf(story, stay)]));
    for (const { arrival } of stays) {
      if (arrival === null) continue;
      const worst = new Map<string, number>();
      for (const stay of onceEach(staysAt(story, arrival, stays), arrival)) {
        for (const [resource, amount] of needs.get(stay) ?? [])
          worst.set(resource, (worst.get(resource) ?? 0) + amount);
      }
      for (const [resource, amount] of worst) {
        const limit = room.get(resource) ?? 0;
        if (amount <= limit || !takes(needs, stays, arrival, resource)) continue;
        const message = `${name} may have to carry ${amount} of ${resource} and has ${limit}`;
        problems.push(violation('OverCapacity', arrival.move, message));
      }
    }
  }
  return problems;
}

/** A machine that leaves and comes back is there once, however its stays overlap. */
function onceEach(stays: readonly Stay[], arrival: Act): readonly Stay[] {
  const seen = new Map<string, Stay>();
  for (const stay of stays) if (!seen.has(stay.machine) || stay.arrival === arrival) seen.set(stay.machine, stay);
  return [...seen.values()];
}

type Amounts = ReadonlyMap<string, number>;

function takes(needs: ReadonlyMap<Stay, Amounts>, stays: readonly Stay[], arrival: Act, resource: string): boolean {
  const stay = stays.find((candidate) => candidate.arrival === arrival);
  return stay !== undefined && (needs.get(stay)?.get(resource) ?? 0) > 0;
}

function roomOf(host: Host, reserved: { readonly cpus: number; readonly memoryMiB: number }): Amounts {
  const room = new Map<string, number>();
  const add = (resource: string, amount: number): void => void room.set(resource, (room.get(resource) ?? 0) + amount);
  add('CPUs', -reserved.cpus);
  add('MiB of memory', -reserved.memoryMiB);
  for (const cell of host.numaNodes) {
    for (const suffix of ['', ` of cell ${cell.id}`]) {
      add(`CPUs${suffix}`, cell.cpus);
      add(`isolated CPUs${suffix}`, cell.isolatedCpus);
      add(`MiB of memory${suffix}`, cell.memoryMiB);
      for (const pool of cell.hugepages) add(`pages of ${pool.sizeKiB} KiB${suffix}`, pool.total);
    }
  }
  return room;
}

/** What a machine takes where it stays: what it has while it runs on, what is written once it is started anew. */
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
    need.set(`MiB of memory${suffix}`, size.memoryMiB);
    if (written?.isolatedCpus === true) need.set(`isolated CPUs${suffix}`, size.vcpus);
    if (size.hugepageSizeKiB > 0) {
      need.set(
        `pages of ${size.hugepageSizeKiB} KiB${suffix}`,
        Math.ceil((size.memoryMiB * 1024) / size.hugepageSizeKiB),
      );
    }
  }
  return need;
}
