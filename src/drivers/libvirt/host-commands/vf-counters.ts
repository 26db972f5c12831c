import type { Bdf, PciDevice } from '../../../model/index.js';
import type { TrafficCounters } from '../load/rates.js';
import type { HostCommands } from './host-commands.js';
import { vfStates } from './link.js';

/** Counters of those of a host's virtual functions whose driver counts. Rejects when the host does not answer. */
export async function readVfCounters(
  commands: HostCommands,
  devices: readonly PciDevice[],
  deadlineMs: number,
): Promise<ReadonlyMap<Bdf, TrafficCounters>> {
  const links = await commands.links({ deadlineMs });
  if (links.kind !== 'answered') throw new Error(links.message);
  const states = [...vfStates(devices, links.value)];
  return new Map(states.flatMap(([bdf, { counters }]) => (counters === null ? [] : [[bdf, counters] as const])));
}
