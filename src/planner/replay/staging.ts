import { canonicalJson } from '../../model/index.js';
import type { Action, Problem, Step } from '../../model/index.js';
import { actOrder } from './act-order.js';
import { stepOf, violation } from './story.js';
import type { Act, Story } from './story.js';

/**
 * What a machine is told of its replacements each time takes the place of what it was told before: so it is told one time after the other,
 * each time of one more, and on the way back of one less.
 */
export function checkStaging(story: Story, act: Act): readonly Problem[] {
  const before = actOrder(story.graph, act);
  const told = act.steps.filter((number) => listIn(stepOf(story, number).actions) !== null);
  const ranked = told.toSorted((a, b) => earlierThan(told, a, before) - earlierThan(told, b, before));
  return ranked.flatMap((number, index) => {
    const step = stepOf(story, number);
    const last = ranked[index - 1];
    if (last !== undefined && !before(last, number)) {
      return [violation('WrongOrder', act.move, `${step.id} does not wait for ${stepOf(story, last).id}`)];
    }
    const known = last === undefined ? [] : (listIn(stepOf(story, last).actions) ?? []);
    return faultsOf(step, known).map((message) => violation('WrongStaging', act.move, `step ${step.id}: ${message}`));
  });
}

function earlierThan(all: readonly number[], one: number, before: (a: number, b: number) => boolean): number {
  return all.filter((other) => before(other, one)).length;
}

function faultsOf(step: Step, known: readonly string[]): readonly string[] {
  const now = listIn(step.actions) ?? [];
  const back = listIn(step.undo);
  return [
    ...(known.every((entry) => now.includes(entry)) ? [] : ['the machine forgets a replacement that it was told of']),
    ...(now.length === known.length + 1 ? [] : ['the machine is not told of one replacement more']),
    ...(back === null || sameList(back, known) ? [] : ['undone, the machine is not told what it was told before']),
  ];
}

/** The replacements that the machine is told of, null when it is told of none. */
function listIn(actions: readonly Action[]): readonly string[] | null {
  const told = actions.find((action) => action.kind === 'reconfigure');
  return told === undefined ? null : told.replacements.map((each) => canonicalJson(each));
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return canonicalJson(a.toSorted()) === canonicalJson(b.toSorted());
}
