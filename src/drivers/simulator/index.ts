export type { MachineLoad } from './load.js';
export type { Operator } from './operator.js';
export { parseScenario } from './parse-scenario.js';
export type { Scenario } from './scenario.js';
export { openSimulator, type Simulator, type SimulatorOptions } from './simulator.js';
export { savedTime } from './state-file.js';
