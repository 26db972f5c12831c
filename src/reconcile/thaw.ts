import { isActive, type World } from '../model/index.js';
import type { JournalEntry, JournalRecord } from '../ports/index.js';
import { freezesIn, openPlansIn, type OpenMove } from './history.js';
import { isBlind } from './observe.js';
import { dangerOf, hostsOf, whereabouts } from './whereabouts.js';

/**
 * What the hosts say now of freezes that stand, for the journal. `thawed`: every machine of which it was unclear where it runs is seen by hosts
 * that answer, once and without anything of a migration left, so that recovery is certain which way to go. Else `frozen` anew for each machine
 * of which the hosts tell something else than before. A machine that ran twice is for a person whatever is seen of it later, and so is one that
 * runs nowhere without its move having stopped it.
 */
export function reconsider(records: readonly JournalRecord[], world: World): readonly JournalEntry[] {
  const freezes = freezesIn(records);
  const open = openPlansIn(records).flatMap(({ moves }) => moves);
  const last = new Map(freezes.map((freeze) => [freeze.machine, freeze] as const));
  const unclear = [...last.values()].map((freeze) => {
    return { freeze, moves: open.filter(({ move }) => move.machine === freeze.machine) };
  });
  const isThawed =
    freezes.length > 0 &&
    freezes.every(({ reason }) => reason === 'UnclearMachine') &&
    unclear.every(({ moves }) => moves.length > 0 && moves.every((known) => isCertain(known, world)));
  if (isThawed) {
    const seen = new Set(unclear.flatMap(({ moves }) => moves.map(({ move }) => whereabouts(move, world))));
    return [{ kind: 'thawed', message: [...seen].join('; ') }];
  }
  return unclear.flatMap(({ freeze, moves }): readonly JournalEntry[] => {
    const move = moves.at(-1)?.move;
    if (move === undefined || freeze.reason !== 'UnclearMachine') return [];
    const isOld = freeze.message.startsWith(whereabouts(move, world));
    return isOld ? [] : [{ kind: 'frozen', ...dangerOf(move, world), machine: move.machine }];
  });
}

/** True when the hosts leave no doubt whether a move goes forward or back. */
function isCertain({ move, begun, undone }: OpenMove, world: World): boolean {
  if (hostsOf(move).some((host) => isBlind(world, host))) return false;
  const copies = world.machines.filter(({ name }) => name === move.machine);
  if (copies.some(({ job, state }) => job !== null || state === 'incoming')) return false;
  const [copy, ...others] = copies.filter(isActive);
  if (others.length > 0) return false;
  const isUntouched = undone.size === 0;
  if (copy === undefined) return move.from === null || (isUntouched && begun.some(({ kind }) => kind === 'stop'));
  return copy.state === 'running' && (copy.host === move.from || (copy.host === move.to && isUntouched));
}
