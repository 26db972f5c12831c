import type { Action, Problem } from '../../model/index.js';
import { actOrder } from './act-order.js';
import { deed } from './deeds.js';
import { stepOf, violation } from './story.js';
import { switchKind } from './sequence.js';
import type { Act, Story } from './story.js';

/** Whatever a move does before its machine runs on the target can be taken back. */
export function checkUndo(story: Story, act: Act): readonly Problem[] {
  const before = actOrder(story.graph, act);
  const goes = act.steps.find((number) => stepOf(story, number).kind === switchKind(act.move));
  return act.steps.flatMap((number) => {
    const step = stepOf(story, number);
    const onlyForward = goes !== undefined && before(goes, number);
    const firstStart = step.kind === 'start' && act.move.from === null;
    if (onlyForward || firstStart) return [];
    return step.actions.flatMap((action) => {
      const back = WAY_BACK[deed(action)];
      if (back === undefined || step.undo.some((undo) => deed(undo) === back && sameTarget(undo, action))) return [];
      return [violation('MissingUndo', act.move, `step ${step.id}: nothing takes back ${deed(action)}`)];
    });
  });
}

/** What takes an action back; an action that is not here leaves nothing to take back. */
const WAY_BACK: Readonly<Record<string, string>> = {
  'ledger:reserve': 'ledger:release',
  'ledger:hand-over': 'ledger:hand-back',
  'hypervisor:commission': 'hypervisor:decommission',
  'hypervisor:decommission': 'hypervisor:commission',
  'hypervisor:reconfigure': 'hypervisor:reconfigure',
  'hypervisor:detach': 'hypervisor:attach',
  'hypervisor:stop': 'hypervisor:start',
  'hypervisor:start': 'hypervisor:stop',
  'fabric:apply-port-profile': 'fabric:remove-port-profile',
  'fabric:set-vf': 'fabric:reset-vf',
};

function sameTarget(a: Action, b: Action): boolean {
  const host = 'host' in a && 'host' in b ? a.host === b.host : true;
  const device = 'device' in a && 'device' in b ? a.device === b.device : true;
  const dummy = 'dummy' in a && 'dummy' in b ? a.dummy === b.dummy : true;
  return host && device && dummy;
}
