/** What speaks against a host that could take a machine, each from 0 (nothing) to about 1; the host with the lowest sum is taken. */
export interface Drawbacks {
  /** Projected load of the host, its highest metric; the share of CPUs given out where no load is known. */
  readonly load: number;
  /** Share of the host's memory given out. */
  readonly memory: number;
  /** Mean load of the hosts behind the same access switch. */
  readonly groupLoad: number;
  /** 1 when the machine leaves its access group. */
  readonly groupCrossing: number;
  /** Place of the strategy in the machine's list, 0 for its first choice. */
  readonly strategy: number;
  /** 1 when something has to leave the host first. */
  readonly waiting: number;
  /** Share of what is rare and not needed by the machine: PTP clock, isolated CPUs, huge pages, whole devices. */
  readonly waste: number;
  /** Share of the VFs that are in use. */
  readonly functions: number;
}

/** How much each drawback counts. */
const WEIGHTS: Readonly<Record<keyof Drawbacks, number>> = {
  load: 1,
  memory: 0.5,
  groupLoad: 0.25,
  groupCrossing: 2,
  strategy: 1,
  waiting: 4,
  waste: 0.5,
  functions: 0.25,
};

/** The weighted sum. */
export function scoreOf(drawbacks: Drawbacks): number {
  const names = Object.keys(WEIGHTS) as (keyof Drawbacks)[];
  return names.reduce((sum, name) => sum + WEIGHTS[name] * drawbacks[name], 0);
}
