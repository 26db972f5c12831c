import type { Action, AttachedDevice } from '../../../../src/model/index.js';
import type { Mutation, Planned } from './mutation.js';
import { inAction, inMove, inStep, mapFacts, pick } from './mutation.js';

type Change = (action: Action, planned: Planned) => Action | null;

/** Values that are not those of the machine, its claims and its policies, and steps that are not what they say. */
export const TERMS: readonly Mutation[] = [
  action('a MAC is on the replacement before the machine is', (one, { plan }) => {
    if (one.kind !== 'set-vf') return null;
    const mac = plan.moves
      .find(({ machine }) => machine === one.machine)
      ?.assignments.find(({ claim }) => claim === one.claim);
    return { ...one, attributes: { ...one.attributes, adminMac: mac?.mac ?? null } };
  }),
  action('a device carries another MAC', (one) => {
    const other = '52:54:00:ff:ff:ff';
    if (one.kind === 'attach' || one.kind === 'announce' || one.kind === 'forward' || one.kind === 'unforward')
      return { ...one, mac: other };
    if (one.kind === 'migrate' && one.devices.length > 0)
      return { ...one, devices: one.devices.map((each) => ({ ...each, mac: other })) };
    if (one.kind === 'start' && one.definition.devices.length > 0)
      return {
        ...one,
        definition: { ...one.definition, devices: one.definition.devices.map((each) => ({ ...each, mac: other })) },
      };
    return null;
  }),
  {
    reason: 'a machine gets another MAC by its whole move',
    refused: 'always',
    spoil: ({ plan }, dice) => {
      const move = pick(
        dice,
        plan.moves.filter(({ from, assignments }) => from !== null && assignments.some(({ mac }) => mac !== null)),
      );
      if (move === null) return null;
      const other = (mac: string | null): string | null => (mac === null ? null : '52:54:00:ff:ff:ff');
      const assignments = move.assignments.map((one) => ({ ...one, mac: other(one.mac) }));
      return inMove(plan, move, { assignments }, (step) =>
        mapFacts(
          step,
          (one) => {
            if (one.kind === 'commission') return one;
            if (one.kind === 'migrate')
              return { ...one, devices: one.devices.map((each) => ({ ...each, mac: other(each.mac) })) };
            return 'mac' in one ? ({ ...one, mac: other(one.mac) } as Action) : one;
          },
          (fact) => (fact.kind === 'mac-unique' ? { ...fact, mac: other(fact.mac) ?? fact.mac } : fact),
        ),
      );
    },
  },
  action('a dummy has the MAC of its machine', (one, { plan }) => {
    if (one.kind !== 'commission') return null;
    const assignments = plan.moves.find(({ machine }) => machine === one.machine)?.assignments ?? [];
    const mac = assignments.find(({ to, mac: known }) => one.devices.includes(to) && known !== null)?.mac ?? null;
    return mac === null ? null : { ...one, mac };
  }),
  action('two dummies have one MAC', (one, { plan }) => {
    if (one.kind !== 'commission') return null;
    const macs = plan.steps.flatMap(({ actions }) =>
      actions.flatMap((each) => (each.kind === 'commission' ? [each.mac] : [])),
    );
    const mac = macs.find((each) => each !== one.mac);
    return mac === undefined ? null : { ...one, mac };
  }),
  action('a device moves inside the guest', (one) => {
    if (one.kind === 'attach') return { ...one, guestAddress: '0000:00:1f.0' };
    if (one.kind !== 'migrate' || one.devices.length === 0) return null;
    return { ...one, devices: one.devices.map((each) => ({ ...each, guestAddress: '0000:00:1f.0' })) };
  }),
  action('a device comes in another VLAN', (one) => {
    const inOther = (devices: readonly AttachedDevice[]) => devices.map((each) => ({ ...each, vlan: 7 }));
    if (one.kind === 'attach' || one.kind === 'detach') return { ...one, vlan: 7 };
    if (one.kind === 'migrate') return { ...one, devices: inOther(one.devices) };
    if (one.kind !== 'start') return null;
    return { ...one, definition: { ...one.definition, devices: inOther(one.definition.devices) } };
  }),
  {
    reason: 'a device that comes back does so without its VLAN, or in another',
    refused: 'always',
    atLeast: 5,
    spoil: (planned, dice) =>
      inAction(planned, dice, 'undo', (one) => {
        const other = (vlan: number | null): number | null => (vlan === null ? 7 : null);
        if (one.kind === 'attach') return { ...one, vlan: other(one.vlan) };
        if (one.kind !== 'start' || one.definition.devices.length === 0) return null;
        const devices = one.definition.devices.map((each) => ({ ...each, vlan: other(each.vlan) }));
        return { ...one, definition: { ...one.definition, devices } };
      }),
  },
  action('a VF gets other attributes', (one) =>
    one.kind === 'set-vf' ? { ...one, attributes: { ...one.attributes, trust: !one.attributes.trust } } : null,
  ),
  action('a VF is given back with attributes', (one) =>
    one.kind === 'reset-vf' ? { ...one, attributes: { ...one.attributes, vlan: 7 } } : null,
  ),
  action('a port gets another profile', (one) =>
    one.kind === 'apply-port-profile' ? { ...one, profile: { ...one.profile, vlan: 7 } } : null,
  ),
  action('a machine is announced in another VLAN', (one) => (one.kind === 'announce' ? { ...one, vlan: 7 } : null)),
  action('traffic is forwarded for another time', (one) =>
    one.kind === 'forward' ? { ...one, seconds: one.seconds + 1 } : null,
  ),
  action('a machine may pause for longer than it allows', (one) =>
    one.kind === 'migrate' ? { ...one, maxDowntimeMs: one.maxDowntimeMs + 1 } : null,
  ),
  action(
    'a migration takes more of the network than its policy allows',
    (one, { desired }) => {
      const limit = desired.migrationPolicies[0]?.bandwidthMibps ?? 0;
      return one.kind !== 'migrate' || limit === 0 ? null : { ...one, bandwidthMibps: limit + 1 };
    },
    5,
  ),
  action('a machine starts with less memory than is written', (one) =>
    one.kind === 'start'
      ? { ...one, definition: { ...one.definition, memoryMiB: one.definition.memoryMiB - 1 } }
      : null,
  ),
  action('a dummy may stand for longer than its policy allows', (one) =>
    one.kind === 'commission' ? { ...one, ttlSeconds: one.ttlSeconds + 1 } : null,
  ),
  action('a dummy stands for another reservation', (one) =>
    one.kind === 'commission' ? { ...one, reservation: 'nowhere/0000:00:00.0' } : null,
  ),
  action('a dummy has the name of another', (one) =>
    one.kind === 'commission' || one.kind === 'decommission' ? { ...one, dummy: 'berth-dummy-other-claim' } : null,
  ),
  action('the ledger writes for another move', (one) => (one.port === 'ledger' ? { ...one, move: 'other.1' } : null)),
  action('an action is about another machine', (one) => ('machine' in one ? { ...one, machine: 'other' } : null)),
  action('an action is about another claim', (one) => ('claim' in one ? { ...one, claim: 'other' } : null)),
  {
    reason: 'a way back is about another device or machine',
    refused: 'always',
    spoil: (planned, dice) =>
      inAction(planned, dice, 'undo', (one) => {
        if ('device' in one) return { ...one, device: '0000:ff:00.0' };
        return 'machine' in one && one.kind !== 'commission' ? { ...one, machine: 'other' } : null;
      }),
  },
  {
    reason: 'an action is done twice',
    refused: 'always',
    spoil: (planned, dice) =>
      inStep(
        planned,
        dice,
        ({ actions }) => actions.length > 0,
        ({ actions }) => ({ actions: [...actions, ...actions.slice(-1)] }),
      ),
  },
  {
    reason: 'an action is done in another step',
    refused: 'always',
    spoil: ({ plan }, dice) => {
      const from = pick(dice, plan.steps);
      const to = pick(
        dice,
        plan.steps.filter((step) => step !== from && step.kind !== from?.kind),
      );
      const moved = from?.actions.at(-1);
      if (from === null || to === null || moved === undefined) return null;
      const steps = plan.steps.map((step) => {
        if (step === from) return { ...step, actions: step.actions.slice(0, -1) };
        return step === to ? { ...step, actions: [...step.actions, moved] } : step;
      });
      return { ...plan, steps };
    },
  },
  step('a step belongs to another phase', ({ phase }) => ({ phase: phase === 'prepare' ? 'complete' : 'prepare' })),
  step('a step is about another machine', () => ({ subject: 'VirtualMachine/other' })),
  step('a step waits before it acts', ({ delaySeconds }) => ({ delaySeconds: delaySeconds + 1 })),
  step('a step may take longer than its policy allows', ({ deadlineSeconds }) => ({
    deadlineSeconds: deadlineSeconds + 1,
  })),
  step('a step has no time', () => ({ deadlineSeconds: 0 })),
  step('a step is not named after what it does', ({ kind }) => ({
    kind: kind === 'announce' ? 'forward' : 'announce',
  })),
  {
    reason: 'forwarding ends at once',
    refused: 'always',
    spoil: (planned, dice) =>
      inStep(
        planned,
        dice,
        ({ kind, delaySeconds }) => kind === 'unforward' && delaySeconds > 0,
        () => ({ delaySeconds: 0 }),
      ),
  },
];

function action(reason: string, change: Change, atLeast = 15): Mutation {
  return {
    reason,
    refused: 'always',
    atLeast,
    spoil: (planned, dice) => inAction(planned, dice, 'actions', (one) => differing(one, change(one, planned))),
  };
}

function differing(before: Action, after: Action | null): Action | null {
  return JSON.stringify(before) === JSON.stringify(after) ? null : after;
}

function step(reason: string, change: Parameters<typeof inStep>[3]): Mutation {
  return { reason, refused: 'always', spoil: (planned, dice) => inStep(planned, dice, () => true, change) };
}
