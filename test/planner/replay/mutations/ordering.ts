import type { Plan, Step, StepKind } from '../../../../src/model/index.js';
import type { Mutation } from './mutation.js';
import { inStep, moveOf, pick } from './mutation.js';

/** Steps in another order, or in none. */
export const ORDERING: readonly Mutation[] = [
  {
    reason: 'a step does not wait for one of those that it waited for',
    refused: 'unless-safe',
    atLeast: 60,
    spoil: (planned, dice) =>
      inStep(
        planned,
        dice,
        ({ dependsOn }) => dependsOn.length > 0,
        ({ dependsOn }) => ({ dependsOn: dependsOn.toSpliced(dice(dependsOn.length), 1) }),
      ),
  },
  {
    reason: 'a step waits for nothing',
    refused: 'unless-safe',
    atLeast: 60,
    spoil: (planned, dice) =>
      inStep(
        planned,
        dice,
        ({ dependsOn }) => dependsOn.length > 0,
        () => ({ dependsOn: [] }),
      ),
  },
  {
    reason: 'a step begins together with what it waited for',
    refused: 'unless-safe',
    atLeast: 60,
    spoil: ({ plan }, dice) =>
      inStep(
        { plan },
        dice,
        ({ dependsOn }) => dependsOn.length > 0,
        ({ dependsOn }) => ({ dependsOn: [...new Set(dependsOn.flatMap((id) => waitsOf(plan, id)))] }),
      ),
  },
  {
    reason: 'two steps of which one waited for the other trade places',
    refused: 'unless-safe',
    atLeast: 60,
    spoil: ({ plan }, dice) => {
      const pairs = plan.steps.flatMap((later) =>
        later.dependsOn.flatMap((id) => {
          const earlier = plan.steps.find((step) => step.id === id);
          return earlier === undefined || earlier.move !== later.move ? [] : [{ earlier, later }];
        }),
      );
      const pair = pick(dice, pairs);
      return pair === null ? null : traded(plan, pair.earlier.id, pair.later.id);
    },
  },
  {
    reason: 'a move does not wait for another one',
    refused: 'unless-safe',
    spoil: ({ plan }, dice) => {
      const links = plan.steps.flatMap((step) =>
        step.dependsOn.map((id) => ({ later: step.move, earlier: ownerOf(plan, id) })).filter(isAcross),
      );
      const link = pick(dice, links);
      if (link === null) return null;
      const { earlier, later } = link;
      const steps = plan.steps.map((step) =>
        step.move === later
          ? { ...step, dependsOn: step.dependsOn.filter((id) => ownerOf(plan, id) !== earlier) }
          : step,
      );
      return { ...plan, steps };
    },
  },
  {
    reason: 'a move waits for another one that should wait for it',
    refused: 'unless-safe',
    spoil: ({ plan }, dice) => {
      const links = plan.steps.flatMap((step) =>
        step.dependsOn.map((id) => ({ later: step.move, earlier: ownerOf(plan, id) })).filter(isAcross),
      );
      const link = pick(dice, links);
      if (link === null) return null;
      const ends = lastSteps(plan, link.later);
      const steps = plan.steps.map((step) => {
        const { id, move, dependsOn } = step;
        if (move === link.later)
          return { ...step, dependsOn: dependsOn.filter((one) => ownerOf(plan, one) !== link.earlier) };
        const isFirst = move === link.earlier && !dependsOn.some((one) => ownerOf(plan, one) === move);
        return isFirst && id !== '' ? { ...step, dependsOn: [...dependsOn, ...ends] } : step;
      });
      return { ...plan, steps };
    },
  },
  early('a device is released before its machine has left', 'release', (plan, step) => firstSteps(plan, step.move)),
  early('a device is released before forwarding from it has ended', 'release', (plan, step) =>
    instead(plan, { ...step, dependsOn: instead(plan, step, 'remove-port-profile') }, 'unforward'),
  ),
  early('a port profile is removed before the move', 'remove-port-profile', () => []),
  early('a port profile is removed while traffic is forwarded from it', 'remove-port-profile', (plan, step) =>
    instead(plan, step, 'unforward'),
  ),
  early('a definition is forgotten before the machine runs elsewhere', 'undefine', () => [], 4),
  early('a machine stops before its replacements are ready', 'stop', () => [], 4),
  early('a device is detached before its replacement is ready', 'detach', () => [], 4),
  early('a migration does not wait for the dummies to go', 'migrate', (plan, step) =>
    instead(plan, step, 'decommission'),
  ),
  early('forwarding ends before it has begun', 'unforward', () => []),
  early('forwarding ends before the new place is announced', 'unforward', (plan, step) =>
    instead(plan, step, 'announce'),
  ),
  early('a new place is announced before the machine is there', 'announce', () => []),
  {
    reason: 'the actions of a step trade places',
    refused: 'unless-safe',
    spoil: (planned, dice) => tradeActions(planned.plan, dice, 'actions'),
  },
  {
    reason: 'the ways back of a step trade places',
    refused: 'unless-safe',
    spoil: (planned, dice) => tradeActions(planned.plan, dice, 'undo'),
  },
  {
    reason: 'two steps wait for each other',
    refused: 'always',
    spoil: ({ plan }, dice) => {
      const later = pick(
        dice,
        plan.steps.filter(({ dependsOn }) => dependsOn.length > 0),
      );
      const earlier = later === null ? null : pick(dice, later.dependsOn);
      if (later === null || earlier === null) return null;
      return inStep(
        { plan },
        dice,
        ({ id }) => id === earlier,
        ({ dependsOn }) => ({ dependsOn: [...dependsOn, later.id] }),
      );
    },
  },
  {
    reason: 'a step waits for itself',
    refused: 'always',
    spoil: (planned, dice) =>
      inStep(
        planned,
        dice,
        () => true,
        ({ id, dependsOn }) => ({ dependsOn: [...dependsOn, id] }),
      ),
  },
  {
    reason: 'a step waits for one that does not exist',
    refused: 'always',
    spoil: (planned, dice) =>
      inStep(
        planned,
        dice,
        () => true,
        ({ dependsOn }) => ({ dependsOn: [...dependsOn, 'nobody.1/reserve'] }),
      ),
  },
];

function early(
  reason: string,
  kind: StepKind,
  dependsOn: (plan: Plan, step: Step) => readonly string[],
  atLeast?: number,
): Mutation {
  return {
    reason,
    refused: 'unless-safe',
    ...(atLeast === undefined ? {} : { atLeast }),
    spoil: ({ plan }, dice) =>
      inStep(
        { plan },
        dice,
        (step) => step.kind === kind,
        (step) => {
          const now = dependsOn(plan, step);
          return now.join() === step.dependsOn.join() ? null : { dependsOn: now };
        },
      ),
  };
}

/** What the step waits for, but for steps of a kind what those wait for. */
function instead(plan: Plan, { move, dependsOn }: Step, kind: StepKind): readonly string[] {
  const isOfKind = (id: string): boolean =>
    plan.steps.some((step) => step.id === id && step.kind === kind && step.move === move);
  return dependsOn.flatMap((id) => (isOfKind(id) ? waitsOf(plan, id) : [id]));
}

function waitsOf(plan: Plan, id: string): readonly string[] {
  return plan.steps.find((step) => step.id === id)?.dependsOn ?? [];
}

function ownerOf(plan: Plan, id: string): string {
  return plan.steps.find((step) => step.id === id)?.move ?? '';
}

function isAcross(link: { readonly earlier: string; readonly later: string }): boolean {
  return link.earlier !== link.later;
}

function firstSteps(plan: Plan, move: string): readonly string[] {
  return plan.steps
    .filter((step) => step.move === move && !step.dependsOn.some((id) => ownerOf(plan, id) === move))
    .map(({ id }) => id);
}

function lastSteps(plan: Plan, move: string): readonly string[] {
  const awaited = new Set(plan.steps.flatMap((step) => (step.move === move ? step.dependsOn : [])));
  return plan.steps.filter((step) => step.move === move && !awaited.has(step.id)).map(({ id }) => id);
}

function traded(plan: Plan, earlier: string, later: string): Plan {
  const trade = (id: string): string => (id === earlier ? later : id === later ? earlier : id);
  const awaited = new Map(plan.steps.map((step) => [trade(step.id), step.dependsOn.map(trade)]));
  return { ...plan, steps: plan.steps.map((step) => ({ ...step, dependsOn: awaited.get(step.id) ?? [] })) };
}

function tradeActions(plan: Plan, dice: (n: number) => number, list: 'actions' | 'undo'): Plan | null {
  return inStep(
    { plan },
    dice,
    (step) => step[list].length > 1 && moveOf(plan, step).id !== '',
    (step) => {
      const at = dice(step[list].length - 1);
      const [first, second] = step[list].slice(at, at + 2);
      return first === undefined || second === undefined
        ? null
        : { [list]: step[list].toSpliced(at, 2, second, first) };
    },
  );
}
