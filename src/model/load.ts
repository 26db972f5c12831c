/** What is measured. Ratios are of the subject's capacity, 0 to 1; `latency` is milliseconds. */
export type Metric = 'cpu' | 'memory' | 'network' | 'cpu-delay' | 'vf-packets';

/** The mean of one metric over one window. */
export interface LoadSample {
  readonly subject: { readonly kind: 'host' | 'machine'; readonly name: string };
  readonly metric: Metric;
  /**
   * Hosts: the used share of the host, 0 to 1. Machines: for `cpu`, CPUs in use (a machine with 4 vCPUs at 50 % has 2);
   * for `memory`, MiB in use; for `network`, Mbit/s.
   */
  readonly value: number;
  /** End of the window, epoch milliseconds. */
  readonly at: number;
  readonly windowSeconds: number;
}
