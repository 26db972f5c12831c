import type { LoadSample } from '../model/index.js';

/** Load of hosts and machines. */
export interface Telemetry {
  /**
   * Window means, oldest first: for each subject and metric the last `windows` windows of `windowSeconds` that ended by `until`
   * (epoch milliseconds). A window without samples is left out; nothing is made up.
   */
  samples(query: {
    readonly until: number;
    readonly windowSeconds: number;
    readonly windows: number;
  }): Promise<readonly LoadSample[]>;
}
