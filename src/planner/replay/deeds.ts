import { deviceKey } from '../../model/index.js';
import type {
  Action,
  AttachedDevice,
  Bdf,
  LedgerAction,
  Move,
  PlannedAssignment,
  Problem,
  Step,
  StepKind,
} from '../../model/index.js';
import { claimOf } from './sequence.js';
import { shownProfiles, stepOf, violation } from './story.js';
import type { Act, Story } from './story.js';

/** Every action does to the right machine, host and device what its step is named for, and no step leaves some of it out. */
export function checkDeeds(story: Story, act: Act): readonly Problem[] {
  return act.steps.flatMap((number) => {
    const step = stepOf(story, number);
    return [
      ...missing(story, act.move, step),
      ...repeated(act.move, step),
      ...step.actions.flatMap((action) => misdeeds(story, act.move, step, action)),
    ];
  });
}

/** What each kind of step must do (`port:kind`), and what it may do besides. */
const DEEDS: Readonly<Record<StepKind, { readonly must: readonly string[]; readonly may: readonly string[] }>> = {
  reserve: { must: ['ledger:reserve'], may: [] },
  commission: { must: ['hypervisor:commission', 'ledger:hold'], may: [] },
  'port-profile': { must: ['fabric:apply-port-profile'], may: [] },
  reconfigure: { must: [], may: ['fabric:set-vf', 'hypervisor:reconfigure'] },
  detach: { must: ['hypervisor:detach'], may: [] },
  stop: { must: ['hypervisor:stop'], may: [] },
  'hand-over': { must: ['ledger:hand-over'], may: [] },
  decommission: { must: ['hypervisor:decommission'], may: [] },
  migrate: { must: ['hypervisor:migrate'], may: ['ledger:bind'] },
  start: { must: ['hypervisor:start'], may: ['ledger:bind'] },
  attach: { must: ['hypervisor:attach', 'ledger:bind'], may: [] },
  announce: { must: ['fabric:announce'], may: [] },
  forward: { must: ['fabric:forward'], may: [] },
  unforward: { must: ['fabric:unforward'], may: [] },
  'remove-port-profile': { must: ['fabric:remove-port-profile'], may: [] },
  undefine: { must: ['hypervisor:undefine'], may: [] },
  release: { must: ['ledger:release'], may: ['fabric:reset-vf'] },
};

function missing(story: Story, move: Move, step: Step): readonly Problem[] {
  const done = new Set(step.actions.map(deed));
  const absent: string[] = [...DEEDS[step.kind].must, ...dueDeeds(story, move, step)].filter((name) => !done.has(name));
  const report = (what: string): Problem => violation('MissingAction', move, `step ${step.id} lacks ${what}`);
  if (step.kind === 'remove-port-profile') absent.push(...keptProfiles(story, move, step));
  const claims =
    claimOf(step) === '' ? move.assignments : move.assignments.filter(({ claim }) => claim === claimOf(step));
  const covered = LEDGER_OF[step.kind];
  if (covered === undefined || (step.kind === 'migrate' && move.strategy === 'hotplug')) return absent.map(report);
  const devices = new Set(
    step.actions.flatMap((action) => (deed(action) === covered && 'device' in action ? [action.device] : [])),
  );
  const wanted = claims.flatMap(({ group, from }) => (step.kind === 'release' ? (from === null ? [] : [from]) : group));
  return [...absent, ...wanted.filter((device) => !devices.has(device)).map((device) => `${covered} of ${device}`)].map(
    report,
  );
}

/** Whatever the old port has for the claim goes, also what was written before. */
function keptProfiles(story: Story, move: Move, step: Step): readonly string[] {
  const gone = step.actions.flatMap((action) => (action.kind === 'remove-port-profile' ? [action.profile.name] : []));
  const shown = shownProfiles(story, move, claimOf(step) ?? '');
  return shown.filter((name) => !gone.includes(name)).map((name) => `the removal of ${name}`);
}

/** What a step must do because of its devices: only a VF has attributes, only a machine that runs is told of replacements. */
function dueDeeds(story: Story, move: Move, step: Step): readonly string[] {
  const assignment = move.assignments.find(({ claim }) => claim === claimOf(step));
  const isVf = (host: string | null, device: Bdf | null | undefined): boolean =>
    story.devices.get(`${host ?? ''}/${device ?? ''}`)?.function.kind === 'vf';
  if (step.kind === 'release') return isVf(move.from, assignment?.from) ? ['fabric:reset-vf'] : [];
  if (step.kind !== 'reconfigure') return [];
  return [
    ...(isVf(move.to, assignment?.to) ? ['fabric:set-vf'] : []),
    ...(move.from === null ? [] : ['hypervisor:reconfigure']),
  ];
}

/** A step does each thing once; in the ledger, once for each device, at a port once for each profile. */
function repeated(move: Move, step: Step): readonly Problem[] {
  return [step.actions, step.undo].flatMap((actions) => {
    const what = (action: Action): string =>
      action.port === 'ledger' ? ` of ${action.device}` : 'profile' in action ? ` of ${action.profile.name}` : '';
    const names = actions.map((action) => `${deed(action)}${what(action)}`);
    const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
    return [...twice].map((name) => violation('RepeatedAction', move, `step ${step.id} does ${name} more than once`));
  });
}

/** The transition of the ledger that a step makes for every device that it covers. */
const LEDGER_OF: Readonly<Partial<Record<StepKind, string>>> = {
  reserve: 'ledger:reserve',
  commission: 'ledger:hold',
  'hand-over': 'ledger:hand-over',
  migrate: 'ledger:bind',
  start: 'ledger:bind',
  attach: 'ledger:bind',
  release: 'ledger:release',
};

/** `port:kind`, the name of what an action does. */
export function deed(action: Action): string {
  return `${action.port}:${action.kind}`;
}

function misdeeds(story: Story, move: Move, step: Step, action: Action): readonly Problem[] {
  const { must, may } = DEEDS[step.kind];
  const report = (code: string, message: string): Problem => violation(code, move, `step ${step.id}: ${message}`);
  if (!must.includes(deed(action)) && !may.includes(deed(action))) {
    return [report('WrongAction', `${deed(action)} is not what the step is for`)];
  }
  const atSource = SOURCE_SIDE.has(step.kind);
  const problems: Problem[] = [];
  if ('machine' in action && action.machine !== move.machine)
    problems.push(report('WrongAction', `${deed(action)} is about ${action.machine}`));
  const host = atSource || action.kind === 'reconfigure' ? move.from : move.to;
  if ('host' in action && action.host !== host)
    problems.push(report('WrongHost', `${deed(action)} goes to ${action.host}`));
  if ('from' in action && (action.from !== move.from || action.to !== move.to)) {
    problems.push(report('WrongHost', `${deed(action)} goes from ${action.from} to ${action.to}`));
  }
  const assignment = move.assignments.find(({ claim }) => claim === claimOf(step));
  if (assignment !== undefined) {
    const own = atSource ? groupOf(story, move.from ?? '', assignment.from ?? '') : assignment.group;
    problems.push(...wrongDevice(assignment, own, action, report));
  }
  if (assignment === undefined && action.port === 'ledger') problems.push(...wrongClaim(move, action, report));
  if (action.port === 'ledger' && action.move !== move.id)
    problems.push(report('WrongAction', `${deed(action)} is for the move ${action.move}`));
  if (action.kind === 'reconfigure') {
    const known = new Set(move.assignments.map((each) => `${each.claim} ${move.to}/${each.to}`));
    const told = action.replacements.map((each) => `${each.claim} ${each.host}/${each.device}`);
    if (told.some((name) => !known.has(name)) || !action.replacements.some((each) => each.claim === claimOf(step)))
      problems.push(report('WrongDevice', 'the machine is told of other replacements than the move’s'));
  }
  return [...problems, ...wrongDevices(move, action, report)];
}

const SOURCE_SIDE: ReadonlySet<StepKind> = new Set<StepKind>([
  'detach',
  'stop',
  'remove-port-profile',
  'undefine',
  'release',
]);

type Report = (code: string, message: string) => Problem;

/** The functions of a device's IOMMU group: they come and go together. */
function groupOf(story: Story, host: string, device: Bdf): readonly Bdf[] {
  const group = story.devices.get(deviceKey({ host, device }))?.iommuGroup;
  const members = story.hosts.get(host)?.devices.filter((other) => other.iommuGroup === group) ?? [];
  return members.map((member) => member.bdf);
}

function wrongDevice(
  assignment: PlannedAssignment,
  own: readonly Bdf[],
  action: Action,
  report: Report,
): readonly Problem[] {
  const problems: Problem[] = [];
  if ('claim' in action && action.claim !== assignment.claim) {
    problems.push(report('WrongAction', `it is about the claim ${action.claim}`));
  }
  // Only the ledger knows the companions of a device in its IOMMU group.
  const allowed =
    action.port === 'ledger' ? own : own.filter((device) => [assignment.to, assignment.from].includes(device));
  if ('device' in action && !allowed.includes(action.device)) {
    problems.push(report('WrongDevice', `${deed(action)} is about ${action.device}`));
  }
  if (action.kind === 'commission' && !sameSet(action.devices, assignment.group)) {
    problems.push(
      report('WrongDevice', `the dummy holds ${action.devices.join(', ')}, not ${assignment.group.join(', ')}`),
    );
  }
  if ('mac' in action && action.kind !== 'commission' && action.mac !== assignment.mac) {
    problems.push(
      report('WrongMac', `${deed(action)} carries ${action.mac ?? 'no MAC'}, not ${assignment.mac ?? 'none'}`),
    );
  }
  if ('guestAddress' in action && action.guestAddress !== assignment.guestAddress) {
    problems.push(report('WrongGuestAddress', `${deed(action)} puts it at ${action.guestAddress} inside the guest`));
  }
  // The address is on the source's VF until the machine arrives, and the hypervisor brings it along.
  if (action.kind === 'set-vf' && action.attributes.adminMac !== null) {
    problems.push(report('WrongMac', `the VF gets ${action.attributes.adminMac} before the machine arrives`));
  }
  if (action.kind === 'reset-vf' && action.attributes.adminMac !== null) {
    problems.push(report('WrongMac', `the idle VF keeps the MAC ${action.attributes.adminMac}`));
  }
  return problems;
}

/** In a step of the whole move the ledger is told claim by claim. */
function wrongClaim(move: Move, action: LedgerAction, report: Report): readonly Problem[] {
  const owner = move.assignments.find(({ group }) => group.includes(action.device));
  if (owner?.claim === action.claim) return [];
  return [report('WrongAction', `${deed(action)} gives ${action.device} to the claim ${action.claim}`)];
}

function wrongDevices(move: Move, action: Action, report: Report): readonly Problem[] {
  if (action.kind !== 'migrate' && action.kind !== 'start') return [];
  const problems: Problem[] = [];
  const devices = action.kind === 'migrate' ? action.devices : action.definition.devices;
  const expected = action.kind === 'migrate' && move.strategy === 'hotplug' ? [] : move.assignments;
  const name = (entry: Omit<AttachedDevice, 'device' | 'vlan'>, device: string): string =>
    [entry.claim, device, entry.mac, entry.guestAddress].join(' ');
  if (
    !sameSet(
      devices.map((entry) => name(entry, entry.device)),
      expected.map((entry) => name(entry, entry.to)),
    )
  ) {
    problems.push(report('WrongDevice', `${deed(action)} brings other devices than the move's`));
  }
  const node = action.kind === 'migrate' ? action.numaNode : action.definition.numaNode;
  if (node !== move.numaNode)
    problems.push(report('WrongAction', `${deed(action)} pins to another cell than the move's`));
  if (action.kind === 'migrate' && action.strategy !== move.strategy) {
    problems.push(report('WrongAction', `it migrates by ${action.strategy}, not ${move.strategy}`));
  }
  if (action.kind === 'start' && action.definition.name !== move.machine) {
    problems.push(report('WrongAction', `it defines ${action.definition.name}`));
  }
  return problems;
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && new Set([...a, ...b]).size === new Set(a).size;
}
