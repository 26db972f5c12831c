import type { Desired, World } from '../model/index.js';
import { standstill } from './select/movable.js';
import type { MachineView, View } from './view.js';
import { viewOf } from './view.js';

/** Why nobody can tell whether a machine runs: a host on which it may run does not answer. Null when that is known. */
export function silenceAbout(view: View, machine: MachineView): string | null {
  // A move that is under way does not make the host speak.
  const settled = { ...machine, open: [], copies: machine.copies.filter(({ state }) => state !== 'incoming') };
  const standing = standstill(view, settled);
  return standing?.reason === 'HostUnreachable' ? standing.message : null;
}

/** The same of all machines that are written, by name. */
export function silencesIn(desired: Desired, world: World): ReadonlyMap<string, string> {
  const view = viewOf(desired, world);
  return new Map(
    [...view.machines.values()].flatMap((machine) => {
      const silence = silenceAbout(view, machine);
      return silence === null ? [] : [[machine.name, silence] as const];
    }),
  );
}
