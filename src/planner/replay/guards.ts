import { canonicalJson } from '../../model/index.js';
import type { Move, PlannedAssignment, Precondition, Problem, Step, StepKind, StepPhase } from '../../model/index.js';
import { claimOf } from './sequence.js';
import { policyOf, stepOf, violation } from './story.js';
import type { Act, Story } from './story.js';

/** Every step looks before it acts, is undone or finished as its place in the move asks for, and waits neither too short nor too long. */
export function checkGuards(story: Story, act: Act): readonly Problem[] {
  const { move } = act;
  const policy = policyOf(story, act);
  return act.steps.flatMap((number) => {
    const step = stepOf(story, number);
    const problems: Problem[] = [];
    const refuse = (code: string, message: string): void =>
      void problems.push(violation(code, move, `step ${step.id}: ${message}`));

    if (step.subject !== `VirtualMachine/${move.machine}`) refuse('WrongSubject', `it is about ${step.subject}`);
    const phase = phaseOf(move, step.kind);
    if (step.phase !== phase) refuse('WrongPhase', `it belongs to ${phase}, not to ${step.phase}`);
    const stated = new Set(step.preconditions.map(canonicalJson));
    for (const needed of neededFacts(move, step)) {
      if (!stated.has(canonicalJson(needed))) refuse('MissingPrecondition', `it does not make sure of ${told(needed)}`);
    }
    if (policy === undefined) return problems;
    const delay = step.kind === 'unforward' ? policy.forwardSeconds : 0;
    if (step.delaySeconds !== delay) refuse('WrongDelay', `it waits for ${step.delaySeconds} s, not ${delay} s`);
    const deadline = longest(story, act, step);
    if (!(step.deadlineSeconds > 0 && step.deadlineSeconds <= deadline)) {
      refuse('WrongDeadline', `it may take ${step.deadlineSeconds} s, the policy allows ${deadline} s`);
    }
    return problems;
  });
}

/** With `hotplug` the machine is already on the target when the dummy makes room for it. */
function phaseOf(move: Move, kind: StepKind): StepPhase {
  switch (kind) {
    case 'reserve':
    case 'commission':
    case 'port-profile':
    case 'reconfigure':
      return 'prepare';
    case 'detach':
    case 'stop':
    case 'migrate':
    case 'start':
      return 'switch';
    case 'hand-over':
    case 'decommission':
      return move.from !== null && move.strategy === 'hotplug' ? 'complete' : 'switch';
    case 'attach':
    case 'announce':
    case 'forward':
    case 'unforward':
    case 'remove-port-profile':
    case 'undefine':
    case 'release':
      return 'complete';
  }
}

/** The facts without which a step could do harm. More may be stated. */
function neededFacts(move: Move, step: Step): readonly Precondition[] {
  const { machine, from, to } = move;
  const claim = claimOf(step);
  const own = move.assignments.filter((assignment) => claim === '' || assignment.claim === claim);
  const atSource = from === null ? [] : [{ kind: 'machine-on', machine, host: from } as const];
  const atTarget = [{ kind: 'machine-on', machine, host: to } as const];
  const targetUp = [{ kind: 'host-up', host: to } as const];
  const reserved = own.map(
    (each) => ({ kind: 'reserved', host: to, device: each.to, machine, claim: each.claim }) as const,
  );
  const isCarried = step.kind !== 'migrate' || move.strategy !== 'hotplug';
  const arriving = isCarried ? [...reserved, ...own.flatMap((each) => uniqueMac(machine, each))] : [];
  switch (step.kind) {
    case 'reserve':
      return [...targetUp, ...own.flatMap((each) => freeDevices(move, each))];
    case 'commission':
    case 'port-profile':
    case 'hand-over':
    case 'decommission':
      return reserved;
    case 'reconfigure':
      return [...reserved, ...atSource];
    case 'detach':
      return [...atSource, ...own.flatMap((each) => atSourceIs('device-attached', move, each))];
    case 'stop':
      return atSource;
    case 'migrate':
      return [...atSource, ...targetUp, ...arriving];
    case 'start':
      return [{ kind: 'machine-inactive', machine }, ...targetUp, ...arriving];
    case 'attach':
      return [...atTarget, ...arriving];
    case 'announce':
    case 'forward':
    case 'remove-port-profile':
    case 'undefine':
      return atTarget;
    case 'unforward':
      return [];
    case 'release':
      return [...atTarget, ...own.flatMap((each) => atSourceIs('device-detached', move, each))];
  }
}

function freeDevices({ machine, to }: Move, { claim, group }: PlannedAssignment): readonly Precondition[] {
  return group.map((device) => ({ kind: 'device-free', host: to, device, machine, claim }));
}

function atSourceIs(
  kind: 'device-attached' | 'device-detached',
  { machine, from }: Move,
  assignment: PlannedAssignment,
): readonly Precondition[] {
  return from === null || assignment.from === null ? [] : [{ kind, host: from, device: assignment.from, machine }];
}

function uniqueMac(machine: string, { mac }: PlannedAssignment): readonly Precondition[] {
  return mac === null ? [] : [{ kind: 'mac-unique', mac, machine }];
}

function told(fact: Precondition): string {
  const where = 'host' in fact ? ` on ${fact.host}` : '';
  const device = 'device' in fact ? ` of ${fact.device}` : '';
  return `${fact.kind}${device}${where}`;
}

/** The policy's deadline of a step; for a transfer it grows with the memory, written or running, whichever is more. */
function longest(story: Story, act: Act, { kind }: Step): number {
  const policy = policyOf(story, act);
  if (policy === undefined) return 0;
  if (kind !== 'migrate' && kind !== 'start') return policy.stepDeadlineSeconds;
  const { machine } = act.move;
  const sizes = [story.desiredMachines.get(machine), ...(story.copies.get(machine) ?? [])];
  const memoryMiB = Math.max(...sizes.map((size) => size?.memoryMiB ?? 0));
  return Math.ceil(policy.deadline.baseSeconds + (policy.deadline.secondsPerGiB * memoryMiB) / 1024);
}
