import { antiAffinity } from '../constraints/anti-affinity.js';
import type { Candidate } from '../constraints/constraint.js';
import { domainOf } from '../constraints/constraint.js';
import type { Occupancy } from '../occupancy.js';
import { demandOf } from '../placement.js';
import { matchClaims } from '../place/devices.js';
import { amountsOf, inCell } from '../resources.js';
import type { View } from '../view.js';
import { asidesFor, couldPass } from './bypass.js';
import { fits, spreadRules } from './fits.js';
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

/** One change that would undo the knot. */
interface Way {
  /** What it costs, the whole of a host being 1. */
  readonly price: number;
  readonly sentence: string;
}

interface Lack {
  readonly price: number;
  readonly words: string;
}

/** What a device and a rule cost against the whole of a host, which is 1. */
const DEVICE = 2;
const RULE = 3;

/**
 * The smallest change that would let one of the hops be made, or one of `mayStepAside` step aside to a third host: room, as a share of what
 * the host has, before a device, and a device before a rule. Null when nothing that can be named would.
 */
export function relaxationOf(
  view: View,
  now: Occupancy,
  knot: readonly Hop[],
  mayStepAside: readonly Hop[],
): string | null {
  const ways = knot.flatMap((hop) => wayIn(view, now, hop) ?? []);
  let least = ways.toSorted((a, b) => a.price - b.price)[0] ?? null;
  for (const hop of mayStepAside) {
    if (hop.source === null || !freesAnother(view, now, hop, knot)) continue;
    for (const candidate of asidesFor(view, now, hop)) {
      const lacks = lackingRoom(candidate);
      if (priceOf(lacks) >= (least?.price ?? Infinity)) continue;
      const all = [...lacks, ...lackingDevices(candidate)];
      if (all.length === 0 || priceOf(all) >= (least?.price ?? Infinity) || !couldPass(hop, candidate)) continue;
      const sentence = `${listed(all)} more on ${candidate.host.name} would let ${hop.wish.machine.name} step aside there`;
      least = { price: priceOf(all), sentence };
    }
  }
  return least?.sentence ?? null;
}

/** Once the machine is gone from where it is, another hop of the knot can be made. */
function freesAnother(view: View, now: Occupancy, hop: Hop, knot: readonly Hop[]): boolean {
  const after = now.copy();
  after.lift(hop.wish.machine.name, hop.source?.host ?? '');
  return knot.some((other) => other !== hop && fits(view, after, other));
}

/** All that keeps the hop from being made. */
function wayIn(view: View, now: Occupancy, { wish: { machine }, target }: Hop): Way | null {
  const host = view.hosts.get(target.host);
  if (host === undefined) return null;
  const candidate = { view, occupancy: now, machine, host, cell: target.cell, relief: null };
  const taken = target.devices.flatMap(({ claim, group }): readonly Lack[] => {
    const owner = group.map((device) => now.owner(host.name, device)).find((name) => name !== null);
    return owner === undefined ? [] : [{ price: DEVICE, words: `one device for ${claim} (${owner} has one)` }];
  });
  const lacks = [...lackingRoom(candidate), ...taken];
  const price = priceOf(lacks);
  const letIn = `${listed(lacks)} more on ${host.name} would let ${machine.name} in`;
  const rival = antiAffinity.check(candidate);
  if (rival !== null) {
    const sentence = lacks.length === 0 ? `${machine.name} would get in` : letIn;
    return { price: price + RULE, sentence: `${sentence} but for a rule: ${rival}` };
  }
  if (lacks.length > 0) return { price, sentence: letIn };
  const [spread] = spreadRules(machine);
  if (spread === undefined) return null;
  return {
    price: RULE,
    sentence: `${machine.name} would get in if ${spread.policy} allowed a skew of ${spread.maxSkew + 1}`,
  };
}

/** Each amount of which there is too little; that of the host is not told beside that of its cell, which adds to it. */
function lackingRoom({ occupancy, machine, host, cell }: Candidate): readonly Lack[] {
  const used = occupancy.used(host.name);
  const short = [...amountsOf(demandOf(machine), cell)].flatMap(([name, amount]) => {
    const missing = (used.get(name) ?? 0) + amount - (host.capacity.get(name) ?? 0);
    return missing > 0 ? [{ name, missing }] : [];
  });
  const ofCell = (name: string) => short.find((entry) => cell !== null && entry.name === inCell(cell, name));
  return short
    .filter(({ name, missing }) => missing > (ofCell(name)?.missing ?? 0))
    .map(({ name, missing }) => ({
      price: missing / Math.max(1, host.capacity.get(name) ?? 0),
      words: inWords(name, missing),
    }));
}

/** Claims for which the host has no device left. */
function lackingDevices(candidate: Candidate): readonly Lack[] {
  const match = matchClaims(candidate);
  if (match.kind === 'matched') return [];
  const { machine } = candidate;
  const claims = machine.desired.claims.filter((claim) => claim !== match.claim);
  const rest = { ...candidate, machine: { ...machine, desired: { ...machine.desired, claims } } };
  return [{ price: DEVICE, words: `one device for ${match.claim.name}` }, ...lackingDevices(rest)];
}

function priceOf(lacks: readonly Lack[]): number {
  return lacks.reduce((sum, { price }) => sum + price, 0);
}

function listed(lacks: readonly Lack[]): string {
  return lacks.map(({ words }) => words).join(' and ');
}

/** `2048 MiB of memory`, `2 cpus`, `1024 MiB of hugepages-1048576 in cell 0`. */
function inWords(name: string, amount: number): string {
  const [, cell, kind] = /^(?:cell-(\d+)\/)?(.*)$/.exec(name) ?? [];
  const what = kind?.endsWith('cpus') === true ? `${amount} ${kind}` : `${amount} MiB of ${kind ?? name}`;
  return cell === undefined ? what : `${what} in cell ${cell}`;
}
