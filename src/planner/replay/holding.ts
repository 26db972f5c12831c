import { deviceKey, isClaimed } from '../../model/index.js';
import type { PlannedAssignment, Problem } from '../../model/index.js';
import { claimOf } from './sequence.js';
import { groupBy, stepOf, violation } from './story.js';
import type { Act, Story } from './story.js';

/** A device in the hands of one claim, from the step that reserves it to the step that releases it. */
interface Hold {
  readonly key: string;
  /** `machine/claim`. */
  readonly owner: string;
  readonly act: Act | null;
  /** Null: held from the start. */
  readonly from: number | null;
  /** Null: held to the end. */
  readonly until: number | null;
}

/** No device is ever in two hands: of two claims on it, one is released before the other reserves. */
export function checkHolding(story: Story): readonly Problem[] {
  const problems: Problem[] = [];
  for (const [key, holds] of groupBy(holdsOf(story), (hold) => hold.key)) {
    for (const hold of holds) {
      const rival = holds.find((other) => other !== hold && !apart(story, hold, other));
      if (rival === undefined || hold.act === null) continue;
      const message = `${key} is reserved for ${hold.owner} while ${rival.owner} may still hold it`;
      problems.push(violation('DeviceInUse', hold.act.move, message));
    }
    for (const hold of holds) {
      const leaving = hold.until === null ? story.acts.find((act) => leaves(act, hold)) : undefined;
      if (leaving !== undefined) problems.push(violation('MissingRelease', leaving.move, `${key} is never released`));
    }
  }
  return problems;
}

/** The act takes the claim that holds a device to another host. */
function leaves({ move }: Act, hold: Hold): boolean {
  return (
    move.assignments.some(({ claim }) => hold.owner === `${move.machine}/${claim}`) &&
    hold.key.startsWith(`${move.from ?? ''}/`) &&
    move !== hold.act?.move
  );
}

function apart(story: Story, a: Hold, b: Hold): boolean {
  return follows(story, a, b) || follows(story, b, a) || (a.owner === b.owner && (a.act === null || b.act === null));
}

function follows(story: Story, earlier: Hold, later: Hold): boolean {
  return earlier.until !== null && later.from !== null && story.order.before(earlier.until, later.from);
}

function holdsOf(story: Story): readonly Hold[] {
  const releases = releaseSteps(story);
  const initial = initialHolds(story).map(([key, owner]) => ({
    key,
    owner,
    act: null,
    from: null,
    until: releases.get(`${owner}@${key}`) ?? null,
  }));
  const planned = story.acts.flatMap((act) =>
    act.move.assignments.flatMap((assignment) => {
      const owner = `${act.move.machine}/${assignment.claim}`;
      const from = stepFor(story, act, 'reserve', assignment) ?? null;
      return assignment.group.map((device): Hold => {
        const key = deviceKey({ host: act.move.to, device });
        return { key, owner, act, from, until: releases.get(`${owner}@${key}`) ?? null };
      });
    }),
  );
  return [...initial, ...planned];
}

/** Who has what at the start: assignments, the ledger's entries, and dummies that stand for nobody in the ledger. */
function initialHolds(story: Story): readonly (readonly [key: string, owner: string])[] {
  const holds = new Map<string, readonly [string, string]>();
  const add = (key: string, owner: string): void => void holds.set(`${owner}@${key}`, [key, owner]);
  const ledger = new Set<string>();
  for (const entry of story.world.reservations.filter(isClaimed)) {
    const key = deviceKey(entry);
    ledger.add(key);
    add(key, `${entry.machine}/${entry.claim}`);
  }
  for (const machine of story.world.machines) {
    for (const { claim, device } of machine.assignments) {
      add(deviceKey({ host: machine.host, device }), `${machine.name}/${claim}`);
    }
  }
  for (const dummy of story.world.dummies) {
    for (const device of dummy.devices) {
      const key = deviceKey({ host: dummy.host, device });
      if (!ledger.has(key)) add(key, `dummy ${dummy.name}`);
    }
  }
  return [...holds.values()];
}

/** The step that releases what a claim holds, by `machine/claim@host/bdf` of the claim's device. */
function releaseSteps(story: Story): ReadonlyMap<string, number> {
  const steps = new Map<string, number>();
  for (const act of story.acts) {
    for (const assignment of act.move.assignments) {
      const step = stepFor(story, act, 'release', assignment);
      if (step === undefined || act.move.from === null) continue;
      for (const action of stepOf(story, step).actions) {
        if (action.kind !== 'release' || action.host !== act.move.from) continue;
        steps.set(`${act.move.machine}/${assignment.claim}@${deviceKey(action)}`, step);
      }
    }
  }
  return steps;
}

function stepFor(
  story: Story,
  act: Act,
  kind: 'reserve' | 'release',
  { claim }: PlannedAssignment,
): number | undefined {
  return act.steps.find((number) => stepOf(story, number).kind === kind && claimOf(stepOf(story, number)) === claim);
}
