import { IDLE_VF } from '../../../src/model/index.js';
import type {
  Action,
  Desired,
  Move,
  PlannedAssignment,
  Step,
  StepKind,
  StepPhase,
  World,
} from '../../../src/model/index.js';
import { factsBefore } from './handmade-facts.js';
import { attached, deedsOf } from './handmade-deeds.js';
import type { Deeds } from './handmade-deeds.js';

/** The steps of one move, each waiting for the one before it; the first waits for `after`. */
export function stepsOf(desired: Desired, world: World, move: Move, after: readonly string[]): Step[] {
  const machine = desired.machines.find((candidate) => candidate.name === move.machine);
  if (machine === undefined) throw new Error(`${move.machine} is not written`);
  const from = move.from;
  const steps: Step[] = [];
  const add = (
    phase: StepPhase,
    kind: StepKind,
    claim: string,
    actions: readonly Action[],
    undo: readonly Action[] = [],
  ): void => {
    steps.push({
      id: claim === '' ? `${move.id}/${kind}` : `${move.id}/${kind}/${claim}`,
      move: move.id,
      kind,
      phase,
      subject: `VirtualMachine/${move.machine}`,
      dependsOn: steps.length === 0 ? after : steps.slice(-1).map((step) => step.id),
      delaySeconds: kind === 'unforward' ? 60 : 0,
      preconditions: factsBefore(
        move,
        kind,
        move.assignments.filter((assignment) => claim === '' || assignment.claim === claim),
      ),
      actions,
      undo,
      estimate: { seconds: 1, bytes: 0, downtimeMs: 0 },
      deadlineSeconds: 60,
    });
  };
  const each = (write: (assignment: PlannedAssignment, deeds: Deeds) => void): void =>
    move.assignments.forEach((assignment) => write(assignment, deedsOf(move, assignment)));
  const devices = move.assignments.map(attached);
  const isVf = (assignment: PlannedAssignment): boolean =>
    world.hosts.some(
      (host) =>
        host.name === move.to &&
        host.devices.some((device) => device.bdf === assignment.to && device.function.kind === 'vf'),
    );

  each(({ claim }, deeds) => add('prepare', 'reserve', claim, [deeds.ledger('reserve')], [deeds.ledger('release')]));
  each(({ claim }, deeds) =>
    add('prepare', 'commission', claim, [deeds.commission, deeds.ledger('hold')], [deeds.decommission]),
  );
  each(({ claim, mac }, deeds) => {
    if (mac !== null)
      add(
        'prepare',
        'port-profile',
        claim,
        [deeds.profile('apply-port-profile', move.to)],
        [deeds.profile('remove-port-profile', move.to)],
      );
  });
  const replacements: { readonly claim: string; readonly host: string; readonly device: string }[] = [];
  each((assignment, deeds) => {
    const actions: Action[] = isVf(assignment) ? [deeds.vf('set-vf', move.to, assignment.to, IDLE_VF)] : [];
    const undo: Action[] = isVf(assignment) ? [deeds.vf('reset-vf', move.to, assignment.to, IDLE_VF)] : [];
    if (from !== null) {
      const stage = { port: 'hypervisor', kind: 'reconfigure', machine: move.machine, host: from } as const;
      undo.push({ ...stage, replacements: [...replacements] });
      replacements.push({ claim: assignment.claim, host: move.to, device: assignment.to });
      actions.push({ ...stage, replacements: [...replacements] });
    }
    if (actions.length > 0) add('prepare', 'reconfigure', assignment.claim, actions, undo);
  });
  const handOver = (phase: StepPhase): void => {
    each(({ claim }, deeds) =>
      add(phase, 'hand-over', claim, [deeds.ledger('hand-over')], [deeds.ledger('hand-back')]),
    );
    each(({ claim }, deeds) =>
      add(phase, 'decommission', claim, [deeds.decommission], [deeds.commission, deeds.ledger('hold')]),
    );
  };
  const binds = move.assignments.map((assignment) => deedsOf(move, assignment).ledger('bind'));
  if (from === null || move.strategy === 'cold') {
    const machineOn = (host: string) => ({ port: 'hypervisor', machine: move.machine, host }) as const;
    const { name, vcpus, memoryMiB, hugepageSizeKiB, isolatedCpus, diskGiB, sharedDisks } = machine;
    const definition = {
      name,
      vcpus,
      memoryMiB,
      hugepageSizeKiB,
      isolatedCpus,
      diskGiB,
      sharedDisks,
      numaNode: move.numaNode,
      devices,
    };
    const before = {
      numaNode: world.machines.find(({ name, host }) => name === machine.name && host === from)?.numaNode ?? null,
      devices: move.assignments.flatMap((each) =>
        each.from === null ? [] : [{ ...attached(each), device: each.from }],
      ),
    };
    if (from !== null)
      add(
        'switch',
        'stop',
        '',
        [{ ...machineOn(from), kind: 'stop' }],
        [{ ...machineOn(from), kind: 'start', definition: { ...definition, ...before } }],
      );
    handOver('switch');
    add(
      'switch',
      'start',
      '',
      [{ ...machineOn(move.to), kind: 'start', definition }, ...binds],
      [
        { ...machineOn(move.to), kind: 'stop' },
        { ...machineOn(move.to), kind: 'undefine' },
      ],
    );
  } else {
    const hotplug = move.strategy === 'hotplug';
    const migrate: Action = {
      ...{ port: 'hypervisor', kind: 'migrate', machine: move.machine, from, to: move.to, strategy: move.strategy },
      ...{
        devices: hotplug ? [] : devices,
        numaNode: move.numaNode,
        bandwidthMibps: 0,
        maxDowntimeMs: 500,
        autoConverge: false,
        connections: 1,
      },
    };
    if (hotplug)
      each(({ claim }, deeds) =>
        add('switch', 'detach', claim, [deeds.plug('detach', 'source')], [deeds.plug('attach', 'source')]),
      );
    else handOver('switch');
    const abort: Action = { port: 'hypervisor', kind: 'abort', machine: move.machine, host: from };
    add('switch', 'migrate', '', [migrate, ...(hotplug ? [] : binds)], [abort]);
    if (hotplug) handOver('complete');
    if (hotplug)
      each(({ claim }, deeds) =>
        add('complete', 'attach', claim, [deeds.plug('attach', 'target'), deeds.ledger('bind')]),
      );
  }
  each((assignment, deeds) => {
    if (assignment.mac === null) return;
    const { claim, mac } = assignment;
    add('complete', 'announce', claim, [
      {
        port: 'fabric',
        kind: 'announce',
        machine: move.machine,
        host: move.to,
        device: assignment.to,
        mac,
        vlan: null,
      },
    ]);
    if (from === null) return;
    const way = { port: 'fabric', machine: move.machine, mac, from, to: move.to } as const;
    add('complete', 'forward', claim, [{ ...way, kind: 'forward', seconds: 60 }]);
    add('complete', 'unforward', claim, [{ ...way, kind: 'unforward' }]);
    add('complete', 'remove-port-profile', claim, [deeds.profile('remove-port-profile', from)]);
  });
  if (from !== null && move.strategy === 'cold')
    add('complete', 'undefine', '', [{ port: 'hypervisor', kind: 'undefine', machine: move.machine, host: from }]);
  each((assignment, deeds) => {
    if (from === null || assignment.from === null) return;
    const reset = isVf(assignment) ? [deeds.vf('reset-vf', from, assignment.from, IDLE_VF)] : [];
    add('complete', 'release', assignment.claim, [...reset, deeds.ledger('release', from, assignment.from)]);
  });
  return steps;
}
