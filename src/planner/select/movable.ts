import type { LoadPolicy, Refusal, Reservation } from '../../model/index.js';
import { isActive } from '../../model/index.js';
import type { MachineView, View } from '../view.js';
import { isInFlight } from '../view.js';

/** Why a machine must be left alone whatever is wanted, null when it may be moved (or started). */
export function standstill(view: View, machine: MachineView): Refusal | null {
  const refuse = (reason: Refusal['reason'], advice: Refusal['advice'], message: string): Refusal => {
    return { machine: machine.name, reason, message, advice, candidates: [] };
  };
  const active = machine.copies.filter(isActive);
  if (active.length > 1) {
    const hosts = active.map((copy) => copy.host).join(' and ');
    return refuse('Duplicate', 'AskOperator', `${machine.name} runs on ${hosts} at once`);
  }
  if (isInFlight(machine)) return refuse('MoveInFlight', 'Wait', `${machine.name} is being moved already`);
  const silent = silentHost(view, machine);
  if (silent !== null) {
    return refuse('HostUnreachable', 'Wait', `${machine.name} may run on ${silent}, which does not answer`);
  }
  // A suspended policy suspends its machines, too: it is the better answer.
  if (machine.policy.suspended) {
    return refuse('MachineSuspended', 'Wait', `migration policy ${machine.policy.name} is suspended`);
  }
  if (machine.desired.suspended) return refuse('MachineSuspended', 'Wait', `${machine.name} is suspended`);
  return null;
}

/** True for a machine that runs nowhere and is as it shall be: its own document suspends it, and no host went down with it. */
export function isAtRest(view: View, machine: MachineView): boolean {
  const { desired, policy, running } = machine;
  return running === null && desired.suspended && !policy.suspended && !isLost(view, machine);
}

/** Why load relief leaves a machine alone that has moved lately, null when it does not. */
export function coolingDown(view: View, policy: LoadPolicy, machine: MachineView): Refusal | null {
  const last = view.world.lastMoves.filter((entry) => entry.machine === machine.name).map((entry) => entry.at);
  const seconds = (view.world.at - Math.max(...last)) / 1000;
  if (last.length === 0 || seconds >= policy.cooldownSeconds) return null;
  const message = `${machine.name} moved ${Math.round(seconds)} s ago; it is left alone for ${policy.cooldownSeconds} s`;
  return { machine: machine.name, reason: 'Cooldown', message, advice: 'Wait', candidates: [] };
}

/** Whether the machine runs nowhere because its host went down: it did run, and nobody has stopped it. */
export function isLost(view: View, machine: MachineView | undefined): boolean {
  if (machine?.running !== null) return false;
  const isDown = ({ host }: { readonly host: string }) => view.observedHosts.get(host)?.state === 'down';
  return machine.copies.some(isDown) || view.world.reservations.some((entry) => owns(machine, entry) && isDown(entry));
}

/**
 * The host without an answer on which the machine may run; one that is written and that nobody has asked is as silent. Where it is
 * defined, or where the ledger has its devices, it is known to be; one of which nothing is known may run on any silent host.
 */
function silentHost(view: View, machine: MachineView): string | null {
  const running = machine.copies.find((copy) => isActive(copy) && view.observedHosts.get(copy.host)?.state !== 'up');
  if (running !== undefined) return running.host;
  const isSilent = (host: string): boolean => (view.observedHosts.get(host)?.state ?? 'unknown') === 'unknown';
  const entries = machine.running === null ? view.world.reservations.filter((entry) => owns(machine, entry)) : [];
  const homes = [...machine.copies, ...entries].map(({ host }) => host);
  return (homes.length > 0 ? homes : [...view.observedHosts.keys(), ...view.hosts.keys()]).find(isSilent) ?? null;
}

function owns({ name }: MachineView, entry: Reservation): boolean {
  return entry.machine === name && entry.phase !== 'Released';
}
