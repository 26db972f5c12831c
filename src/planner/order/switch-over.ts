import type { MachineDefinition, Move, Precondition, StepPhase } from '../../model/index.js';
import type { MachineView } from '../view.js';
import type { Hop } from './hop.js';
import type { Leg } from './leg.js';
import { attached, deviceOf, ledger } from './leg.js';
import { dummyActions, reserved } from './prepare.js';
import type { StepBuilder } from './step-builder.js';

interface SwitchOver {
  readonly builder: StepBuilder;
  readonly hop: Hop;
  readonly move: Move;
  readonly legs: readonly Leg[];
}

/** The machine goes over. Answers for each claim with the step after which the replacement works in the running machine. */
export function switchOver(over: SwitchOver, prepared: readonly string[]): ReadonlyMap<string, string> | string {
  const { move } = over;
  if (move.from === null) return afterAll(over, start(over, handOver(over, prepared, 'switch')));
  switch (move.strategy) {
    case 'vfio-live':
    case 'failover':
      return afterAll(over, migrate(over, move.from, move.strategy, handOver(over, prepared, 'switch')));
    case 'hotplug':
      return hotplug(over, move.from, prepared);
    case 'cold':
      return afterAll(over, start(over, handOver(over, [stop(over, move.from, prepared)], 'switch')));
  }
}

function afterAll({ legs }: SwitchOver, step: string): ReadonlyMap<string, string> | string {
  return legs.length === 0 ? step : new Map(legs.map((leg) => [leg.claim.name, step]));
}

function hotplug(over: SwitchOver, from: string, prepared: readonly string[]): ReadonlyMap<string, string> | string {
  const { builder, legs, move } = over;
  const detached = legs.flatMap((leg) => {
    const device = leg.assignment.from;
    if (device === null) return [];
    const part = { port: 'hypervisor', machine: move.machine, host: from, ...attached(leg, device) } as const;
    return builder.add('detach', 'switch', {
      claim: leg.claim.name,
      after: prepared,
      preconditions: [
        { kind: 'machine-on', machine: move.machine, host: from },
        { kind: 'device-attached', machine: move.machine, host: from, device },
      ],
      actions: [{ kind: 'detach', ...part }],
      undo: [{ kind: 'attach', ...part }],
    });
  });
  const migrated = migrate(over, from, 'hotplug', detached.length > 0 ? detached : prepared);
  if (legs.length === 0) return migrated;
  const free = handOver(over, [migrated], 'complete');
  return new Map(
    legs.map((leg, index) => [
      leg.claim.name,
      builder.add('attach', 'complete', {
        claim: leg.claim.name,
        after: free.slice(index, index + 1),
        preconditions: [
          { kind: 'machine-on', machine: move.machine, host: move.to },
          ...reserved(leg),
          ...uniqueAddress(leg),
        ],
        actions: [
          {
            port: 'hypervisor',
            kind: 'attach',
            machine: move.machine,
            host: move.to,
            ...attached(leg, leg.assignment.to),
          },
          ...ledger(leg, move, 'bind'),
        ],
      }),
    ]),
  );
}

/** Ledger and dummy give way to the machine; answers with the last step of each claim, or `after` when there is no claim. */
function handOver(
  { builder, hop, legs, move }: SwitchOver,
  after: readonly string[],
  phase: StepPhase,
): readonly string[] {
  if (legs.length === 0) return after;
  return legs.map((leg) => {
    const claim = leg.claim.name;
    const { commission, decommission } = dummyActions(leg, hop.wish.machine, move);
    const handed = builder.add('hand-over', phase, {
      claim,
      after,
      preconditions: reserved(leg),
      actions: ledger(leg, move, 'hand-over'),
      undo: ledger(leg, move, 'hand-back'),
    });
    return builder.add('decommission', phase, {
      claim,
      after: [handed],
      preconditions: reserved(leg),
      actions: decommission,
      undo: commission,
    });
  });
}

function migrate(
  { builder, hop, legs, move }: SwitchOver,
  from: string,
  strategy: 'vfio-live' | 'failover' | 'hotplug',
  after: readonly string[],
): string {
  const { machine } = hop.wish;
  const carried = strategy === 'hotplug' ? [] : legs;
  return builder.add('migrate', 'switch', {
    after,
    preconditions: [
      { kind: 'machine-on', machine: move.machine, host: from },
      { kind: 'host-up', host: move.to },
      ...carried.flatMap((leg) => [...reserved(leg), ...uniqueAddress(leg)]),
    ],
    actions: [
      {
        port: 'hypervisor',
        kind: 'migrate',
        machine: move.machine,
        from,
        to: move.to,
        strategy,
        devices: carried.map((leg) => attached(leg, leg.assignment.to)),
        numaNode: move.numaNode,
        bandwidthMibps: machine.policy.bandwidthMibps,
        maxDowntimeMs: machine.desired.maxDowntimeMs,
        autoConverge: machine.policy.autoConverge,
        connections: machine.policy.connections,
      },
      ...carried.flatMap((leg) => ledger(leg, move, 'bind')),
    ],
    undo: [{ port: 'hypervisor', kind: 'abort', machine: move.machine, host: from }],
  });
}

function stop({ builder, hop, move, legs }: SwitchOver, from: string, after: readonly string[]): string {
  const { machine } = hop.wish;
  const devices = legs.flatMap((leg) => (leg.assignment.from === null ? [] : [attached(leg, leg.assignment.from)]));
  const definition = definitionOf(machine, devices, hop.source?.cell ?? null);
  return builder.add('stop', 'switch', {
    after,
    preconditions: [{ kind: 'machine-on', machine: move.machine, host: from }],
    actions: [{ port: 'hypervisor', kind: 'stop', machine: move.machine, host: from }],
    undo: [{ port: 'hypervisor', kind: 'start', machine: move.machine, host: from, definition }],
  });
}

function start({ builder, hop, legs, move }: SwitchOver, after: readonly string[]): string {
  const { machine, to } = move;
  const devices = legs.map((leg) => attached(leg, leg.assignment.to));
  const definition = definitionOf(hop.wish.machine, devices, move.numaNode);
  // A machine that was stopped here keeps its definition: it may be the only one.
  const isKnown = hop.wish.machine.copies.some((copy) => copy.host === to);
  return builder.add('start', 'switch', {
    after,
    preconditions: [
      { kind: 'machine-inactive', machine },
      { kind: 'host-up', host: to },
      ...legs.flatMap((leg) => [...reserved(leg), ...uniqueAddress(leg)]),
    ],
    actions: [
      { port: 'hypervisor', kind: 'start', host: to, machine, definition },
      ...legs.flatMap((leg) => ledger(leg, move, 'bind')),
    ],
    undo: [
      { port: 'hypervisor', kind: 'stop', machine, host: to },
      ...(isKnown ? [] : [{ port: 'hypervisor', kind: 'undefine', machine, host: to } as const]),
    ],
  });
}

function definitionOf(
  { name, desired }: MachineView,
  devices: MachineDefinition['devices'],
  numaNode: number | null,
): MachineDefinition {
  const { vcpus, memoryMiB, hugepageSizeKiB, isolatedCpus, diskGiB, sharedDisks } = desired;
  return { name, vcpus, memoryMiB, hugepageSizeKiB, numaNode, isolatedCpus, diskGiB, sharedDisks, devices };
}

function uniqueAddress({ assignment, machine }: Leg): readonly Precondition[] {
  return assignment.mac === null ? [] : [{ kind: 'mac-unique', mac: assignment.mac, machine }];
}

/** The machine has let go of what it owned on the source. */
export function letGo(leg: Leg, host: string): readonly Precondition[] {
  const device = leg.assignment.from;
  if (device === null) return [];
  const { machine } = deviceOf(leg, host, device);
  return [{ kind: 'device-detached', host, device, machine }];
}
