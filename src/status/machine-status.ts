import { isActive, isClaimed } from '../model/index.js';
import type { Condition, DesiredMachine, Machine, Move, Refusal, World } from '../model/index.js';
import { finding } from './conditions.js';
import type { Finding } from './conditions.js';
import type { MoveResult, StatusFacts } from './facts.js';

/** Nobody asks for the health of a machine that is stopped and that its document wants left alone. */
const AT_REST = finding('Healthy', 'Unknown', 'Suspended', 'it is seen running nowhere, and is not to be started');

/** The conditions of one machine; what its last move has shown is kept until the next one. */
export function machineFindings(
  facts: StatusFacts,
  world: World,
  machine: DesiredMachine,
  previous: readonly Condition[],
): readonly Finding[] {
  const copies = world.machines.filter((copy) => copy.name === machine.name);
  const move = facts.plan?.moves.findLast((candidate) => candidate.machine === machine.name);
  const result = facts.moves.find((entry) => entry.move === move?.id);
  const refusal = facts.plan?.refusals.find((entry) => entry.machine === machine.name);
  const degraded = degradation(machine, copies, result);
  const communicating = communication(world, copies);
  const silence = facts.silences.get(machine.name);
  const isAtRest = machine.suspended && silence === undefined && !copies.some(isActive);
  const healthy = isAtRest ? AT_REST : health(copies, silence, degraded, communicating);
  return [
    readiness(facts, machine, healthy, move, result, refusal),
    ...reservation(world, machine, isAtRest),
    ...progress(previous, result),
    ...(communicating === null ? [] : [communicating]),
    ...forwarding(world, machine, copies, previous),
    degraded,
    healthy,
  ];
}

function readiness(
  facts: StatusFacts,
  machine: DesiredMachine,
  healthy: Finding,
  move: Move | undefined,
  result: MoveResult | undefined,
  refusal: Refusal | undefined,
): Finding {
  if (facts.frozen !== null && (facts.frozen.machine ?? machine.name) === machine.name) {
    return finding('Ready', 'False', 'Frozen', facts.frozen.message);
  }
  if (machine.suspended) return finding('Ready', 'False', 'Suspended', 'its document says so');
  if (move !== undefined && result?.result !== 'succeeded') {
    const isOver = result !== undefined && result.result !== 'running' && result.result !== 'waiting';
    if (isOver) return finding('Ready', 'False', 'Failed', result.message);
    const way = `${move.from ?? 'new'} → ${move.to}`;
    if (facts.hold !== null) return finding('Ready', 'False', facts.hold.reason, way);
    return finding('Ready', 'Unknown', 'Progressing', way);
  }
  if (refusal !== undefined && refusal.advice !== 'Wait') {
    return finding('Ready', 'False', 'PlanInfeasible', `${refusal.reason}: ${refusal.message}`);
  }
  return { ...healthy, type: 'Ready' };
}

function reservation(world: World, machine: DesiredMachine, isAtRest: boolean): readonly Finding[] {
  if (machine.claims.length === 0) return [];
  const held = world.reservations.filter(
    (entry) => entry.machine === machine.name && isClaimed(entry) && entry.phase !== 'Lost',
  );
  const open = machine.claims.filter(({ name }) => !held.some((entry) => entry.claim === name)).map(({ name }) => name);
  if (open.length === 0) return [finding('Reserved', 'True', 'Succeeded')];
  return [
    finding(
      'Reserved',
      'False',
      isAtRest ? 'Suspended' : 'Progressing',
      `no device is reserved for ${open.join(', ')}`,
    ),
  ];
}

/** What the move has reached; without a move in this pass, what the last one had. */
function progress(previous: readonly Condition[], result: MoveResult | undefined): readonly Finding[] {
  const kinds = [
    ['Reconfigured', 'reconfigure'],
    ['Migrated', 'migrate'],
  ] as const;
  return kinds.flatMap(([type, kind]): readonly Finding[] => {
    if (result === undefined) {
      const old = previous.find((condition) => condition.type === type);
      return old === undefined ? [] : [finding(type, old.status, old.reason, old.message)];
    }
    const isDone = result.done.includes(kind) || (kind === 'migrate' && result.done.includes('start'));
    if (isDone) return [finding(type, 'True', 'Succeeded')];
    if (result.result === 'running' || result.result === 'waiting') return [finding(type, 'False', 'Progressing')];
    return result.result === 'succeeded' ? [] : [finding(type, 'False', 'Failed', result.message)];
  });
}

/** A machine communicates when the switch has learned each of its addresses on the port behind its VF. */
function communication(world: World, copies: readonly Machine[]): Finding | null {
  const copy = copies.find(isActive);
  const macs = copy?.assignments.flatMap(({ mac }) => (mac === null ? [] : [mac])) ?? [];
  if (copy === undefined || macs.length === 0) return null;
  const learned = new Set(world.switchPorts.filter((port) => port.host === copy.host).flatMap((port) => port.learned));
  const silent = macs.filter((mac) => !learned.has(mac));
  if (silent.length === 0) return finding('Communicating', 'True', 'Succeeded');
  return finding(
    'Communicating',
    'Unknown',
    'NotLearned',
    `the switch of ${copy.host} has not learned ${silent.join(', ')}`,
  );
}

function forwarding(
  world: World,
  machine: DesiredMachine,
  copies: readonly Machine[],
  previous: readonly Condition[],
): readonly Finding[] {
  const macs = new Set(copies.flatMap((copy) => copy.assignments.map(({ mac }) => mac)));
  const active = world.forwards.find((forward) => macs.has(forward.mac));
  if (active !== undefined) {
    return [finding('Forwarding', 'True', 'Progressing', `from ${active.from} to ${active.to}`)];
  }
  const had = previous.some((condition) => condition.type === 'Forwarding');
  return had ? [finding('Forwarding', 'False', 'Succeeded', `nothing for ${machine.name} is forwarded`)] : [];
}

function degradation(machine: DesiredMachine, copies: readonly Machine[], result: MoveResult | undefined): Finding {
  if (result?.result === 'degraded') return finding('Degraded', 'True', 'Failed', result.message);
  const copy = copies.find(isActive);
  const lost = machine.claims.filter(({ name }) => copy?.assignments.every(({ claim }) => claim !== name) ?? false);
  if (lost.length === 0) return finding('Degraded', 'False', 'Succeeded');
  return finding('Degraded', 'True', 'DeviceMissing', `it runs without ${lost.map(({ name }) => name).join(', ')}`);
}

function health(
  copies: readonly Machine[],
  silence: string | undefined,
  degraded: Finding,
  communicating: Finding | null,
): Finding {
  const active = copies.filter(isActive);
  const hosts = active.map((copy) => copy.host).join(', ');
  if (active.length > 1) return finding('Healthy', 'False', 'RunsTwice', `it runs on ${hosts}`);
  if (silence !== undefined) return finding('Healthy', 'Unknown', 'HostUnreachable', silence);
  if (active.length === 0) return finding('Healthy', 'False', 'NotRunning', 'it runs nowhere');
  if (degraded.status === 'True') return finding('Healthy', 'False', 'Degraded', degraded.message);
  if (communicating?.status === 'False') return finding('Healthy', 'False', 'NotCommunicating', communicating.message);
  return finding('Healthy', 'True', 'Succeeded', `it runs on ${hosts}`);
}
