import type { Plan } from '../../../../src/model/index.js';
import type { Mutation } from './mutation.js';
import { pick } from './mutation.js';

/** What a plan says of itself as a whole. */
export const ENVELOPE: readonly Mutation[] = [
  {
    ...whole('the hash is not that of the plan', (plan) => ({
      planHash: plan.planHash.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
    })),
    keepsHash: true,
  },
  {
    ...whole('a step was changed after the plan was hashed', ({ steps }) => ({
      steps: steps.map((step, index) => (index === 0 ? { ...step, deadlineSeconds: step.deadlineSeconds - 1 } : step)),
    })),
    keepsHash: true,
  },
  whole('it is for another cluster', () => ({ cluster: 'other' })),
  whole('it is good for longer than its policies say', ({ expiresAt }) => ({ expiresAt: expiresAt + 1 })),
  whole('it has expired when it is made', ({ createdAt }) => ({ expiresAt: createdAt })),
  whole('nobody knows what it was made from', () => ({ observedFingerprint: '' })),
  ...(['perHost', 'perGroup', 'perCluster'] as const).flatMap((key) => [
    whole(`more moves at once than the limit ${key} allows`, ({ limits }) => ({
      limits: { ...limits, [key]: limits[key] + 1 },
    })),
    whole(`the limit ${key} lets nothing move`, ({ limits }) => ({ limits: { ...limits, [key]: 0 } })),
  ]),
  {
    reason: 'two steps have one id',
    refused: 'always',
    spoil: ({ plan }, dice) => {
      const step = pick(dice, plan.steps);
      return step === null ? null : { ...plan, steps: [...plan.steps, step] };
    },
  },
  {
    reason: 'two moves have one id',
    refused: 'always',
    spoil: ({ plan }, dice) => {
      const move = pick(dice, plan.moves);
      return move === null ? null : { ...plan, moves: [...plan.moves, move] };
    },
  },
  {
    reason: 'the moves of a machine are counted otherwise',
    refused: 'always',
    spoil: ({ plan }, dice) => {
      const move = pick(dice, plan.moves);
      if (move === null) return null;
      const id = `${move.machine}.9`;
      const renamed = (text: string): string =>
        text.startsWith(`${move.id}/`) ? `${id}${text.slice(move.id.length)}` : text;
      return {
        ...plan,
        moves: plan.moves.map((one) => (one === move ? { ...move, id } : one)),
        waves: plan.waves.map((wave) => wave.map(renamed)),
        steps: plan.steps.map((step) => ({
          ...step,
          id: renamed(step.id),
          move: step.move === move.id ? id : step.move,
          dependsOn: step.dependsOn.map(renamed),
          actions: step.actions.map((one) =>
            one.port === 'ledger' && one.move === move.id ? { ...one, move: id } : one,
          ),
          undo: step.undo.map((one) => (one.port === 'ledger' && one.move === move.id ? { ...one, move: id } : one)),
        })),
      };
    },
  },
  {
    reason: 'a step belongs to no move',
    refused: 'always',
    spoil: ({ plan }, dice) => {
      const step = pick(dice, plan.steps);
      return step === null
        ? null
        : { ...plan, steps: plan.steps.map((one) => (one === step ? { ...step, move: 'other.1' } : one)) };
    },
  },
  whole('a wave names a step that does not exist', ({ waves }) => ({ waves: [...waves, ['other.1/reserve']] })),
];

function whole(reason: string, change: (plan: Plan) => Partial<Plan>): Mutation {
  return {
    reason,
    refused: 'always',
    spoil: ({ plan }) => ({ ...plan, ...change(plan) }),
  };
}
