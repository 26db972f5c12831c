import { describe, expect, it } from 'vitest';
import { changeActions, changeActionsOf, changeStep, dummyMac } from './corrupt.js';
import { codesOf, COLD, HOTPLUG, LIVE } from './refusal-case.js';
import type { RefusalCase } from './refusal-case.js';

const cases: readonly RefusalCase[] = [
  {
    ...LIVE,
    reason: 'the reservation has no undo',
    codes: ['MissingUndo'],
    corrupt: changeStep('upf.1/reserve/n3', () => ({ undo: [] })),
  },
  {
    ...LIVE,
    reason: 'the hand-over has no undo',
    codes: ['MissingUndo'],
    corrupt: changeStep('upf.1/hand-over/n3', () => ({ undo: [] })),
  },
  {
    ...HOTPLUG,
    reason: 'the detached device has no way back',
    codes: ['MissingUndo'],
    corrupt: changeStep('upf.1/detach/n3', () => ({ undo: [] })),
  },
  {
    ...COLD,
    reason: 'the stopped machine has no way back',
    codes: ['MissingUndo'],
    corrupt: changeStep('upf.1/stop', () => ({ undo: [] })),
  },
  {
    ...LIVE,
    reason: 'the undo is for another host',
    codes: ['MissingUndo', 'WrongUndo'],
    corrupt: changeStep('upf.1/commission/n3', () => ({
      undo: [{ port: 'hypervisor', kind: 'decommission', host: 'h3', dummy: 'berth-dummy-upf-n3' }],
    })),
  },
  {
    ...LIVE,
    reason: 'the migration goes to another host than the move',
    codes: ['WrongHost'],
    corrupt: changeActions((action) => (action.kind === 'migrate' ? { ...action, to: 'h3' } : action)),
  },
  {
    ...LIVE,
    reason: 'the dummy stands on another host',
    codes: ['DummyMac', 'MissingUndo', 'WrongHost', 'WrongUndo'],
    corrupt: changeStep('upf.1/commission/n3', (step) => ({
      actions: step.actions.map((action) => (action.kind === 'commission' ? { ...action, host: 'h3' } : action)),
    })),
  },
  {
    ...LIVE,
    reason: 'the migration brings no devices',
    codes: ['WrongDevice'],
    corrupt: changeActions((action) => (action.kind === 'migrate' ? { ...action, devices: [] } : action)),
  },
  {
    ...LIVE,
    reason: 'another machine is migrated',
    codes: ['WrongAction'],
    corrupt: changeActions((action) => (action.kind === 'migrate' ? { ...action, machine: 'amf' } : action)),
  },
  {
    ...LIVE,
    reason: 'a step does what it is not for',
    codes: ['MissingAction', 'WrongAction'],
    corrupt: changeStep('upf.1/announce/n3', () => ({
      actions: [{ port: 'hypervisor', kind: 'stop', machine: 'upf', host: 'h2' }],
    })),
  },
  {
    ...LIVE,
    reason: 'the dummy is commissioned and not held in the ledger',
    codes: ['MissingAction'],
    corrupt: changeStep('upf.1/commission/n3', (step) => ({ actions: step.actions.slice(0, 1) })),
  },
  {
    ...LIVE,
    reason: 'another device is released at the source',
    codes: ['MissingAction', 'MissingRelease', 'WrongDevice'],
    corrupt: changeStep('upf.1/release/n3', (step) => ({
      actions: step.actions.map((action) => ('device' in action ? { ...action, device: '0000:16:01.3' } : action)),
    })),
  },
  {
    ...LIVE,
    reason: 'the VF gets another MAC',
    codes: ['WrongMac'],
    corrupt: changeActions((action) =>
      action.kind === 'set-vf'
        ? { ...action, attributes: { ...action.attributes, adminMac: '52:54:00:00:00:09' } }
        : action,
    ),
  },
  {
    ...LIVE,
    reason: 'the machine is migrated twice in one step',
    codes: ['RepeatedAction', 'WrongActionOrder'],
    corrupt: changeStep('upf.1/migrate', (step) => ({ actions: [...step.actions, ...step.actions.slice(0, 1)] })),
  },
  {
    ...LIVE,
    reason: 'the VF is reserved twice',
    codes: ['RepeatedAction'],
    corrupt: changeStep('upf.1/reserve/n3', (step) => ({ actions: [...step.actions, ...step.actions] })),
  },
  {
    ...LIVE,
    reason: 'the attributes of the VF are not set',
    codes: ['MissingAction', 'WrongUndo'],
    corrupt: changeStep('upf.1/reconfigure/n3', (step) => ({
      actions: step.actions.filter((action) => action.kind !== 'set-vf'),
    })),
  },
  {
    ...LIVE,
    reason: 'the machine is not told of its replacement',
    codes: ['MissingAction', 'WrongUndo'],
    corrupt: changeStep('upf.1/reconfigure/n3', (step) => ({
      actions: step.actions.filter((action) => action.kind !== 'reconfigure'),
    })),
  },
  {
    ...LIVE,
    reason: 'the machine is told of another replacement',
    codes: ['WrongDevice'],
    corrupt: changeStep('upf.1/reconfigure/n3', (step) => ({
      actions: step.actions.map((action) =>
        action.kind === 'reconfigure'
          ? { ...action, replacements: [{ claim: 'n3', host: 'h2', device: '0000:16:01.3' }] }
          : action,
      ),
    })),
  },
  {
    ...LIVE,
    reason: 'the released VF keeps its attributes',
    codes: ['MissingAction'],
    corrupt: changeStep('upf.1/release/n3', (step) => ({
      actions: step.actions.filter((action) => action.kind !== 'reset-vf'),
    })),
  },
  {
    ...LIVE,
    reason: 'the ledger writes down another move',
    codes: ['MissingUndo', 'WrongAction', 'WrongUndo'],
    corrupt: changeStep('upf.1/reserve/n3', (step) => ({
      actions: step.actions.map((action) => (action.port === 'ledger' ? { ...action, move: 'upf.9' } : action)),
    })),
  },
  {
    reason: 'a detached device comes back to another place in the guest',
    codes: ['MissingUndo', 'WrongUndo'],
    ...HOTPLUG,
    corrupt: changeStep('upf.1/detach/n3', (step) => ({
      undo: step.undo.map((action) => ({ ...action, guestAddress: '0000:00:1f.0' })),
    })),
  },
  {
    ...COLD,
    reason: 'a stopped machine comes back with devices of the target',
    codes: ['MissingUndo', 'WrongUndo'],
    corrupt: changeStep('upf.1/stop', (step) => ({
      undo: step.undo.map((action) =>
        action.kind === 'start'
          ? {
              ...action,
              definition: {
                ...action.definition,
                devices: action.definition.devices.map((each) => ({ ...each, device: '0000:16:01.3' })),
              },
            }
          : action,
      ),
    })),
  },
  {
    ...LIVE,
    reason: 'a failed reservation would stop the machine',
    codes: ['WrongUndo'],
    corrupt: changeStep('upf.1/reserve/n3', (step) => ({
      undo: [...step.undo, { port: 'hypervisor', kind: 'stop', machine: 'upf', host: 'h1' }],
    })),
  },
  {
    ...HOTPLUG,
    reason: 'a device moves inside the guest',
    codes: ['WrongGuestAddress'],
    corrupt: changeActionsOf('upf.1/attach/n3', (action) =>
      action.kind === 'attach' ? { ...action, guestAddress: '0000:00:1f.0' } : action,
    ),
  },
  {
    ...LIVE,
    reason: 'the machine gets a device for a claim that it has not',
    codes: ['WrongAction'],
    corrupt: changeActionsOf('upf.1/migrate', (action) =>
      action.port === 'ledger' ? { ...action, claim: 'other' } : action,
    ),
  },
  {
    ...LIVE,
    reason: 'the dummy carries the MAC of the machine',
    codes: ['DummyMac'],
    corrupt: dummyMac('52:54:00:00:00:00'),
  },
];

describe('replay refuses a plan whose actions are not those of its moves', () => {
  it.each(cases)('because $reason', (refusal) => {
    expect(codesOf(refusal)).toEqual(refusal.codes);
  });
});
