import type { Move, Problem, Step, StepKind } from '../../model/index.js';
import { actOrder } from './act-order.js';
import { shownProfiles, stepOf, violation } from './story.js';
import type { Act, Story } from './story.js';

/** The step that takes the machine to the target: what comes before it can be undone, what comes after it goes forward. */
export function switchKind(move: Move): 'migrate' | 'start' {
  return move.from === null || move.strategy === 'cold' ? 'start' : 'migrate';
}

/** The claim that a step is about, empty for a step of the whole move; null when the id is not built as it must be. */
export function claimOf(step: Step): string | null {
  const stem = `${step.move}/${step.kind}`;
  if (step.id === stem) return '';
  return step.id.startsWith(`${stem}/`) ? step.id.slice(stem.length + 1) : null;
}

/** The move has every step that its strategy needs, no other, and they wait for each other as they must. */
export function checkSequence(story: Story, act: Act): readonly Problem[] {
  const { move } = act;
  const problems: Problem[] = [];
  const numbers = new Map<string, number>();
  for (const number of act.steps) {
    const step = stepOf(story, number);
    const claim = claimOf(step);
    if (claim === null) problems.push(violation('WrongStepId', move, `step ${step.id} is not named after its kind`));
    else numbers.set(nameOf(step.kind, claim), number);
  }

  const needed = neededSteps(story, move);
  for (const name of needed) {
    if (!numbers.has(name)) problems.push(violation('MissingStep', move, `there is no step ${name}`));
  }
  for (const name of numbers.keys()) {
    if (!needed.has(name)) problems.push(violation('UnexpectedStep', move, `step ${name} is none of ${move.strategy}`));
  }

  const before = actOrder(story.graph, act);
  const claims = move.assignments.length === 0 ? [''] : move.assignments.map((assignment) => assignment.claim);
  for (const [earlier, later] of precedence(move)) {
    for (const claim of claims) {
      const first = numbers.get(nameOf(earlier, claim)) ?? numbers.get(earlier);
      const second = numbers.get(nameOf(later, claim)) ?? numbers.get(later);
      if (first === undefined || second === undefined || before(first, second)) continue;
      const message = `${stepOf(story, second).id} does not wait for ${stepOf(story, first).id}`;
      problems.push(violation(FREEING.has(later) ? 'EarlyRelease' : 'WrongOrder', move, message));
    }
  }
  return problems;
}

/** Steps that give up something of the source. */
const FREEING: ReadonlySet<StepKind> = new Set<StepKind>(['release', 'remove-port-profile', 'undefine']);

type Pairs = readonly (readonly [earlier: StepKind, later: StepKind])[];

function precedence(move: Move): Pairs {
  const goes = switchKind(move);
  return [
    ['reserve', 'commission'],
    ['reserve', 'port-profile'],
    ['reserve', 'reconfigure'],
    ['commission', 'hand-over'],
    ['reconfigure', 'hand-over'],
    ['hand-over', 'decommission'],
    ['commission', goes],
    ['port-profile', goes],
    ['reconfigure', goes],
    ...arrival(move),
    [goes, 'announce'],
    [goes, 'forward'],
    ['forward', 'unforward'],
    ['announce', 'unforward'],
    ['announce', 'remove-port-profile'],
    ['unforward', 'remove-port-profile'],
    [goes, 'undefine'],
    [goes, 'remove-port-profile'],
    ...(['announce', 'forward', 'unforward', 'remove-port-profile', 'attach', 'undefine'] as const).map(
      (kind) => [kind, 'release'] as const,
    ),
    [goes, 'release'],
  ];
}

function arrival(move: Move): Pairs {
  if (move.from === null) return [['decommission', 'start']];
  switch (move.strategy) {
    case 'vfio-live':
    case 'failover':
      return [['decommission', 'migrate']];
    case 'hotplug':
      return [
        ['commission', 'detach'],
        ['reconfigure', 'detach'],
        ['detach', 'migrate'],
        ['migrate', 'hand-over'],
        ['migrate', 'attach'],
        ['decommission', 'attach'],
        ['attach', 'announce'],
      ];
    case 'cold':
      return [
        ['commission', 'stop'],
        ['reconfigure', 'stop'],
        ['stop', 'hand-over'],
        ['stop', 'start'],
        ['decommission', 'start'],
      ];
  }
}

function neededSteps(story: Story, move: Move): ReadonlySet<string> {
  const needed = new Set<string>([switchKind(move)]);
  const moves = move.from !== null;
  if (moves && move.strategy === 'cold') for (const kind of ['stop', 'undefine'] as const) needed.add(kind);
  const machine = story.desiredMachines.get(move.machine);
  const policy = story.desired.migrationPolicies.find((candidate) => candidate.name === machine?.migrationPolicy);
  for (const { claim, mac, to } of move.assignments) {
    const profile = machine?.claims.find((candidate) => candidate.name === claim)?.portProfile ?? null;
    const isVf = story.devices.get(`${move.to}/${to}`)?.function.kind === 'vf';
    const forwards = moves && mac !== null && (policy?.forwardSeconds ?? 0) > 0;
    const kinds: readonly (readonly [StepKind, boolean])[] = [
      ['reserve', true],
      ['commission', true],
      ['port-profile', profile !== null],
      ['reconfigure', moves || isVf],
      ['detach', moves && move.strategy === 'hotplug'],
      ['hand-over', true],
      ['decommission', true],
      ['attach', moves && move.strategy === 'hotplug'],
      ['announce', mac !== null],
      ['forward', forwards],
      ['unforward', forwards],
      ['remove-port-profile', moves && (profile !== null || shownProfiles(story, move, claim).length > 0)],
      ['release', moves],
    ];
    for (const [kind, wanted] of kinds) if (wanted) needed.add(nameOf(kind, claim));
  }
  return needed;
}

function nameOf(kind: StepKind, claim: string): string {
  return claim === '' ? kind : `${kind}/${claim}`;
}
