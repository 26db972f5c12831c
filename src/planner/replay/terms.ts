import { canonicalJson, IDLE_VF } from '../../model/index.js';
import type {
  Action,
  AttachedDevice,
  DesiredMachine,
  DeviceClaim,
  MachineDefinition,
  MigrationPolicy,
  Move,
  Problem,
} from '../../model/index.js';
import { claimOf } from './sequence.js';
import { policyOf, shownProfiles, stepOf, violation } from './story.js';
import type { Act, Story } from './story.js';

/** Whatever an action sets, forth or back, has the value that is written in Git, or a stricter one where stricter is safe. */
export function checkTerms(story: Story, act: Act): readonly Problem[] {
  const machine = story.desiredMachines.get(act.move.machine);
  const policy = policyOf(story, act);
  if (machine === undefined) return [];
  if (policy === undefined)
    return [violation('UnknownPolicy', act.move, `the migration policy ${machine.migrationPolicy} is not written`)];
  return act.steps.flatMap((number) => {
    const step = stepOf(story, number);
    const claim = machine.claims.find(({ name }) => name === claimOf(step));
    const terms: Terms = { story, move: act.move, machine, policy, claim };
    return [...step.actions, ...step.undo].flatMap((action) =>
      breaches(terms, action).map(([code, message]) => violation(code, act.move, `step ${step.id}: ${message}`)),
    );
  });
}

interface Terms {
  readonly story: Story;
  readonly move: Move;
  readonly machine: DesiredMachine;
  readonly policy: MigrationPolicy;
  /** The claim that the step is about; undefined for a step of the whole move. */
  readonly claim: DeviceClaim | undefined;
}

type Breach = readonly [code: string, message: string];

function breaches(terms: Terms, action: Action): readonly Breach[] {
  const { machine, policy, claim } = terms;
  const must = (isMet: boolean, code: string, message: string): readonly Breach[] => (isMet ? [] : [[code, message]]);
  switch (action.kind) {
    case 'set-vf':
      return must(
        claim !== undefined && same({ ...action.attributes, adminMac: null }, { ...claim.attributes, adminMac: null }),
        'WrongAttributes',
        'the VF gets other attributes than those of the claim',
      );
    case 'reset-vf':
      return must(
        same({ ...action.attributes, adminMac: null }, IDLE_VF),
        'WrongAttributes',
        'the VF keeps attributes that an idle one has not',
      );
    case 'remove-port-profile':
      // The switch takes a profile away by its name.
      if (shownProfiles(terms.story, terms.move, claim?.name ?? '').includes(action.profile.name)) return [];
      return must(
        same(action.profile, profileOf(terms)),
        'WrongPortProfile',
        `${action.profile.name} is none of the claim's`,
      );
    case 'apply-port-profile':
      return must(
        same(action.profile, profileOf(terms)),
        'WrongPortProfile',
        `the settings of ${action.profile.name} are not those of the claim's port profile`,
      );
    case 'commission':
      return dummyBreaches(terms, action);
    case 'decommission':
      return must(action.dummy === dummyName(terms), 'WrongDummy', `${action.dummy} is not the dummy of the claim`);
    case 'attach':
    case 'detach':
      return vlanBreaches(machine, [action]);
    case 'migrate':
      return [
        ...vlanBreaches(machine, action.devices),
        ...must(
          action.maxDowntimeMs > 0 && action.maxDowntimeMs <= machine.maxDowntimeMs,
          'WrongDowntime',
          `it may pause for ${action.maxDowntimeMs} ms, the machine for ${machine.maxDowntimeMs} ms`,
        ),
        ...must(
          isWithin(action.bandwidthMibps, policy.bandwidthMibps),
          'WrongBandwidth',
          `it may take ${action.bandwidthMibps} MiB/s, the policy allows ${policy.bandwidthMibps}`,
        ),
        ...must(
          policy.autoConverge || !action.autoConverge,
          'WrongConvergence',
          'it may slow the guest down, which the policy does not allow',
        ),
        ...must(
          action.connections >= 1 && action.connections <= policy.connections,
          'WrongConnections',
          `it copies over ${action.connections} connections, the policy allows ${policy.connections}`,
        ),
      ];
    case 'start':
      return [
        ...vlanBreaches(machine, action.definition.devices),
        ...must(
          same(sizeOf(action.definition), sizeOf(machine)),
          'WrongDefinition',
          'the machine is defined otherwise than it is written',
        ),
      ];
    case 'announce':
      return must(
        claim !== undefined && action.vlan === claim.attributes.vlan,
        'WrongVlan',
        `it announces in VLAN ${action.vlan ?? 'none'}, the claim has ${claim?.attributes.vlan ?? 'none'}`,
      );
    case 'forward':
      return must(
        action.seconds === policy.forwardSeconds,
        'WrongForwarding',
        `it forwards for ${action.seconds} s, the policy says ${policy.forwardSeconds} s`,
      );
    case 'reconfigure':
    case 'abort':
    case 'stop':
    case 'undefine':
    case 'unforward':
    case 'reserve':
    case 'hold':
    case 'hand-over':
    case 'hand-back':
    case 'bind':
    case 'release':
      return [];
  }
}

/** Whatever set a VF's VLAN before, the one that comes with the device is what counts. */
function vlanBreaches({ claims }: DesiredMachine, devices: readonly AttachedDevice[]): readonly Breach[] {
  return devices.flatMap(({ claim, vlan }) => {
    const written = claims.find(({ name }) => name === claim)?.attributes.vlan;
    if (vlan === written) return [];
    return [['WrongVlan', `${claim} comes in VLAN ${vlan ?? 'none'}, the claim has ${written ?? 'none'}`] as const];
  });
}

type Commission = Extract<Action, { readonly kind: 'commission' }>;

function dummyBreaches(terms: Terms, action: Commission): readonly Breach[] {
  const { move, policy, claim } = terms;
  const device = move.assignments.find((assignment) => assignment.claim === claim?.name)?.to;
  const faults: readonly (readonly [boolean, ...Breach])[] = [
    [action.dummy !== dummyName(terms), 'WrongDummy', `${action.dummy} is not the dummy of the claim`],
    [
      action.reservation !== `${move.to}/${device ?? ''}`,
      'WrongDummy',
      `the dummy stands for the reservation ${action.reservation}`,
    ],
    [
      action.ttlSeconds !== policy.reservationTtlSeconds,
      'WrongTtl',
      `the dummy may stand for ${action.ttlSeconds} s, the policy says ${policy.reservationTtlSeconds} s`,
    ],
    [!LOCAL_MAC.test(action.mac), 'DummyMac', `${action.mac} is no temporary address`],
  ];
  return faults.flatMap(([isWrong, ...breach]) => (isWrong ? [breach] : []));
}

/** Locally administered, for one device. */
const LOCAL_MAC = /^[0-9a-f][26ae](:[0-9a-f]{2}){5}$/;

function dummyName({ move, claim }: Terms): string {
  return `berth-dummy-${move.machine}-${claim?.name ?? ''}`;
}

function profileOf({ story, claim }: Terms): unknown {
  const written = story.desired.portProfiles.find((profile) => profile.name === claim?.portProfile);
  if (written === undefined) return null;
  const { name, vlan, trunk, acl, rateMbps } = written;
  return { name, vlan, trunk, acl, rateMbps };
}

/** All of a definition but the devices and the cell, which are the move's. */
function sizeOf(of: Omit<MachineDefinition, 'devices' | 'numaNode'>): unknown {
  const { name, vcpus, memoryMiB, hugepageSizeKiB, isolatedCpus, diskGiB, sharedDisks } = of;
  return { name, vcpus, memoryMiB, hugepageSizeKiB, isolatedCpus, diskGiB, sharedDisks };
}

/** A limit of 0 is none. */
function isWithin(value: number, limit: number): boolean {
  return limit === 0 ? value >= 0 : value > 0 && value <= limit;
}

function same(a: unknown, b: unknown): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
