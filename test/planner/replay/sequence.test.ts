import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../src/model/index.js';
import { changeStep, dropDependency, dropStep, swapSteps } from './corrupt.js';
import { codesOf, COLD, HOTPLUG, LIVE } from './refusal-case.js';
import type { RefusalCase } from './refusal-case.js';

function addAttach(plan: Plan): Plan {
  const like = plan.steps.find((step) => step.id === 'upf.1/migrate');
  if (like === undefined) return plan;
  const device = {
    port: 'hypervisor',
    machine: 'upf',
    host: 'h2',
    claim: 'n3',
    device: '0000:16:01.0',
    mac: '52:54:00:00:00:00',
    guestAddress: '0000:00:03.0',
    vlan: null,
  } as const;
  const binding = {
    port: 'ledger',
    kind: 'bind',
    machine: 'upf',
    host: 'h2',
    claim: 'n3',
    device: '0000:16:01.0',
    move: 'upf.1',
  } as const;
  const step = {
    ...like,
    id: 'upf.1/attach/n3',
    kind: 'attach',
    phase: 'complete',
    deadlineSeconds: 60,
    preconditions: [
      { kind: 'machine-on', machine: 'upf', host: 'h2' },
      { kind: 'reserved', host: 'h2', device: '0000:16:01.0', machine: 'upf', claim: 'n3' },
      { kind: 'mac-unique', mac: '52:54:00:00:00:00', machine: 'upf' },
    ],
    dependsOn: ['upf.1/migrate'],
    actions: [{ ...device, kind: 'attach' }, binding],
    undo: [],
  } as const;
  return {
    ...plan,
    steps: [
      ...plan.steps.map((other) => (other.id === 'upf.1/announce/n3' ? { ...other, dependsOn: [step.id] } : other)),
      step,
    ],
  };
}

const cases: readonly RefusalCase[] = [
  {
    ...LIVE,
    reason: 'the dummy is commissioned before the reservation',
    codes: ['WrongOrder'],
    corrupt: swapSteps('upf.1/reserve/n3', 'upf.1/commission/n3'),
  },
  {
    ...LIVE,
    reason: 'the migration does not wait for the dummy to go',
    codes: ['WrongOrder'],
    corrupt: swapSteps('upf.1/decommission/n3', 'upf.1/migrate'),
  },
  {
    ...LIVE,
    reason: 'the dummy goes before the hand-over',
    codes: ['WrongOrder'],
    corrupt: swapSteps('upf.1/hand-over/n3', 'upf.1/decommission/n3'),
  },
  {
    ...LIVE,
    reason: 'forwarding is not ended before the VF is freed',
    codes: ['EarlyRelease'],
    corrupt: changeStep('upf.1/remove-port-profile/n3', () => ({ dependsOn: ['upf.1/forward/n3'] })),
  },
  {
    ...LIVE,
    reason: 'a dependency inside the move is dropped',
    codes: ['WrongOrder'],
    corrupt: dropDependency('upf.1/migrate'),
  },
  {
    ...LIVE,
    reason: 'the source is released before the switch',
    codes: ['EarlyRelease'],
    corrupt: changeStep('upf.1/release/n3', () => ({ dependsOn: ['upf.1/reserve/n3'] })),
  },
  {
    ...LIVE,
    reason: 'the source port is cleared before the announcement',
    codes: ['EarlyRelease'],
    corrupt: changeStep('upf.1/remove-port-profile/n3', () => ({ dependsOn: ['upf.1/migrate'] })),
  },
  { ...LIVE, reason: 'there is no reservation', codes: ['MissingStep'], corrupt: dropStep('upf.1/reserve/n3') },
  {
    ...LIVE,
    reason: 'the dummy is never decommissioned',
    codes: ['MissingStep'],
    corrupt: dropStep('upf.1/decommission/n3'),
  },
  {
    ...LIVE,
    reason: 'the port profile does not come along',
    codes: ['MissingStep'],
    corrupt: dropStep('upf.1/port-profile/n3'),
  },
  { ...LIVE, reason: 'the target is not announced', codes: ['MissingStep'], corrupt: dropStep('upf.1/announce/n3') },
  { ...LIVE, reason: 'nothing is forwarded', codes: ['MissingStep'], corrupt: dropStep('upf.1/forward/n3') },
  {
    ...LIVE,
    reason: 'the source VF is never released',
    codes: ['MissingRelease', 'MissingStep'],
    corrupt: dropStep('upf.1/release/n3'),
  },
  {
    ...HOTPLUG,
    reason: 'the device is attached before the machine arrives',
    codes: ['EarlyRelease', 'WrongOrder'],
    corrupt: changeStep('upf.1/attach/n3', () => ({ dependsOn: ['upf.1/detach/n3'] })),
  },
  {
    ...COLD,
    reason: 'the source is undefined before the target runs',
    codes: ['EarlyRelease'],
    corrupt: changeStep('upf.1/undefine', () => ({ dependsOn: ['upf.1/stop'] })),
  },
  {
    ...LIVE,
    reason: 'a profile that was written before stays on the old port',
    codes: ['MissingAction'],
    observe: (world) => ({
      ...world,
      switchPorts: world.switchPorts.map((port) => ({
        ...port,
        profiles: port.profiles.map((entry) => ({ ...entry, profile: 'old' })),
      })),
    }),
  },
  { ...COLD, reason: 'a cold move stops nothing', codes: ['MissingStep'], corrupt: dropStep('upf.1/stop') },
  {
    ...LIVE,
    reason: 'a live move plugs the device as well',
    codes: ['UnexpectedStep'],
    corrupt: (plan) => addAttach(plan),
  },
  {
    ...LIVE,
    reason: 'a step is named after another claim',
    codes: ['MissingStep', 'UnexpectedStep'],
    corrupt: (plan) => {
      const renamed = changeStep('upf.1/unforward/n3', () => ({ id: 'upf.1/unforward/n6' }))(plan);
      const changed = changeStep('upf.1/remove-port-profile/n3', () => ({ dependsOn: ['upf.1/forward/n3'] }))(renamed);
      return { ...changed, waves: [] };
    },
  },
];

describe('replay refuses a plan whose steps are in no safe order', () => {
  it.each(cases)('because $reason', (refusal) => {
    expect(codesOf(refusal)).toEqual(refusal.codes);
  });
});
