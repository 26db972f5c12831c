import { isActive } from '../../model/index.js';
import type { ClusterState } from './state.js';

/** Presence that ended longer ago is forgotten: no load policy looks back further. */
const KEPT_MS = 24 * 3_600_000;

/** Brings the record of who was where in line with who is where. */
export function settlePresence(state: ClusterState): void {
  const active = state.machines.filter(isActive);
  const is = (machine: string, host: string): boolean =>
    active.some((other) => other.name === machine && other.host === host);
  const kept = state.presence
    .map((entry) => (entry.to === null && !is(entry.machine, entry.host) ? { ...entry, to: state.at } : entry))
    .filter((entry) => entry.to === null || entry.to > state.at - KEPT_MS);
  const known = (machine: string, host: string): boolean =>
    kept.some((entry) => entry.to === null && entry.machine === machine && entry.host === host);
  const come = active.filter((machine) => !known(machine.name, machine.host));
  state.presence = [
    ...kept,
    ...come.map((machine) => ({ machine: machine.name, host: machine.host, from: state.at, to: null })),
  ];
}
