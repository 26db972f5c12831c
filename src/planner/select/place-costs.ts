import type { Instance, Objectives } from '../engine/instance.js';
import { drawbackWeights } from '../objectives.js';
import type { Packing } from '../pack/packing.js';
import { DOMAINS } from '../pack/seats.js';
import type { View } from '../view.js';
import { crossingFor } from './goals/cost.js';

const DRAWBACKS = drawbackWeights(null);

/**
 * What speaks against places, as costs of the engine: loads, CPUs and memory that are given out count by their square, so that machines fill hosts
 * evenly; a machine of the mean size then pays for its host's load about what it pays when it chooses alone.
 */
export function placeCosts(
  view: View,
  { instance, machines, resources, placeOf }: Omit<Packing, 'instance'> & { instance: Omit<Instance, 'objectives'> },
  names: ReadonlySet<string>,
): Partial<Objectives> {
  const { capacity, hosts } = instance;
  const width = resources.length;
  const [cpus, memory] = [resources.indexOf('cpus'), resources.indexOf('memory')];
  const loads = view.loads.metrics.map((metric) => ({ metric, resource: resources.indexOf(`load ${metric}`) }));
  const written = [...view.hosts.keys()].map((name) => ({ name, at: placeOf(name, null) }));
  const size =
    written.reduce((sum, { at }) => sum + (capacity[at * width + cpus] ?? 0), 0) / Math.max(1, written.length);
  const movers = machines.flatMap(({ name }, index) => (names.has(name) ? [index] : []));
  const mean =
    movers.reduce((sum, index) => sum + (instance.demand[index * width + cpus] ?? 0), 0) / Math.max(1, movers.length);
  const typical = Math.max(1e-6, mean / Math.max(1e-6, size));
  const squared = (resource: number, fullOf: (name: string, at: number) => number) => {
    const scale = new Float64Array(hosts);
    for (const { name, at } of written) {
      const full = fullOf(name, at);
      scale[at] = full > 0 && Number.isFinite(full) ? 1 / full ** 2 : 0;
    }
    return { resource, scale };
  };
  const weight = (part: 'load' | 'memory') => DRAWBACKS[part] / typical;
  const amount = (resource: number) => (_: string, at: number) => capacity[at * width + resource] ?? 0;
  return {
    quadratic: [
      { ...squared(cpus, amount(cpus)), weight: weight('load') },
      { ...squared(memory, amount(memory)), weight: weight('memory') },
      ...loads.map(({ metric, resource }) => ({
        ...squared(resource, (name) => view.loads.full(name, metric)),
        weight: weight('load'),
      })),
    ],
    crossing: crossingFor(instance.domains[DOMAINS.indexOf('accessGroup')]?.count ?? 0, DRAWBACKS.groupCrossing),
  };
}
