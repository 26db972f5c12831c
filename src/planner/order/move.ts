import type { Cause, Move, PlannedAssignment, Reasoning } from '../../model/index.js';
import type { View } from '../view.js';
import { claimMac } from './addresses.js';
import type { Hop } from './hop.js';

/** The hop as the plan says it. */
export function moveOf(view: View, hop: Hop, causes: readonly Cause[], reasoning: Reasoning): Move {
  const { wish } = hop;
  return {
    id: hop.id,
    machine: wish.machine.name,
    from: hop.source?.host ?? null,
    to: hop.target.host,
    strategy: hop.strategy,
    strategyReason: hop.strategyReason,
    cause: indexOf(causes, wish.cause),
    assignments: assignmentsOf(view, hop),
    numaNode: hop.target.cell,
    advice: wish.advice,
    gain: wish.gain,
    bypass: hop.bypass,
    estimate: hop.estimate,
    reasoning,
  };
}

const indices = new WeakMap<readonly Cause[], ReadonlyMap<string, number>>();

/** Where a cause stands in the list; many moves ask the same list. */
function indexOf(causes: readonly Cause[], cause: Cause): number {
  const known = indices.get(causes) ?? new Map(causes.map((entry, index) => [JSON.stringify(entry), index]));
  indices.set(causes, known);
  return known.get(JSON.stringify(cause)) ?? -1;
}

function assignmentsOf(view: View, { wish, source, target }: Hop): readonly PlannedAssignment[] {
  const { machine } = wish;
  const owned = machine.running ?? machine.copies.find((copy) => copy.state === 'stopped') ?? null;
  return target.devices.map(({ claim, device, group }) => {
    const written = machine.desired.claims.find((entry) => entry.name === claim);
    const current = owned?.assignments.find((entry) => entry.claim === claim);
    const isVf = view.hosts.get(target.host)?.devices.get(device)?.function.kind === 'vf';
    const ownMac = isVf ? claimMac(machine.name, claim) : null;
    return {
      claim,
      from: source?.devices.find((entry) => entry.claim === claim)?.device ?? null,
      to: device,
      // What the guest sees stays as it is while it runs, whatever was written since.
      mac: current?.mac ?? written?.mac ?? ownMac,
      guestAddress: current?.guestAddress ?? written?.guestAddress ?? '',
      group,
    };
  });
}

/** The causes of the hops, each once, in the order of first appearance. */
export function causesOf(hops: readonly Hop[]): readonly Cause[] {
  const found = new Map<string, Cause>();
  for (const { wish } of hops) {
    const key = JSON.stringify(wish.cause);
    if (!found.has(key)) found.set(key, wish.cause);
  }
  return [...found.values()];
}
