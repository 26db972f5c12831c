import { estimateMove } from '../estimate.js';
import type { Occupancy } from '../occupancy.js';
import { transferOf } from '../strategy.js';
import type { MachineView, View } from '../view.js';
import type { HotHost } from './hot-hosts.js';

/** Share of the way from high down to low that a host is better relieved by, so that a little more load does not make it hot again. */
const RESERVE = 0.25;

/** A machine whose move would relieve a hot host. */
export interface Reliever {
  readonly machine: MachineView;
  /** Drop of the host's load above the low threshold, as a ratio of its capacity. */
  readonly gain: number;
  /** Seconds of transfer, and of downtime by the machine's weight. */
  readonly costSeconds: number;
  /** The host would be below the high threshold: 2 with the reserve, 1 without, 0 not at all. */
  readonly sufficient: 0 | 1 | 2;
}

/** Load below which a host is relieved with a reserve. */
export function sparedBy({ high, low }: Pick<HotHost, 'high' | 'low'>): number {
  return high - RESERVE * (high - low);
}

/**
 * Zhao's second stage: the machines of a hot host in the order in which they are tried. Those that suffice alone come first,
 * those with a reserve before the others, and of equal ones the cheapest; then those that relieve it most, so that few moves are needed.
 */
export function relievers(
  view: View,
  hot: HotHost,
  final: Occupancy,
  machines: readonly MachineView[],
): readonly Reliever[] {
  const now = final.load(hot.host.name, hot.metric) ?? 0;
  const full = view.loads.full(hot.host.name, hot.metric);
  const spared = sparedBy(hot);
  const all = machines.map((machine): Reliever => {
    const drop = (view.loads.share(machine.name, hot.metric) ?? 0) / full;
    return {
      machine,
      gain: Math.min(drop, now - hot.low),
      costSeconds: costSeconds(view, machine, hot.host.name),
      sufficient: now - drop < spared ? 2 : now - drop < hot.high ? 1 : 0,
    };
  });
  return all.toSorted((a, b) => {
    if (a.sufficient !== b.sufficient) return b.sufficient - a.sufficient;
    const byCost = a.costSeconds - b.costSeconds;
    const order = a.sufficient > 0 ? byCost || a.gain - b.gain : b.gain - a.gain || byCost;
    return order || (a.machine.name < b.machine.name ? -1 : 1);
  });
}

function costSeconds(view: View, machine: MachineView, host: string): number {
  const estimate = estimateMove(machine.desired.strategies[0] ?? 'cold', transferOf(view, machine, host, host));
  return estimate.seconds + (estimate.downtimeMs / 1000) * machine.desired.migrationWeight;
}
