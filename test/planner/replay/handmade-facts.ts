import type { Move, PlannedAssignment, Precondition, StepKind } from '../../../src/model/index.js';

/** What a careful person makes sure of before each step: about one claim, or about all of them when the step is for none. */
export function factsBefore(move: Move, kind: StepKind, about: readonly PlannedAssignment[]): readonly Precondition[] {
  const { machine, from, to, strategy } = move;
  const on = (host: string | null): Precondition[] => (host === null ? [] : [{ kind: 'machine-on', machine, host }]);
  const up: Precondition = { kind: 'host-up', host: to };
  const each = (write: (assignment: PlannedAssignment) => Precondition | null): Precondition[] =>
    about.flatMap((assignment) => write(assignment) ?? []);
  const reserved = each(({ claim, to: device }) => ({ kind: 'reserved', host: to, device, machine, claim }));
  const unique = each(({ mac }) => (mac === null ? null : { kind: 'mac-unique', mac, machine }));
  const atSource = (fact: 'device-attached' | 'device-detached'): Precondition[] =>
    each(({ from: device }) => (from === null || device === null ? null : { kind: fact, host: from, device, machine }));
  const facts: Readonly<Record<StepKind, readonly Precondition[]>> = {
    reserve: [up, ...each(({ claim, to: device }) => ({ kind: 'device-free', host: to, device, machine, claim }))],
    commission: reserved,
    'port-profile': reserved,
    reconfigure: [...reserved, ...on(from)],
    detach: [...on(from), ...atSource('device-attached')],
    stop: on(from),
    'hand-over': reserved,
    decommission: reserved,
    migrate: [...on(from), up, ...(strategy === 'hotplug' ? [] : [...reserved, ...unique])],
    start: [{ kind: 'machine-inactive', machine }, up, ...reserved, ...unique],
    attach: [...on(to), ...reserved, ...unique],
    announce: on(to),
    forward: on(to),
    unforward: [],
    'remove-port-profile': on(to),
    undefine: on(to),
    release: [...on(to), ...atSource('device-detached')],
  };
  return facts[kind];
}
