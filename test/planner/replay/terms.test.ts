import { describe, expect, it } from 'vitest';
import type { Action, VfAttributes } from '../../../src/model/index.js';
import { changeActions, changeActionsOf, changeStep } from './corrupt.js';
import { codesOf, COLD, HOTPLUG, LIVE } from './refusal-case.js';
import type { RefusalCase } from './refusal-case.js';

/** Every action of a kind, forth and back, gets other terms. */
function change(kind: Action['kind'], parts: Readonly<Record<string, unknown>>): RefusalCase['corrupt'] {
  return changeActions((action) => (action.kind === kind ? { ...action, ...parts } : action));
}

const attributes = (parts: Partial<VfAttributes>): RefusalCase['corrupt'] =>
  changeActions((action) =>
    action.kind === 'set-vf' ? { ...action, attributes: { ...action.attributes, ...parts } } : action,
  );

function inAnotherVlan(action: Action): Action {
  if (action.kind !== 'start') return action;
  const devices = action.definition.devices.map((each) => ({ ...each, vlan: 7 }));
  return { ...action, definition: { ...action.definition, devices } };
}

const profile = { name: 'profile', vlan: 100, trunk: [], acl: [], rateMbps: 0 };
const limits = { perHost: 2, perGroup: 4, perCluster: 8 };

const cases: readonly RefusalCase[] = [
  { ...LIVE, reason: 'the VF is trusted', codes: ['WrongAttributes'], corrupt: attributes({ trust: true }) },
  { ...LIVE, reason: 'the VF may spoof', codes: ['WrongAttributes'], corrupt: attributes({ spoofCheck: false }) },
  { ...LIVE, reason: 'the VF gets another VLAN', codes: ['WrongAttributes'], corrupt: attributes({ vlan: 200 }) },
  { ...LIVE, reason: 'the VF gets a rate', codes: ['WrongAttributes'], corrupt: attributes({ maxTxMbps: 10 }) },
  {
    ...LIVE,
    reason: 'the idle VF stays trusted',
    codes: ['WrongAttributes'],
    corrupt: changeActions((action) =>
      action.kind === 'reset-vf' ? { ...action, attributes: { ...action.attributes, trust: true } } : action,
    ),
  },
  {
    ...LIVE,
    reason: 'the switch port gets another VLAN',
    codes: ['MissingUndo', 'WrongPortProfile', 'WrongUndo'],
    corrupt: change('apply-port-profile', { profile: { ...profile, vlan: 200 } }),
  },
  {
    ...LIVE,
    reason: 'the switch port gets a trunk',
    codes: ['MissingUndo', 'WrongPortProfile', 'WrongUndo'],
    corrupt: change('apply-port-profile', { profile: { ...profile, trunk: [1, 2] } }),
  },
  {
    ...LIVE,
    reason: 'another profile is removed from the source',
    codes: ['MissingAction', 'MissingUndo', 'WrongPortProfile', 'WrongUndo'],
    corrupt: change('remove-port-profile', { profile: { ...profile, name: 'other' } }),
  },
  {
    ...LIVE,
    reason: 'the machine is announced in another VLAN',
    codes: ['WrongVlan'],
    corrupt: change('announce', { vlan: 7 }),
  },
  {
    ...LIVE,
    reason: 'the machine arrives in another VLAN',
    codes: ['WrongVlan'],
    corrupt: changeActions((action) =>
      action.kind === 'migrate' ? { ...action, devices: action.devices.map((each) => ({ ...each, vlan: 7 })) } : action,
    ),
  },
  {
    ...HOTPLUG,
    reason: 'the replacement is attached in another VLAN',
    codes: ['WrongVlan'],
    corrupt: changeActionsOf('upf.1/attach/n3', (action) =>
      action.kind === 'attach' ? { ...action, vlan: 7 } : action,
    ),
  },
  {
    ...HOTPLUG,
    reason: 'a detached device comes back in another VLAN than it left',
    codes: ['MissingUndo', 'WrongUndo', 'WrongVlan'],
    corrupt: changeStep('upf.1/detach/n3', (step) => ({ undo: step.undo.map((action) => ({ ...action, vlan: 7 })) })),
  },
  {
    ...HOTPLUG,
    reason: 'a device is detached and comes back in another VLAN than is written',
    codes: ['WrongVlan'],
    corrupt: changeStep('upf.1/detach/n3', (step) => ({
      actions: step.actions.map((action) => ({ ...action, vlan: 7 })),
      undo: step.undo.map((action) => ({ ...action, vlan: 7 })),
    })),
  },
  {
    ...COLD,
    reason: 'the machine starts in another VLAN',
    codes: ['WrongVlan'],
    corrupt: changeActionsOf('upf.1/start', inAnotherVlan),
  },
  {
    ...COLD,
    reason: 'a stopped machine comes back in another VLAN',
    codes: ['WrongVlan'],
    corrupt: changeStep('upf.1/stop', (step) => ({ undo: step.undo.map(inAnotherVlan) })),
  },
  {
    ...LIVE,
    reason: 'forwarding is shorter than the policy says',
    codes: ['WrongForwarding'],
    corrupt: change('forward', { seconds: 1 }),
  },
  {
    ...LIVE,
    reason: 'the dummy may stand for a year',
    codes: ['WrongTtl'],
    corrupt: change('commission', { ttlSeconds: 3e7 }),
  },
  {
    ...LIVE,
    reason: 'the dummy is named after another claim',
    codes: ['WrongDummy'],
    corrupt: changeActions((action) => ('dummy' in action ? { ...action, dummy: 'berth-dummy-amf-n3' } : action)),
  },
  {
    ...LIVE,
    reason: 'the dummy stands for another reservation',
    codes: ['WrongDummy'],
    corrupt: change('commission', { reservation: 'h2/0000:16:01.3' }),
  },
  {
    ...LIVE,
    reason: 'the dummy holds another device',
    codes: ['WrongDevice'],
    corrupt: changeActionsOf('upf.1/commission/n3', (action) =>
      action.kind === 'commission' ? { ...action, devices: ['0000:16:01.3'] } : action,
    ),
  },
  {
    ...LIVE,
    reason: 'the address of the dummy is that of a manufacturer',
    codes: ['DummyMac'],
    corrupt: change('commission', { mac: '00:1b:21:00:00:01' }),
  },
  {
    ...LIVE,
    reason: 'the machine may pause for longer than it is written',
    codes: ['WrongDowntime'],
    corrupt: change('migrate', { maxDowntimeMs: 501 }),
  },
  {
    ...LIVE,
    reason: 'the migration takes more bandwidth than the policy allows',
    lines: { ...LIVE.lines, migration: { bandwidthMibps: 100 } },
    codes: ['WrongBandwidth'],
    corrupt: change('migrate', { bandwidthMibps: 101 }),
  },
  {
    ...LIVE,
    reason: 'the migration takes all the bandwidth where the policy has a limit',
    lines: { ...LIVE.lines, migration: { bandwidthMibps: 100 } },
    codes: ['WrongBandwidth'],
  },
  {
    ...LIVE,
    reason: 'the migration may slow the guest down and the policy does not say so',
    codes: ['WrongConvergence'],
    corrupt: change('migrate', { autoConverge: true }),
  },
  {
    ...LIVE,
    reason: 'the migration copies over more connections than the policy allows',
    lines: { ...LIVE.lines, migration: { connections: 2 } },
    codes: ['WrongConnections'],
    corrupt: change('migrate', { connections: 3 }),
  },
  {
    ...COLD,
    reason: 'the machine starts with more CPUs than it is written',
    codes: ['WrongDefinition'],
    corrupt: changeActions((action) =>
      action.kind === 'start' ? { ...action, definition: { ...action.definition, vcpus: 64 } } : action,
    ),
  },
  {
    ...COLD,
    reason: 'the machine comes back with less memory when the move is undone',
    codes: ['WrongDefinition'],
    corrupt: changeStep('upf.1/stop', (step) => ({
      undo: step.undo.map((action) =>
        action.kind === 'start' ? { ...action, definition: { ...action.definition, memoryMiB: 64 } } : action,
      ),
    })),
  },
  {
    ...LIVE,
    reason: 'more moves at once are allowed on a host than the cluster allows',
    codes: ['WrongLimits'],
    corrupt: (plan) => ({ ...plan, limits: { ...limits, perHost: 3 } }),
  },
  {
    ...LIVE,
    reason: 'more moves at once are allowed than the policy of the machine allows',
    lines: { ...LIVE.lines, migration: { limits: { ...limits, perCluster: 1 } } },
    codes: ['WrongLimits'],
    corrupt: (plan) => ({ ...plan, limits }),
  },
  {
    ...LIVE,
    reason: 'no move at all is allowed',
    codes: ['WrongLimits'],
    corrupt: (plan) => ({ ...plan, limits: { ...limits, perHost: 0 } }),
  },
  {
    ...LIVE,
    reason: 'the plan is good for longer than the policy says',
    codes: ['InvalidPlan'],
    corrupt: (plan) => ({ ...plan, expiresAt: plan.createdAt + 900_001 }),
  },
  {
    ...LIVE,
    reason: 'the policy of the machine is not written',
    codes: ['UnexpectedStep', 'UnknownPolicy'],
    lines: {
      ...LIVE.lines,
      machines: { upf: { on: 'h1', claims: { n3: 'vf' }, desired: { migrationPolicy: 'lost' } } },
    },
  },
];

describe('replay refuses a plan that sets what nobody wrote', () => {
  it.each(cases)('because $reason', (refusal) => {
    expect(codesOf(refusal)).toEqual(refusal.codes);
  });
});
