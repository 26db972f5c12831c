import { settlePresence } from './presence.js';
import type { Scenario } from './scenario.js';
import type { ClusterState } from './state.js';

/** A scenario's cluster at its start; its machines have been there as long as load is recorded. */
export function firstState(scenario: Scenario): ClusterState {
  const state: ClusterState = {
    at: scenario.startsAt - scenario.historySeconds * 1000,
    hosts: scenario.hosts,
    machines: scenario.machines,
    dummies: [],
    migrations: [],
    ports: scenario.ports,
    forwards: [],
    epochs: {},
    preparedFor: {},
    presence: [],
    loadChanges: [],
    announcementsToLose: 0,
    migrationsBegun: 0,
  };
  settlePresence(state);
  return { ...state, at: scenario.startsAt };
}
