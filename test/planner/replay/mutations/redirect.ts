import type { Action, Bdf, Move, Plan, Precondition, Step } from '../../../../src/model/index.js';
import { deviceKey } from '../../../../src/model/index.js';
import type { Planned } from './mutation.js';
import { inMove, mapFacts, pick } from './mutation.js';

/** A host of the world that is not this one. */
export function otherHost({ world }: Planned, host: string, dice: (n: number) => number): string {
  const others = world.hosts.map(({ name }) => name).filter((name) => name !== host);
  return pick(dice, others) ?? 'nowhere';
}

/** Everything of the move that was about its target is about another host. */
export function redirected(plan: Plan, move: Move, to: string): Plan {
  const host = (name: string): string => (name === move.to ? to : name);
  const action = (one: Action): Action => {
    if (one.kind === 'commission')
      return { ...one, host: host(one.host), reservation: deviceKey({ host: to, device: one.devices[0] ?? '' }) };
    if (one.kind === 'reconfigure')
      return { ...one, replacements: one.replacements.map((each) => ({ ...each, host: host(each.host) })) };
    if ('from' in one) return { ...one, to: host(one.to) };
    return { ...one, host: host(one.host) };
  };
  const fact = (one: Precondition): Precondition => ('host' in one ? { ...one, host: host(one.host) } : one);
  return inMove(plan, move, { to }, (step) => mapFacts(step, action, fact));
}

/** The claim gets another device of the target, in everything that the move says of it. */
export function withDevice(
  plan: Plan,
  move: Move,
  claim: string,
  device: Bdf,
  group: readonly Bdf[] = [device],
): Plan | null {
  const old = move.assignments.find((assignment) => assignment.claim === claim);
  if (old === undefined) return null;
  const assignments = move.assignments.map((one) => (one === old ? { ...old, to: device, group } : one));
  const devices = <T extends { readonly claim: string; readonly device: Bdf }>(all: readonly T[]): readonly T[] =>
    all.map((one) => (one.claim === claim ? { ...one, device } : one));
  const action = (one: Action): readonly Action[] => {
    if (one.kind === 'commission')
      return one.devices.includes(old.to)
        ? [{ ...one, devices: group, reservation: deviceKey({ host: move.to, device }) }]
        : [one];
    if (one.kind === 'reconfigure') return [{ ...one, replacements: devices(one.replacements) }];
    if (one.kind === 'migrate') return [{ ...one, devices: devices(one.devices) }];
    if (one.kind === 'start' && one.host === move.to)
      return [{ ...one, definition: { ...one.definition, devices: devices(one.definition.devices) } }];
    if (!('device' in one) || one.host !== move.to || !old.group.includes(one.device)) return [one];
    if (one.port !== 'ledger') return [{ ...one, device }];
    return one.device === old.to ? group.map((each) => ({ ...one, device: each })) : [];
  };
  const fact = (one: Precondition): readonly Precondition[] => {
    if (!('device' in one) || one.host !== move.to || !old.group.includes(one.device)) return [one];
    if (one.kind !== 'device-free') return [{ ...one, device }];
    return one.device === old.to ? group.map((each) => ({ ...one, device: each })) : [];
  };
  const hop = plan.moves.find((next) => next.machine === move.machine && next.from === move.to && next !== move);
  const changed = inMove(plan, move, { assignments }, (step: Step) => ({
    ...step,
    actions: step.actions.flatMap(action),
    undo: step.undo.flatMap(action),
    preconditions: step.preconditions.flatMap(fact),
  }));
  // A machine that goes on from there would have to give up the new device; that is another fault.
  return hop === undefined ? changed : null;
}
