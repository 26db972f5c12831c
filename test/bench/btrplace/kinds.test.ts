import { describe, expect, it } from 'vitest';
import { parseBtrPlace } from '../formats/btrplace.js';
import { planText } from './action.js';
import { judge } from './check.js';
import { solve } from './solve.js';

/** A cluster of nodes 0, 1, 2 … of capacity 10; `on` says which machines run where, each as large as `sizes` says (1 without). */
interface Tiny {
  readonly on: readonly (readonly number[])[];
  readonly asleep?: Readonly<Record<number, readonly number[]>>;
  readonly off?: readonly number[];
  readonly ready?: readonly number[];
  readonly sizes?: Readonly<Record<number, number>>;
  readonly attributes?: object;
}

function instance(
  { on, asleep = {}, off = [], ready = [], sizes = {}, attributes = {} }: Tiny,
  ...constraints: object[]
): string {
  return JSON.stringify({
    model: {
      mapping: {
        onlineNodes: Object.fromEntries(
          on.map((runningVMs, node) => [node, { runningVMs, sleepingVMs: asleep[node] ?? [] }]),
        ),
        offlineNodes: off,
        readyVMs: ready,
      },
      attributes: { nodes: {}, vms: {}, ...attributes },
      views: [{ id: 'shareableResource', rcId: 'cpu', defCapacity: 10, defConsumption: 1, nodes: {}, vms: sizes }],
    },
    constraints: constraints.map((constraint) => ({ continuous: false, ...constraint })),
    objective: { id: 'minimizeMTTR' },
  });
}

/** The plan in short, with what the judge finds in it. */
function planned(text: string) {
  const btr = parseBtrPlace(text);
  const solved = solve(btr, { seed: 1, seconds: 1, now: () => 0 });
  const { violations } = judge(text, planText(btr.model, solved.actions));
  const actions = solved.actions.map((action) => {
    const who = 'node' in action ? `node ${action.node}` : `${action.vm}`;
    const to = 'to' in action ? ` to ${action.to}` : '';
    return `${action.start}-${action.end} ${action.id} ${who}${to}`;
  });
  return { actions, violations, failures: solved.failures, bound: solved.bound };
}

const kinds: readonly {
  readonly kind: string;
  readonly reason: string;
  readonly text: string;
  readonly actions: readonly string[];
}[] = [
  {
    kind: 'running',
    reason: 'a ready machine is booted where there is room',
    text: instance({ on: [[1], []], ready: [2], sizes: { 1: 8, 2: 5 } }, { id: 'running', vm: 2 }),
    actions: ['0-1 bootVM 2 to 1'],
  },
  {
    kind: 'running',
    reason: 'a sleeping machine is resumed',
    text: instance({ on: [[], [1]], asleep: { 0: [2] }, sizes: { 1: 8, 2: 5 } }, { id: 'running', vm: 2 }),
    actions: ['0-1 resumeVM 2 to 0'],
  },
  {
    kind: 'ready',
    reason: 'a running machine is shut down',
    text: instance({ on: [[1]] }, { id: 'ready', vm: 1 }),
    actions: ['0-1 shutdownVM 1'],
  },
  {
    kind: 'sleeping',
    reason: 'a running machine is suspended on its node',
    text: instance({ on: [[1]] }, { id: 'sleeping', vm: 1 }),
    actions: ['0-1 suspendVM 1 to 0'],
  },
  {
    kind: 'killed',
    reason: 'machines are killed whatever they do',
    text: instance({ on: [[1]], ready: [2] }, { id: 'killed', vm: 1 }, { id: 'killed', vm: 2 }),
    actions: ['0-1 killVM 1', '0-1 killVM 2'],
  },
  {
    kind: 'online',
    reason: 'a node is booted, for as long as its attribute says',
    text: instance({ on: [[1]], off: [1], attributes: { nodes: { 1: { boot: 7 } } } }, { id: 'online', node: 1 }),
    actions: ['0-7 bootNode node 1'],
  },
  {
    kind: 'offline',
    reason: 'a node is emptied and then shut down',
    text: instance({ on: [[1], []], attributes: { vms: { 1: { migrate: 4 } } } }, { id: 'offline', node: 0 }),
    actions: ['0-4 migrateVM 1 to 1', '4-5 shutdownNode node 0'],
  },
  {
    kind: 'offline',
    reason: 'a node that is off is switched on when there is no other room',
    text: instance({ on: [[1]], off: [1] }, { id: 'offline', node: 0 }),
    actions: ['0-1 bootNode node 1', '1-2 migrateVM 1 to 1', '2-3 shutdownNode node 0'],
  },
  {
    kind: 'preserve',
    reason: 'a machine that asks for more is given it where it is',
    text: instance({ on: [[1]] }, { id: 'preserve', vm: 1, rc: 'cpu', amount: 6 }),
    actions: ['0-0 allocate 1'],
  },
  {
    kind: 'preserve',
    reason: 'where there is no room, one machine makes it first',
    text: instance({ on: [[1, 2], []], sizes: { 1: 5, 2: 5 } }, { id: 'preserve', vm: 1, rc: 'cpu', amount: 6 }),
    actions: ['0-1 migrateVM 1 to 1'],
  },
  {
    kind: 'root',
    reason: 'a machine that may not move stays, and the other one goes',
    text: instance(
      { on: [[1, 2], []], sizes: { 1: 5, 2: 5 } },
      { id: 'preserve', vm: 1, rc: 'cpu', amount: 6 },
      { id: 'root', vm: 1, continuous: true },
    ),
    actions: ['0-1 migrateVM 2 to 1', '1-1 allocate 1'],
  },
  {
    kind: 'fence',
    reason: 'a machine goes to the one node where it may be',
    text: instance({ on: [[1], [], []] }, { id: 'fence', vm: 1, nodes: [2] }),
    actions: ['0-1 migrateVM 1 to 2'],
  },
  {
    kind: 'ban',
    reason: 'a machine leaves where it may not be',
    text: instance({ on: [[1], [], []] }, { id: 'ban', vm: 1, nodes: [0, 1] }),
    actions: ['0-1 migrateVM 1 to 2'],
  },
  {
    kind: 'among',
    reason: 'machines come within one part, to where there is room',
    text: instance(
      { on: [[1], [3], [2]], sizes: { 1: 5, 2: 5, 3: 10 } },
      { id: 'among', vms: [1, 2], parts: [[0, 1], [2]] },
    ),
    actions: ['0-1 migrateVM 2 to 0'],
  },
  {
    kind: 'gather',
    reason: 'machines come to one node, where it takes one move',
    text: instance({ on: [[1], [2, 3]] }, { id: 'gather', vms: [1, 2, 3] }),
    actions: ['0-1 migrateVM 1 to 1'],
  },
  {
    kind: 'spread',
    reason: 'one of two machines leaves a node',
    text: instance({ on: [[1, 2], []] }, { id: 'spread', vms: [1, 2] }, { id: 'root', vm: 2, continuous: true }),
    actions: ['0-1 migrateVM 1 to 1'],
  },
  {
    kind: 'spread, continuous',
    reason: 'a machine waits until the one before it has gone',
    text: instance(
      { on: [[1], [2], []] },
      { id: 'spread', vms: [1, 2], continuous: true },
      { id: 'fence', vm: 1, nodes: [1] },
      { id: 'fence', vm: 2, nodes: [2] },
    ),
    actions: ['0-1 migrateVM 2 to 2', '1-2 migrateVM 1 to 1'],
  },
  {
    kind: 'spread, continuous',
    reason: 'two machines that change places do so by way of a third node',
    text: instance(
      { on: [[1], [2], []] },
      { id: 'spread', vms: [1, 2], continuous: true },
      { id: 'fence', vm: 1, nodes: [1, 2] },
      { id: 'ban', vm: 1, nodes: [0, 2] },
      { id: 'fence', vm: 2, nodes: [0, 2] },
      { id: 'resourceCapacity', nodes: [2], rc: 'cpu', amount: 0 },
    ),
    actions: ['0-1 migrateVM 2 to 2', '1-2 migrateVM 1 to 1', '2-3 migrateVM 2 to 0'],
  },
  {
    kind: 'lonely',
    reason: 'a stranger leaves the node of a machine that wants to be alone',
    text: instance({ on: [[1, 2, 3], []] }, { id: 'lonely', vms: [1, 2] }),
    actions: ['0-1 migrateVM 3 to 1'],
  },
  {
    kind: 'split',
    reason: 'groups share no node',
    text: instance({ on: [[1, 2, 3, 4], []] }, { id: 'split', parts: [[1, 2, 3], [4]] }),
    actions: ['0-1 migrateVM 4 to 1'],
  },
  {
    kind: 'splitAmong',
    reason: 'groups come into different parts',
    text: instance({ on: [[1], [2], [], []] }, { id: 'splitAmong', vParts: [[1], [2]], pParts: [[0, 1], [2]] }),
    actions: ['0-1 migrateVM 2 to 2'],
  },
  {
    kind: 'overbook',
    reason: 'a node takes more than it has',
    text: instance(
      { on: [[1]], ready: [2], sizes: { 1: 8, 2: 8 } },
      { id: 'overbook', node: 0, rc: 'cpu', ratio: 1.6 },
      { id: 'running', vm: 2 },
    ),
    actions: ['0-1 bootVM 2 to 0'],
  },
  {
    kind: 'resourceCapacity',
    reason: 'the fewest machines leave a node that is to hold less',
    text: instance(
      { on: [[1, 2, 3], []], sizes: { 1: 1, 2: 2, 3: 4 } },
      { id: 'resourceCapacity', nodes: [0], rc: 'cpu', amount: 4 },
    ),
    actions: ['0-1 migrateVM 3 to 1'],
  },
  {
    kind: 'resourceCapacity',
    reason: 'nodes have a limit together',
    text: instance(
      { on: [[1], [2], []], sizes: { 1: 5, 2: 5 } },
      { id: 'resourceCapacity', nodes: [0, 1], rc: 'cpu', amount: 9 },
      { id: 'root', vm: 1, continuous: true },
    ),
    actions: ['0-1 migrateVM 2 to 2'],
  },
  {
    kind: 'runningCapacity',
    reason: 'at most so many machines run on some nodes',
    text: instance(
      { on: [[1], [2], []] },
      { id: 'runningCapacity', nodes: [0, 1], amount: 1 },
      { id: 'fence', vm: 2, nodes: [1] },
    ),
    actions: ['0-1 migrateVM 1 to 2'],
  },
  {
    kind: 'maxOnline',
    reason: 'the node with the fewest machines goes off',
    text: instance({ on: [[1], [2, 3]] }, { id: 'maxOnline', nodes: [0, 1], amount: 1 }),
    actions: ['0-1 migrateVM 1 to 1', '1-2 shutdownNode node 0'],
  },
  {
    kind: 'maxOnline, continuous',
    reason: 'a node is switched on only after another is off',
    text: instance(
      { on: [[], [1]], off: [2] },
      { id: 'maxOnline', nodes: [0, 1, 2], amount: 2, continuous: true },
      { id: 'online', node: 2 },
      { id: 'online', node: 1 },
    ),
    actions: ['0-1 shutdownNode node 0', '1-2 bootNode node 2'],
  },
  {
    kind: 'quarantine',
    reason: 'nobody comes to the node and nobody leaves it',
    text: instance(
      { on: [[1], [], [2]], ready: [3], sizes: { 1: 4, 2: 4, 3: 4 } },
      { id: 'quarantine', node: 1, continuous: true },
      { id: 'quarantine', node: 2, continuous: true },
      { id: 'running', vm: 3 },
    ),
    actions: ['0-1 bootVM 3 to 0'],
  },
];

describe('A plan for a BtrPlace instance', () => {
  it.each(kinds)('keeps $kind: $reason', ({ text, actions }) => {
    expect(planned(text)).toMatchObject({ violations: [], failures: [] });
    expect(planned(text).actions).toEqual(actions);
    expect(planned(text).bound.actions).toBeLessThanOrEqual(actions.length);
  });

  it('does nothing where nothing has to be done', () => {
    expect(planned(instance({ on: [[1], [2]] }, { id: 'spread', vms: [1, 2] })).actions).toEqual([]);
  });

  it.each([
    ['by way of a third node', 3, ['0-1 migrateVM 2 to 2', '1-2 migrateVM 1 to 1', '2-3 migrateVM 2 to 0'], []],
    [
      'not at all where no node has room, and says so',
      4,
      [],
      ['migrateVM of machine 2 to node 0', 'migrateVM of machine 1 to node 1'],
    ],
  ])('lets two machines change full nodes %s', (_, third, actions, stuck) => {
    const text = instance(
      { on: [[1], [2], [3]], sizes: { 1: 6, 2: 7, 3: third } },
      { id: 'fence', vm: 1, nodes: [1] },
      { id: 'fence', vm: 2, nodes: [0, 2] },
      { id: 'resourceCapacity', nodes: [2], rc: 'cpu', amount: third },
    );
    const plan = planned(text);
    expect(plan.actions).toEqual(actions);
    expect(plan.failures).toEqual(stuck.map((what) => `${what} finds no moment`));
    expect(plan.violations).toHaveLength(stuck.length);
  });

  it.each([
    ['a machine that has never run cannot sleep', instance({ on: [[]], ready: [1] }, { id: 'sleeping', vm: 1 })],
    [
      'a rooted machine outside its fence',
      instance({ on: [[1], []] }, { id: 'root', vm: 1, continuous: true }, { id: 'fence', vm: 1, nodes: [1] }),
    ],
    ['a node that is to be on and off', instance({ on: [[]] }, { id: 'online', node: 0 }, { id: 'offline', node: 0 })],
    [
      'a machine that is larger than every node',
      instance({ on: [[]], ready: [1], sizes: { 1: 11 } }, { id: 'running', vm: 1 }),
    ],
  ])('says what cannot be done: %s', (_, text) => {
    expect(planned(text).failures).toHaveLength(1);
  });
});

describe('A placement is found where there is one', () => {
  const capacities = (text: string, nodes: Readonly<Record<number, number>>) => {
    const whole = JSON.parse(text) as { readonly model: { readonly views: readonly object[] } };
    return JSON.stringify({ ...whole, model: { ...whole.model, views: [{ ...whole.model.views[0], nodes }] } });
  };
  it.each([
    [
      'where the one that was taken out has no room, and the rest of its group has some elsewhere',
      capacities(instance({ on: [[2], [1]], sizes: { 1: 3, 2: 4 } }, { id: 'gather', vms: [1, 2] }), { 0: 7, 1: 6 }),
    ],
    [
      'for a group that is to stay within one part',
      capacities(instance({ on: [[2], [1]], sizes: { 1: 3, 2: 3 } }, { id: 'among', vms: [1, 2], parts: [[0], [1]] }), {
        0: 7,
        1: 4,
      }),
    ],
    [
      'for groups that have to change parts because of a fence',
      capacities(
        instance(
          { on: [[], [1, 3], [2]], sizes: { 1: 1, 2: 3, 3: 3 } },
          { id: 'fence', vm: 3, nodes: [0] },
          { id: 'splitAmong', vParts: [[1], [2, 3]], pParts: [[0, 1], [2]] },
        ),
        { 0: 4, 1: 7, 2: 4 },
      ),
    ],
    [
      'with other nodes off than those that hold least',
      capacities(
        instance(
          { on: [[1], [2], [3], [4]], sizes: { 1: 3, 2: 2, 3: 3, 4: 4 } },
          { id: 'maxOnline', nodes: [0, 1, 2, 3], amount: 2 },
        ),
        { 0: 4, 1: 2, 2: 6, 3: 8 },
      ),
    ],
    [
      'besides the first one, which no order of actions leads to',
      capacities(
        instance(
          { on: [[1], [4], [], [2, 3]], sizes: { 1: 4, 2: 4, 3: 4, 4: 1 } },
          { id: 'spread', vms: [2, 3, 4] },
          { id: 'running', vm: 2 },
        ),
        { 0: 4, 1: 4, 2: 3, 3: 10 },
      ),
    ],
  ])('%s', (_, text) => {
    expect(planned(text)).toMatchObject({ failures: [], violations: [] });
  });
});

describe('A BtrPlace instance', () => {
  it.each([
    [{ id: 'precedence', vm: 1 }, "constraints[0]: the constraint 'precedence' is not known here"],
    [{ id: 'fence', vm: 9, nodes: [0] }, 'constraints[0].vm: there is no virtual machine 9 in the model'],
    [{ id: 'fence', vm: 1, nodes: [7] }, 'constraints[0].nodes: there is no node 7 in the model'],
    [{ id: 'preserve', vm: 1, rc: 'gpu', amount: 1 }, 'constraints[0].rc: there is no resource gpu in the model'],
    [{ id: 'split', parts: [[1], [1]] }, 'constraints[0].parts: 1 is in two groups, which may have nothing in common'],
  ])('is refused when a constraint is wrong: %j', (constraint, message) => {
    expect(() => parseBtrPlace(instance({ on: [[1]] }, constraint))).toThrow(message);
  });

  it('takes lists where one machine is usual', () => {
    const text = instance({ on: [[1, 2], []] }, { id: 'fence', vms: [1, 2], nodes: [1] });
    expect(planned(text).actions).toEqual(['0-1 migrateVM 1 to 1', '0-1 migrateVM 2 to 1']);
  });
});
