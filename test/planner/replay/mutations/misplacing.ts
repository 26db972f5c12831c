import type { Mutation } from './mutation.js';
import { inAction, inMove, inStep, mapFacts, pick } from './mutation.js';
import { otherHost, redirected, withDevice } from './redirect.js';

/** The wrong host, device, cell or strategy. */
export const MISPLACING: readonly Mutation[] = [
  {
    reason: 'an action goes to another host',
    refused: 'always',
    atLeast: 60,
    spoil: (planned, dice) =>
      inAction(planned, dice, 'actions', (action) =>
        'host' in action ? { ...action, host: otherHost(planned, action.host, dice) } : null,
      ),
  },
  {
    reason: 'a way back goes to another host',
    refused: 'always',
    spoil: (planned, dice) =>
      inAction(planned, dice, 'undo', (action) =>
        'host' in action ? { ...action, host: otherHost(planned, action.host, dice) } : null,
      ),
  },
  {
    reason: 'a migration goes to another host than its move',
    refused: 'always',
    spoil: (planned, dice) =>
      inAction(planned, dice, 'actions', (action) =>
        action.kind === 'migrate' ? { ...action, to: otherHost(planned, action.to, dice) } : null,
      ),
  },
  {
    reason: 'a precondition looks at another host',
    refused: 'always',
    spoil: (planned, dice) =>
      inStep(
        planned,
        dice,
        ({ preconditions }) => preconditions.some((fact) => 'host' in fact),
        ({ preconditions }) => ({
          preconditions: preconditions.map((fact) =>
            'host' in fact ? { ...fact, host: otherHost(planned, fact.host, dice) } : fact,
          ),
        }),
      ),
  },
  {
    reason: 'a whole move goes to another host',
    refused: 'unless-safe',
    atLeast: 60,
    spoil: (planned, dice) => {
      const { plan } = planned;
      const move = pick(dice, plan.moves);
      if (move === null) return null;
      const to = otherHost(planned, move.to, dice);
      return to === move.from ? null : redirected(plan, move, to);
    },
  },
  {
    reason: 'a move ends where it starts',
    refused: 'always',
    spoil: ({ plan }, dice) => {
      const move = pick(
        dice,
        plan.moves.filter(({ from }) => from !== null),
      );
      return move === null ? null : redirected(plan, move, move.from ?? '');
    },
  },
  {
    reason: 'a move starts where the machine is not',
    refused: 'always',
    spoil: (planned, dice) => {
      const move = pick(
        dice,
        planned.plan.moves.filter(({ from }) => from !== null),
      );
      if (move === null) return null;
      return inMove(planned.plan, move, { from: otherHost(planned, move.from ?? '', dice) });
    },
  },
  {
    reason: 'a move takes the device of another one',
    refused: 'unless-safe',
    spoil: ({ plan }, dice) => {
      const uses = plan.moves.flatMap((move) => move.assignments.map((assignment) => ({ move, assignment })));
      const pairs = uses.flatMap((one) =>
        uses
          .filter(({ move, assignment }) => move.to === one.move.to && assignment.to !== one.assignment.to)
          .map(({ assignment }) => ({ ...one, device: assignment })),
      );
      const pair = pick(dice, pairs);
      if (pair === null) return null;
      return withDevice(plan, pair.move, pair.assignment.claim, pair.device.to, pair.device.group);
    },
  },
  {
    reason: 'a move takes a device that another machine has',
    refused: 'unless-safe',
    spoil: (planned, dice) => {
      const { plan, world } = planned;
      const taken = plan.moves.flatMap((move) =>
        world.machines
          .filter(({ host, name }) => host === move.to && name !== move.machine)
          .flatMap(({ assignments }) => assignments.map(({ device }) => ({ move, device }))),
      );
      const one = pick(dice, taken);
      const claim = one === null ? undefined : pick(dice, one.move.assignments)?.claim;
      return one === null || claim === undefined ? null : withDevice(plan, one.move, claim, one.device);
    },
  },
  {
    reason: 'a move takes another device of its target',
    refused: 'unless-safe',
    atLeast: 60,
    spoil: (planned, dice) => {
      const { plan, world } = planned;
      const move = pick(
        dice,
        plan.moves.filter(({ assignments }) => assignments.length > 0),
      );
      const assignment = move === null ? null : pick(dice, move.assignments);
      const host = world.hosts.find(({ name }) => name === move?.to);
      const device = pick(dice, host?.devices.filter(({ bdf }) => bdf !== assignment?.to) ?? []);
      if (move === null || assignment === null || device === null) return null;
      const group = host?.devices.filter((other) => other.iommuGroup === device.iommuGroup).map(({ bdf }) => bdf);
      return withDevice(plan, move, assignment.claim, device.bdf, group);
    },
  },
  {
    reason: 'a move takes a device that does not exist',
    refused: 'always',
    spoil: ({ plan }, dice) => {
      const move = pick(
        dice,
        plan.moves.filter(({ assignments }) => assignments.length > 0),
      );
      const claim = move?.assignments[0]?.claim;
      return move === null || claim === undefined ? null : withDevice(plan, move, claim, '0000:ff:00.0');
    },
  },
  {
    reason: 'a device is reserved without the rest of its IOMMU group',
    refused: 'always',
    atLeast: 3,
    spoil: ({ plan }, dice) => {
      const spots = plan.moves.flatMap((move) =>
        move.assignments.filter(({ group }) => group.length > 1).map((assignment) => ({ move, assignment })),
      );
      const spot = pick(dice, spots);
      if (spot === null) return null;
      return withDevice(plan, spot.move, spot.assignment.claim, spot.assignment.to, [spot.assignment.to]);
    },
  },
  {
    reason: 'an action is about another device',
    refused: 'always',
    atLeast: 60,
    spoil: (planned, dice) =>
      inAction(planned, dice, 'actions', (action) =>
        'device' in action ? { ...action, device: '0000:ff:00.0' } : null,
      ),
  },
  {
    reason: 'a machine is told of another replacement',
    refused: 'always',
    spoil: (planned, dice) =>
      inAction(planned, dice, 'actions', (action) =>
        action.kind === 'reconfigure'
          ? { ...action, replacements: action.replacements.map((one) => ({ ...one, device: '0000:ff:00.0' })) }
          : null,
      ),
  },
  {
    reason: 'a machine is told of all replacements but one',
    refused: 'unless-safe',
    atLeast: 6,
    spoil: (planned, dice) =>
      inAction(planned, dice, 'actions', (action) =>
        action.kind === 'reconfigure' && action.replacements.length > 1
          ? { ...action, replacements: action.replacements.slice(1) }
          : null,
      ),
  },
  {
    reason: 'a machine is not told on the way back what it was told before',
    refused: 'unless-safe',
    spoil: (planned, dice) =>
      inAction(planned, dice, 'undo', (action, step) => {
        const told = step.actions.find(({ kind }) => kind === 'reconfigure');
        return action.kind === 'reconfigure' && told?.kind === 'reconfigure'
          ? { ...action, replacements: told.replacements }
          : null;
      }),
  },
  {
    reason: 'a machine gets another cell than its move says',
    refused: 'always',
    spoil: (planned, dice) =>
      inAction(planned, dice, 'actions', (action) => {
        if (action.kind === 'migrate') return { ...action, numaNode: (action.numaNode ?? 0) + 1 };
        if (action.kind !== 'start') return null;
        const numaNode = (action.definition.numaNode ?? 0) + 1;
        return { ...action, definition: { ...action.definition, numaNode } };
      }),
  },
  {
    reason: 'a whole move goes to another cell',
    refused: 'unless-safe',
    atLeast: 60,
    spoil: ({ plan }, dice) => {
      const move = pick(dice, plan.moves);
      if (move === null) return null;
      const numaNode = pick(
        dice,
        [null, 0, 1, 2].filter((cell) => cell !== move.numaNode),
      );
      return inMove(plan, move, { numaNode }, (step) =>
        mapFacts(
          step,
          (action) => {
            if (action.kind === 'migrate') return { ...action, numaNode };
            if (action.kind !== 'start' || action.host !== move.to) return action;
            return { ...action, definition: { ...action.definition, numaNode } };
          },
          (fact) => fact,
        ),
      );
    },
  },
  {
    reason: 'a machine moves by another strategy than its move says',
    refused: 'always',
    spoil: (planned, dice) =>
      inAction(planned, dice, 'actions', (action) =>
        action.kind === 'migrate'
          ? { ...action, strategy: action.strategy === 'failover' ? 'vfio-live' : 'failover' }
          : null,
      ),
  },
  {
    reason: 'the steps of a move are those of another strategy',
    refused: 'always',
    spoil: ({ plan }, dice) => {
      const move = pick(
        dice,
        plan.moves.filter(({ from }) => from !== null),
      );
      if (move === null) return null;
      return inMove(plan, move, { strategy: move.strategy === 'cold' ? 'vfio-live' : 'cold' });
    },
  },
  {
    reason: 'a whole move goes by a strategy that its devices may not take',
    refused: 'unless-safe',
    spoil: ({ plan }, dice) => {
      const move = pick(
        dice,
        plan.moves.filter(
          ({ from, strategy }) => from !== null && (strategy === 'vfio-live' || strategy === 'failover'),
        ),
      );
      if (move === null) return null;
      const strategy = move.strategy === 'vfio-live' ? 'failover' : 'vfio-live';
      return inMove(plan, move, { strategy }, (step) =>
        mapFacts(
          step,
          (action) => (action.kind === 'migrate' ? { ...action, strategy } : action),
          (fact) => fact,
        ),
      );
    },
  },
];
