import type { Action, Move } from '../../model/index.js';
import { IDLE_VF } from '../../model/index.js';
import type { MachineView } from '../view.js';
import { dummyName } from '../dummies.js';
import { temporaryMac } from './addresses.js';
import type { Leg } from './leg.js';
import { deviceOf, ledger, setAttributes } from './leg.js';
import type { StepBuilder } from './step-builder.js';

/** What makes and ends the dummy that holds the replacement. */
export function dummyActions(leg: Leg, machine: MachineView, move: Move) {
  const dummy = dummyName(leg.machine, leg.claim.name);
  const commission: Action = {
    port: 'hypervisor',
    kind: 'commission',
    host: leg.to,
    dummy,
    devices: leg.assignment.group,
    mac: temporaryMac(leg.to, leg.assignment.to, leg.machine),
    reservation: `${leg.to}/${leg.assignment.to}`,
    machine: leg.machine,
    ttlSeconds: machine.policy.reservationTtlSeconds,
  };
  const decommission: Action = { port: 'hypervisor', kind: 'decommission', host: leg.to, dummy };
  return { commission: [commission, ...ledger(leg, move, 'hold')], decommission: [decommission] };
}

/** The ledger has the replacement for the claim. */
export function reserved(leg: Leg) {
  return [{ kind: 'reserved', ...deviceOf(leg, leg.to, leg.assignment.to) } as const];
}

/**
 * Everything that happens while the machine runs where it is: reserve, dummy, switch port, attributes and staging, claim by claim.
 * Answers with the ids of the steps that end it. Staging lists all replacements that are ready so far, so that those steps go one
 * after the other.
 */
export function prepare(
  builder: StepBuilder,
  legs: readonly Leg[],
  machine: MachineView,
  move: Move,
): readonly string[] {
  const ends: string[] = [];
  let staged: readonly Leg[] = [];
  for (const leg of legs) {
    const claim = leg.claim.name;
    const reserve = builder.add('reserve', 'prepare', {
      claim,
      after: [],
      preconditions: [
        { kind: 'host-up', host: leg.to },
        ...leg.assignment.group.map((device) => ({ kind: 'device-free', ...deviceOf(leg, leg.to, device) }) as const),
      ],
      actions: ledger(leg, move, 'reserve'),
      undo: ledger(leg, move, 'release'),
    });
    const { commission, decommission } = dummyActions(leg, machine, move);
    let last = builder.add('commission', 'prepare', {
      claim,
      after: [reserve],
      preconditions: reserved(leg),
      actions: commission,
      undo: decommission,
    });
    if (leg.vfTo && leg.profile !== null) {
      const port = { port: 'fabric', profile: leg.profile, ...deviceOf(leg, leg.to, leg.assignment.to) } as const;
      last = builder.add('port-profile', 'prepare', {
        claim,
        after: [last],
        preconditions: reserved(leg),
        actions: [{ kind: 'apply-port-profile', ...port }],
        undo: [{ kind: 'remove-port-profile', ...port }],
      });
    }
    const before = staged;
    staged = [...staged, leg];
    const actions = [...setVf(leg), ...stage(move, staged)];
    if (actions.length > 0) {
      last = builder.add('reconfigure', 'prepare', {
        claim,
        after: [last, ...ends.slice(-1)],
        preconditions: [
          ...reserved(leg),
          ...(move.from === null ? [] : [{ kind: 'machine-on', machine: move.machine, host: move.from } as const]),
        ],
        actions,
        undo: [...stage(move, before), ...resetVf(leg)],
      });
    }
    ends.push(last);
  }
  return ends;
}

function setVf(leg: Leg): readonly Action[] {
  if (!leg.vfTo) return [];
  const where = deviceOf(leg, leg.to, leg.assignment.to);
  return [{ port: 'fabric', kind: 'set-vf', attributes: setAttributes(leg), ...where }];
}

function resetVf(leg: Leg): readonly Action[] {
  if (!leg.vfTo) return [];
  return [{ port: 'fabric', kind: 'reset-vf', attributes: IDLE_VF, ...deviceOf(leg, leg.to, leg.assignment.to) }];
}

/** The machine, where it runs now, is told of the replacements. */
function stage(move: Move, legs: readonly Leg[]): readonly Action[] {
  if (move.from === null) return [];
  const replacements = legs.map((leg) => ({ claim: leg.claim.name, host: leg.to, device: leg.assignment.to }));
  return [{ port: 'hypervisor', kind: 'reconfigure', machine: move.machine, host: move.from, replacements }];
}
