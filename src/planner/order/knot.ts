import { domainOf } from '../constraints/constraint.js';
import { antiAffinity } from '../constraints/anti-affinity.js';
import type { Occupancy } from '../occupancy.js';
import { demandOf } from '../placement.js';
import { amountsOf, shortage } from '../resources.js';
import type { View } from '../view.js';
import { spreadRules } from './fits.js';
import type { Hop } from './hop.js';

/** A ring of hops each of which waits for the next to leave; all of the hops when there is no ring among them. */
export function knotIn(view: View, waiting: readonly Hop[]): readonly Hop[] {
  const seen = new Set<Hop>();
  for (const start of waiting) {
    const path: Hop[] = [];
    let at: Hop | undefined = start;
    while (at !== undefined && !seen.has(at)) {
      seen.add(at);
      path.push(at);
      const current: Hop = at;
      at = waiting.find((other) => other !== current && blocks(view, other, current));
    }
    const ringStart = at === undefined ? -1 : path.indexOf(at);
    if (ringStart >= 0) return path.slice(ringStart);
  }
  return waiting;
}

/** `other` leaves something that `hop` needs: room or devices on the host, or its unit of an anti-affinity rule. */
function blocks(view: View, other: Hop, hop: Hop): boolean {
  const from = other.source?.host;
  if (from === undefined) return false;
  if (from === hop.target.host) return true;
  return hop.wish.machine.rules.some(
    (rule) =>
      (rule.kind === 'anti-affinity' || rule.kind === 'spread') &&
      rule.machines.includes(other.wish.machine.name) &&
      domainOf(view, from, rule.topology) === domainOf(view, hop.target.host, rule.topology),
  );
}

/**
 * The smallest change that would let one of the hops be made: room on its target, as a share of what the host has, before a device, and a
 * device before a rule. Null when no single change would.
 */
export function relaxationOf(view: View, now: Occupancy, knot: readonly Hop[]): string | null {
  const ways = knot.flatMap((hop) => wayFor(view, now, hop) ?? []);
  return ways.toSorted((a, b) => a.price - b.price)[0]?.sentence ?? null;
}

interface Way {
  readonly price: number;
  readonly sentence: string;
}

/** What a device and a rule cost against the whole of a host, which is 1. */
const DEVICE = 2;
const RULE = 3;

/** All that keeps the hop from being made, when it is one thing. */
function wayFor(view: View, now: Occupancy, { wish: { machine }, target }: Hop): Way | null {
  const host = view.hosts.get(target.host);
  if (host === undefined) return null;
  const ways: Way[] = [];
  const used = now.used(host.name);
  for (const [name, amount] of amountsOf(demandOf(machine), target.cell)) {
    const short = shortage(host.capacity, used, new Map([[name, amount]]));
    if (short === null) continue;
    const missing = (used.get(name) ?? 0) + amount - (host.capacity.get(name) ?? 0);
    const price = missing / Math.max(1, host.capacity.get(name) ?? 0);
    ways.push({ price, sentence: `${inWords(name, missing)} more on ${host.name} would let ${machine.name} in` });
  }
  for (const { claim, group } of target.devices) {
    const owner = group.map((device) => now.owner(host.name, device)).find((name) => name !== null);
    if (owner === undefined) continue;
    const sentence = `one more device for ${claim} of ${machine.name} on ${host.name}, besides the one that ${owner} has, would let it in`;
    ways.push({ price: DEVICE, sentence });
  }
  const candidate = { view, occupancy: now, machine, host, cell: target.cell, relief: null };
  const rival = antiAffinity.check(candidate);
  if (rival !== null) ways.push({ price: RULE, sentence: `${machine.name} would get in but for a rule: ${rival}` });
  const [spread] = spreadRules(machine);
  if (ways.length === 0 && spread !== undefined) {
    const sentence = `${machine.name} would get in if ${spread.policy} allowed a skew of ${spread.maxSkew + 1}`;
    ways.push({ price: RULE, sentence });
  }
  return ways.length === 1 ? (ways[0] ?? null) : null;
}

/** `2048 MiB of memory`, `2 cpus`, `1024 MiB of hugepages-1048576 in cell 0`. */
function inWords(name: string, amount: number): string {
  const [, cell, kind] = /^(?:cell-(\d+)\/)?(.*)$/.exec(name) ?? [];
  const what = kind?.endsWith('cpus') === true ? `${amount} ${kind}` : `${amount} MiB of ${kind ?? name}`;
  return cell === undefined ? what : `${what} in cell ${cell}`;
}
