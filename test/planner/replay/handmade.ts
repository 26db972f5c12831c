import { hashPlan, isActive } from '../../../src/model/index.js';
import type {
  Bdf,
  Desired,
  Machine,
  Move,
  Plan,
  PlannedAssignment,
  Step,
  Strategy,
  World,
} from '../../../src/model/index.js';
import { NOW } from '../fixture.js';
import { stepsOf } from './handmade-steps.js';

/** One move a line. */
export interface MoveLine {
  readonly machine: string;
  readonly to: string;
  readonly strategy?: Strategy;
  /** Claim → device; without it the first VFs of the target that no other line of the plan or of the world uses. */
  readonly devices?: Readonly<Record<string, Bdf>>;
  /** Ids of the moves that must have ended before. */
  readonly after?: readonly string[];
  readonly bypass?: boolean;
  readonly numaNode?: number;
}

/** A plan written by hand: what a careful person would do, one step after the other inside each move. */
export function handmade(desired: Desired, world: World, lines: readonly MoveLine[]): Plan {
  const used = new Set<string>(world.reservations.map((entry) => `${entry.host}/${entry.device}`));
  const where = new Map<string, Pick<Machine, 'host' | 'assignments'>>(
    world.machines.filter(isActive).map((machine) => [machine.name, machine]),
  );
  const counts = new Map<string, number>();
  const moves: Move[] = [];
  const steps: Step[] = [];
  for (const line of lines) {
    const number = (counts.get(line.machine) ?? 0) + 1;
    counts.set(line.machine, number);
    const before = where.get(line.machine) ?? null;
    const move = moveOf(desired, world, line, number, before, used);
    moves.push(move);
    const ends = (line.after ?? []).flatMap((id) =>
      steps
        .filter((step) => step.move === id)
        .slice(-1)
        .map((step) => step.id),
    );
    steps.push(...stepsOf(desired, world, move, ends));
    where.set(line.machine, {
      host: line.to,
      assignments: move.assignments.map(({ claim, to, mac, guestAddress }) => ({
        claim,
        device: to,
        mac,
        guestAddress,
      })),
    });
  }
  const plan: Omit<Plan, 'planHash' | 'createdAt' | 'expiresAt'> = {
    formatVersion: '1.0',
    cluster: world.cluster,
    baseRevision: desired.revision,
    observedFingerprint: 'f'.repeat(64),
    causes: [{ kind: 'drain', host: moves[0]?.from ?? 'none' }],
    moves,
    steps,
    waves: steps.map((step) => [step.id]),
    limits: desired.cluster.limits,
    refusals: [],
    drift: [],
    checks: [],
    projections: { before: [], after: [] },
    summary: {
      moves: moves.filter((move) => move.from !== null).length,
      deployments: moves.filter((move) => move.from === null).length,
      refusals: 0,
      seconds: 12 * moves.length,
      bytes: 4 * 1024 ** 3 * moves.length,
      downtimeMs: 150 * moves.length,
    },
  };
  return { ...plan, planHash: hashPlan(plan), createdAt: NOW, expiresAt: NOW + 900_000 };
}

function moveOf(
  desired: Desired,
  world: World,
  line: MoveLine,
  number: number,
  before: Pick<Machine, 'host' | 'assignments'> | null,
  used: Set<string>,
): Move {
  const machine = desired.machines.find((candidate) => candidate.name === line.machine);
  const host = world.hosts.find((candidate) => candidate.name === line.to);
  const assignments = (machine?.claims ?? []).map((claim, index): PlannedAssignment => {
    const kind = claim.class === 'vf' ? 'vf' : 'whole';
    const free = host?.devices.find((device) => device.function.kind === kind && !used.has(`${line.to}/${device.bdf}`));
    const old = before?.assignments.find((assignment) => assignment.claim === claim.name);
    const to = line.devices?.[claim.name] ?? free?.bdf;
    if (to === undefined) throw new Error(`${line.to} has no ${kind} left for ${line.machine}`);
    used.add(`${line.to}/${to}`);
    return {
      claim: claim.name,
      from: old?.device ?? null,
      to,
      mac: old === undefined ? `52:54:00:00:ff:0${index}` : old.mac,
      guestAddress: old?.guestAddress ?? `0000:00:0${index + 3}.0`,
      group: [to],
    };
  });
  return {
    id: `${line.machine}.${number}`,
    machine: line.machine,
    from: before?.host ?? null,
    to: line.to,
    strategy: line.strategy ?? 'vfio-live',
    strategyReason: 'the device carries its state',
    cause: 0,
    assignments,
    numaNode: line.numaNode ?? null,
    advice: 'Proceed',
    gain: 0,
    bypass: line.bypass ?? false,
    estimate: { seconds: 12, bytes: 4 * 1024 ** 3, downtimeMs: 150 },
  };
}
