import type { StepKind } from '../../../../src/model/index.js';
import type { Mutation } from './mutation.js';
import { inStep, moveOf, pick, withoutStep } from './mutation.js';

const KINDS: readonly (readonly [StepKind, reason: string, atLeast?: number])[] = [
  ['reserve', 'a replacement is never reserved'],
  ['commission', 'no dummy holds a replacement'],
  ['port-profile', 'a port gets no profile'],
  ['reconfigure', 'a machine is not told of its replacement'],
  ['detach', 'a device is never detached', 4],
  ['stop', 'a machine is never stopped', 4],
  ['hand-over', 'the ledger never hands over'],
  ['decommission', 'a dummy is never decommissioned'],
  ['migrate', 'a machine never migrates'],
  ['start', 'a machine never starts'],
  ['attach', 'a replacement is never attached', 4],
  ['announce', 'a new place is never announced'],
  ['forward', 'traffic is never forwarded'],
  ['unforward', 'forwarding never ends'],
  ['remove-port-profile', 'the old port keeps its profile'],
  ['undefine', 'the old definition stays', 4],
  ['release', 'the old device is never released'],
];

/** Something that a plan must have is not there. */
export const LEAVING_OUT: readonly Mutation[] = [
  ...KINDS.map(([kind, reason, atLeast]): Mutation => ({
    reason,
    refused: 'always',
    ...(atLeast === undefined ? {} : { atLeast }),
    spoil: ({ plan }, dice) => {
      const step = pick(
        dice,
        plan.steps.filter((one) => one.kind === kind),
      );
      return step === null ? null : withoutStep(plan, step);
    },
  })),
  {
    reason: 'a step leaves out one of its actions',
    refused: 'always',
    atLeast: 60,
    spoil: (planned, dice) =>
      inStep(
        planned,
        dice,
        ({ actions }) => actions.length > 0,
        ({ actions }) => ({ actions: actions.toSpliced(dice(actions.length), 1) }),
      ),
  },
  {
    reason: 'a way back is missing',
    refused: 'unless-safe',
    atLeast: 60,
    spoil: (planned, dice) =>
      inStep(
        planned,
        dice,
        ({ undo }) => undo.length > 0,
        ({ undo }) => ({ undo: undo.toSpliced(dice(undo.length), 1) }),
      ),
  },
  {
    reason: 'a step cannot be undone',
    refused: 'unless-safe',
    atLeast: 60,
    spoil: (planned, dice) =>
      inStep(
        planned,
        dice,
        ({ undo }) => undo.length > 0,
        () => ({ undo: [] }),
      ),
  },
  {
    reason: 'a precondition is dropped',
    refused: 'always',
    atLeast: 60,
    spoil: (planned, dice) =>
      inStep(
        planned,
        dice,
        ({ preconditions }) => preconditions.length > 0,
        ({ preconditions }) => ({ preconditions: preconditions.toSpliced(dice(preconditions.length), 1) }),
      ),
  },
  {
    reason: 'a claim is forgotten',
    refused: 'always',
    spoil: ({ plan }, dice) => {
      const move = pick(
        dice,
        plan.moves.filter(({ assignments }) => assignments.length > 0),
      );
      if (move === null) return null;
      const claim = move.assignments[dice(move.assignments.length)]?.claim;
      const assignments = move.assignments.filter((assignment) => assignment.claim !== claim);
      return { ...plan, moves: plan.moves.map((one) => (one === move ? { ...move, assignments } : one)) };
    },
  },
  {
    reason: 'a move is left out, and what waited for it does not wait',
    refused: 'unless-safe',
    spoil: ({ plan }, dice) => {
      const move = pick(dice, plan.moves);
      if (move === null || plan.moves.length < 2) return null;
      const gone = plan.steps.filter((step) => step.move === move.id);
      const left = gone.reduce((rest, { id }) => {
        const step = rest.steps.find((one) => one.id === id);
        return step === undefined ? rest : withoutStep(rest, step);
      }, plan);
      return { ...left, moves: plan.moves.filter((one) => one !== move) };
    },
  },
  {
    reason: 'the steps of a move are not there',
    refused: 'always',
    spoil: ({ plan }, dice) => {
      const move = pick(dice, plan.moves);
      if (move === null) return null;
      const gone = plan.steps.filter((step) => moveOf(plan, step) === move);
      return gone.reduce((rest, { id }) => {
        const step = rest.steps.find((one) => one.id === id);
        return step === undefined ? rest : withoutStep(rest, step);
      }, plan);
    },
  },
];
