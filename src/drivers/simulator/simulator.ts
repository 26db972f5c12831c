import type { Clock, Fabric, Hypervisor, Telemetry } from '../../ports/index.js';
import { SimulatedCluster, type ClusterEvent } from './cluster.js';
import { Connection, type Call } from './connection.js';
import { SimulatedFabric } from './fabric.js';
import { firstState } from './first-state.js';
import type { FaultPlan } from './faults.js';
import { joined, withHostsOf } from './growth.js';
import { SimulatedHypervisor } from './hypervisor.js';
import { Operator } from './operator.js';
import type { Scenario } from './scenario.js';
import { StateFile } from './state-file.js';
import { SimulatedTelemetry } from './telemetry.js';

export interface SimulatorOptions {
  /** What the cluster is at its start. When the state file has one already, it gets the hosts that are new here, and the rest is ignored. */
  readonly scenario: Scenario;
  /** File that the cluster lives in between commands; null: in memory only. */
  readonly stateFile: string | null;
  readonly clock: Clock;
  readonly seed: number;
  readonly faults: FaultPlan;
  readonly onEvent?: (event: ClusterEvent) => void;
}

/** One controller's connection to a simulated cluster, and the cluster itself. */
export interface Simulator {
  readonly hypervisor: Hypervisor;
  readonly fabric: Fabric;
  readonly telemetry: Telemetry;
  /** The hardware, for tests that want to see what really is. */
  readonly cluster: SimulatedCluster;
  /** What people and bad luck do to the hardware. */
  readonly operator: Operator;
  /** All calls over this connection so far. */
  readonly calls: () => readonly Call[];
  /** A new connection to the same cluster, as a controller has that starts again after a crash. Calls count from 1 again. */
  readonly reconnect: (faults: FaultPlan) => Simulator;
}

/** Opens a simulated cluster: the one in the state file, or a new one from the scenario. Throws SimulatorStateDamage for a bad file. */
export function openSimulator(options: SimulatorOptions): Simulator {
  const file = options.stateFile === null ? null : new StateFile(options.stateFile);
  const kept = file?.read() ?? null;
  const scenario = kept === null ? options.scenario : joined(kept.scenario, options.scenario, kept.state);
  const cluster = new SimulatedCluster(
    scenario,
    kept === null ? firstState(scenario) : withHostsOf(scenario, kept.state),
    options.clock,
    file,
    options.onEvent ?? (() => undefined),
  );
  return connect(cluster, options.seed, options.faults);
}

function connect(cluster: SimulatedCluster, seed: number, faults: FaultPlan): Simulator {
  const connection = new Connection(cluster, seed, faults);
  return {
    hypervisor: new SimulatedHypervisor(connection),
    fabric: new SimulatedFabric(connection),
    telemetry: new SimulatedTelemetry(connection),
    cluster,
    operator: new Operator(cluster),
    calls: () => connection.calls,
    reconnect: (next) => connect(cluster, seed, next),
  };
}
