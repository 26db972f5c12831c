import type { MachineView, View } from '../view.js';

/**
 * The only host on which a stopped machine may start, null where it is free: there its disks are, and no second definition comes to stand
 * elsewhere. When that host is gone, a machine whose disks are shared starts wherever there is room.
 */
export function definedOn(view: View, machine: MachineView): string | null {
  const stopped = machine.running === null ? machine.copies.find((copy) => copy.state === 'stopped') : undefined;
  if (stopped === undefined) return null;
  const lost = view.observedHosts.get(stopped.host)?.state === 'down';
  return lost && machine.desired.sharedDisks ? null : stopped.host;
}
