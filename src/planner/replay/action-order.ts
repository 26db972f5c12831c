import type { Problem } from '../../model/index.js';
import { deed } from './deeds.js';
import { stepOf, violation } from './story.js';
import type { Act, Story } from './story.js';

/**
 * Inside a step, and on its way back, the ledger follows the hardware when something is taken and goes before nothing that still has to be
 * given back: it never says more than is so.
 */
export function checkActionOrder(story: Story, act: Act): readonly Problem[] {
  return act.steps.flatMap((number) => {
    const step = stepOf(story, number);
    return [step.actions, step.undo].flatMap((actions) => {
      const names = actions.map(deed);
      return BEFORE.filter(
        ([earlier, later]) => names.includes(later) && names.lastIndexOf(earlier) > names.indexOf(later),
      ).map(([earlier, later]) =>
        violation('WrongActionOrder', act.move, `step ${step.id} does ${later} before ${earlier}`),
      );
    });
  });
}

/** Of two deeds in one list (`port:kind`), the one that must be done first. */
const BEFORE: readonly (readonly [earlier: string, later: string])[] = [
  ['hypervisor:commission', 'ledger:hold'],
  ['hypervisor:migrate', 'ledger:bind'],
  ['hypervisor:start', 'ledger:bind'],
  ['hypervisor:attach', 'ledger:bind'],
  ['fabric:reset-vf', 'ledger:release'],
  ['hypervisor:stop', 'hypervisor:undefine'],
];
