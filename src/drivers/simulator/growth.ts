import { settlePresence } from './presence.js';
import type { Scenario } from './scenario.js';
import type { ClusterState } from './state.js';

/** The scenario of a cluster that lives already, with the hosts that `given` has beyond those that the cluster has. */
export function joined(kept: Scenario, given: Scenario, { hosts }: Pick<ClusterState, 'hosts'>): Scenario {
  const known = new Set(hosts.map(({ name }) => name));
  const isNew = (host: string): boolean => !known.has(host);
  return {
    ...kept,
    hosts: [...kept.hosts, ...given.hosts.filter(({ name }) => isNew(name))],
    machines: [...kept.machines, ...given.machines.filter(({ host }) => isNew(host))],
    ports: [...kept.ports, ...given.ports.filter(({ host }) => isNew(host))],
    latencies: [...kept.latencies, ...given.latencies.filter(({ host }) => isNew(host))],
    loads: { ...given.loads, ...kept.loads },
  };
}

/** The cluster with hosts of its scenario that it does not have yet, and what runs on them. All else stays as it has become. */
export function withHostsOf(scenario: Scenario, state: ClusterState): ClusterState {
  const known = new Set(state.hosts.map(({ name }) => name));
  const hosts = scenario.hosts.filter(({ name }) => !known.has(name));
  if (hosts.length === 0) return state;
  const come = new Set(hosts.map(({ name }) => name));
  const there = new Set(state.machines.map(({ name }) => name));
  const grown: ClusterState = {
    ...state,
    hosts: [...state.hosts, ...hosts],
    machines: [...state.machines, ...scenario.machines.filter(({ name, host }) => come.has(host) && !there.has(name))],
    ports: [...state.ports, ...scenario.ports.filter(({ host }) => come.has(host))],
  };
  settlePresence(grown);
  return grown;
}
