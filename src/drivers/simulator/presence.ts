import { isActive } from '../../model/index.js';
import type { ClusterState } from './state.js';

/** Presence that ended longer ago is forgotten: no load policy looks back further. */
const KEPT_MS = 24 * 3_600_000;

/** Brings the record of who was where in line with who is where. */
export function settlePresence(state: ClusterState): void {
  const active = new Set(state.machines.filter(isActive).map(({ name, host }) => key(name, host)));
  const kept = state.presence
    .map((entry) =>
      entry.to === null && !active.has(key(entry.machine, entry.host)) ? { ...entry, to: state.at } : entry,
    )
    .filter((entry) => entry.to === null || entry.to > state.at - KEPT_MS);
  const known = new Set(kept.filter((entry) => entry.to === null).map((entry) => key(entry.machine, entry.host)));
  const come = state.machines.filter((machine) => isActive(machine) && !known.has(key(machine.name, machine.host)));
  state.presence = [
    ...kept,
    ...come.map((machine) => ({ machine: machine.name, host: machine.host, from: state.at, to: null })),
  ];
}

function key(machine: string, host: string): string {
  return `${machine}\n${host}`;
}
