import { isActive } from '../../model/index.js';
import type { Assignment, Move, PlannedAssignment, Problem } from '../../model/index.js';
import { actBefore, groupBy, violation } from './story.js';
import type { Act, Story } from './story.js';

/** Each machine's moves form one way from where it really is, one move after the other, keeping what it owns. */
export function checkJourneys(story: Story): readonly Problem[] {
  return [...groupBy(story.acts, (act) => act.move.machine).values()].flatMap((acts) => checkJourney(story, acts));
}

function checkJourney(story: Story, acts: readonly Act[]): readonly Problem[] {
  const first = acts[0];
  if (first === undefined) return [];
  const machine = story.desiredMachines.get(first.move.machine);
  if (machine === undefined) {
    return [violation('UnknownMachine', first.move, `${first.move.machine} is not written in Git`)];
  }
  const copies = story.copies.get(machine.name) ?? [];
  if (copies.length > 1) {
    return [violation('TwoCopies', first.move, `${machine.name} has ${copies.length} copies`)];
  }
  const problems: Problem[] = [];
  if (machine.suspended) problems.push(violation('MachineSuspended', first.move, `${machine.name} is suspended`));
  const copy = copies.find(isActive) ?? null;
  if (copy !== null && copy.job !== null)
    problems.push(violation('MoveInFlight', first.move, `${machine.name} is on its way to ${copy.job.to}`));

  let host = copy?.host ?? null;
  let devices: readonly (Assignment | PlannedAssignment)[] = copy?.assignments ?? [];
  for (const [index, act] of acts.entries()) {
    const { move } = act;
    if (move.id !== `${move.machine}.${index + 1}`)
      problems.push(violation('WrongMoveId', move, `it is number ${index + 1} of its machine`));
    if (move.from !== host)
      problems.push(
        violation(
          'WrongSource',
          move,
          `it starts from ${move.from ?? 'nowhere'}, the machine is on ${host ?? 'no host'}`,
        ),
      );
    if (move.from === move.to) problems.push(violation('WrongTarget', move, 'it ends where it starts'));
    problems.push(...keptDevices(move, devices));
    const next = acts[index + 1];
    if (next !== undefined && !actBefore(story, act, next)) {
      problems.push(violation('WrongOrder', next.move, `it does not wait for all of ${move.id}`));
    }
    host = move.to;
    devices = move.assignments;
  }
  return problems;
}

function keptDevices(move: Move, before: readonly (Assignment | PlannedAssignment)[]): readonly Problem[] {
  const problems: Problem[] = [];
  for (const old of before) {
    const kept = move.assignments.find((assignment) => assignment.claim === old.claim);
    const device = 'to' in old ? old.to : old.device;
    if (kept === undefined) {
      problems.push(violation('MissingClaim', move, `${old.claim} (${device}) is left behind`));
      continue;
    }
    if (kept.from !== device)
      problems.push(
        violation('WrongSource', move, `${old.claim} gives up ${kept.from ?? 'nothing'}, it has ${device}`),
      );
    if (kept.mac !== old.mac)
      problems.push(violation('WrongMac', move, `${old.claim} changes its MAC to ${kept.mac ?? 'none'}`));
    if (kept.guestAddress !== old.guestAddress) {
      problems.push(
        violation('WrongGuestAddress', move, `${old.claim} moves to ${kept.guestAddress} inside the guest`),
      );
    }
  }
  return problems;
}
