import type { Action, Move } from '../../model/index.js';
import { IDLE_VF } from '../../model/index.js';
import type { MachineView } from '../view.js';
import type { Leg } from './leg.js';
import { deviceOf, releaseSource } from './leg.js';
import type { StepBuilder } from './step-builder.js';
import { letGo } from './switch-over.js';

/**
 * What follows once the machine runs on the target: announce, forward for a time, clear the source's switch port, give the source's
 * device back. `works` is the step after which each claim's replacement works (one step for all of a machine without claims).
 */
export function complete(
  builder: StepBuilder,
  legs: readonly Leg[],
  machine: MachineView,
  move: Move,
  works: ReadonlyMap<string, string> | string,
): void {
  const there = [{ kind: 'machine-on', machine: move.machine, host: move.to } as const];
  const tails = legs.map((leg) => {
    const since = typeof works === 'string' ? works : (works.get(leg.claim.name) ?? '');
    return clearSource(builder, leg, announce(builder, leg, machine, since));
  });
  const { from } = move;
  if (from === null) return;
  const forgotten =
    move.strategy === 'cold'
      ? builder.add('undefine', 'complete', {
          after: typeof works === 'string' ? [works] : tails,
          preconditions: there,
          actions: [{ port: 'hypervisor', kind: 'undefine', machine: move.machine, host: from }],
        })
      : null;
  legs.forEach((leg, index) => {
    const device = leg.assignment.from;
    if (device === null) return;
    const reset: readonly Action[] = leg.vfFrom
      ? [{ port: 'fabric', kind: 'reset-vf', attributes: IDLE_VF, ...deviceOf(leg, from, device) }]
      : [];
    builder.add('release', 'complete', {
      claim: leg.claim.name,
      after: forgotten === null ? tails.slice(index, index + 1) : [forgotten],
      preconditions: [...there, ...letGo(leg, from)],
      actions: [...reset, ...releaseSource(leg, move, from)],
    });
  });
}

/** The network learns the new place; what still comes to the old one is sent on for a time. Answers with the last steps. */
function announce(builder: StepBuilder, leg: Leg, machine: MachineView, since: string): readonly string[] {
  const { mac, to: device } = leg.assignment;
  if (mac === null || !leg.vfTo) return [since];
  const claim = leg.claim.name;
  const there = [{ kind: 'machine-on', machine: leg.machine, host: leg.to } as const];
  const announced = builder.add('announce', 'complete', {
    claim,
    after: [since],
    preconditions: there,
    actions: [
      {
        port: 'fabric',
        kind: 'announce',
        machine: leg.machine,
        host: leg.to,
        device,
        mac,
        vlan: leg.claim.attributes.vlan,
      },
    ],
  });
  const seconds = machine.policy.forwardSeconds;
  if (leg.from === null || !leg.vfFrom || seconds === 0) return [announced];
  const forward = { port: 'fabric', machine: leg.machine, mac, from: leg.from, to: leg.to } as const;
  const forwarded = builder.add('forward', 'complete', {
    claim,
    after: [since],
    preconditions: there,
    actions: [{ kind: 'forward', seconds, ...forward }],
  });
  return [
    builder.add('unforward', 'complete', {
      claim,
      after: [announced, forwarded],
      delaySeconds: seconds,
      actions: [{ kind: 'unforward', ...forward }],
    }),
  ];
}

/** The source's switch port forgets the claim; answers with the last step. */
function clearSource(builder: StepBuilder, leg: Leg, after: readonly string[]): string {
  const { from, clearing } = leg;
  const device = leg.assignment.from;
  if (from === null || device === null || !leg.vfFrom || clearing.length === 0) return after[0] ?? '';
  return builder.add('remove-port-profile', 'complete', {
    claim: leg.claim.name,
    after,
    preconditions: [{ kind: 'machine-on', machine: leg.machine, host: leg.to }],
    actions: clearing.map((profile) => ({
      port: 'fabric',
      kind: 'remove-port-profile',
      profile,
      ...deviceOf(leg, from, device),
    })),
  });
}
