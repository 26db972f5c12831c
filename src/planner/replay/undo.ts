import { canonicalJson } from '../../model/index.js';
import type { Action, AttachedDevice, Move, Problem, Step, StepKind } from '../../model/index.js';
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
    const excess = step.undo
      .filter((undo) => !isWayBack(act.move, step, undo))
      .map((undo) =>
        violation('WrongUndo', act.move, `step ${step.id}: ${deed(undo)} takes back nothing that the step does`),
      );
    if (onlyForward) return excess;
    return [...excess, ...missing(act, step), ...definitions(story, act, step)];
  });
}

function missing(act: Act, step: Step): readonly Problem[] {
  return step.actions.flatMap((action) => {
    const back = WAY_BACK[deed(action)];
    if (back === undefined || step.undo.some((undo) => takesBack(act.move, undo, action))) return [];
    return [violation('MissingUndo', act.move, `step ${step.id}: nothing takes back ${deed(action)}`)];
  });
}

/** A start that failed may leave a definition where there was none. Where there was one, it is the machine's only one. */
function definitions(story: Story, { move }: Act, step: Step): readonly Problem[] {
  if (step.kind !== 'start') return [];
  const was = story.world.machines.some(({ name, host }) => name === move.machine && host === move.to);
  const forgets = step.undo.some((undo) => undo.kind === 'undefine');
  if (was !== forgets) return [];
  return was
    ? [violation('WrongUndo', move, `step ${step.id}: ${move.machine} was defined on ${move.to} before`)]
    : [violation('MissingUndo', move, `step ${step.id}: nothing forgets the definition on ${move.to}`)];
}

/** What the undo of a step may do besides the ways back of its actions. */
const ALSO: Readonly<Partial<Record<StepKind, readonly string[]>>> = {
  decommission: ['ledger:hold'],
  start: ['hypervisor:undefine'],
};

function isWayBack(move: Move, step: Step, undo: Action): boolean {
  if ('machine' in undo && undo.machine !== move.machine) return false;
  if (step.actions.some((action) => takesBack(move, undo, action))) return true;
  if (ALSO[step.kind]?.includes(deed(undo)) !== true || !('host' in undo)) return false;
  if (undo.port !== 'ledger') return undo.host === move.to;
  return undo.host === move.to && move.assignments.some(({ group }) => group.includes(undo.device));
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
  'hypervisor:migrate': 'hypervisor:abort',
  'fabric:apply-port-profile': 'fabric:remove-port-profile',
  'fabric:set-vf': 'fabric:reset-vf',
};

/** A mirrored action differs in nothing but its kind; of the others host, device and dummy must agree. */
function takesBack(move: Move, undo: Action, action: Action): boolean {
  if (WAY_BACK[deed(action)] !== deed(undo)) return false;
  if (undo.kind === 'start') return undo.host === move.from && sameDevices(move, undo.definition.devices);
  if (MIRRORED.has(action.kind)) return canonicalJson({ ...undo, kind: '' }) === canonicalJson({ ...action, kind: '' });
  if (undo.kind === 'abort') return undo.host === move.from;
  const host = 'host' in undo && 'host' in action ? undo.host === action.host : true;
  const device = 'device' in undo && 'device' in action ? undo.device === action.device : true;
  const dummy = 'dummy' in undo && 'dummy' in action ? undo.dummy === action.dummy : true;
  return host && device && dummy;
}

const MIRRORED: ReadonlySet<Action['kind']> = new Set<Action['kind']>([
  'reserve',
  'hand-over',
  'detach',
  'apply-port-profile',
]);

/** A machine that starts again on the source has what it had there; in which VLAN, its terms say. */
function sameDevices(move: Move, devices: readonly AttachedDevice[]): boolean {
  const had = move.assignments.flatMap(({ claim, from, mac, guestAddress }) =>
    from === null ? [] : [canonicalJson({ claim, device: from, mac, guestAddress })],
  );
  const gets = devices.map(({ claim, device, mac, guestAddress }) =>
    canonicalJson({ claim, device, mac, guestAddress }),
  );
  return canonicalJson(had.sort()) === canonicalJson(gets.sort());
}
