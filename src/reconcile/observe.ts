import type { Host, LoadPolicy, LoadSample, Machine, World } from '../model/index.js';
import { isActive } from '../model/index.js';
import type { Clock, Fabric, Hypervisor, Ledger, Telemetry } from '../ports/index.js';

/** The ports that an observation asks. */
export interface Observing {
  readonly cluster: string;
  readonly hypervisor: Hypervisor;
  readonly fabric: Fabric;
  readonly ledger: Ledger;
  readonly clock: Clock;
}

/** What only a whole pass knows, beside what the ports tell now. */
export interface Background {
  readonly samples: readonly LoadSample[];
  readonly lastMoves: World['lastMoves'];
}

const NOTHING: Background = { samples: [], lastMoves: [] };

/** One snapshot of the cluster, the ledger included. */
export async function observe(ports: Observing, background: Background = NOTHING): Promise<World> {
  const [seen, network, reservations] = await Promise.all([
    ports.hypervisor.observe(),
    ports.fabric.observe(),
    ports.ledger.read(),
  ]);
  return { cluster: ports.cluster, at: ports.clock.now(), ...seen, ...network, reservations, ...background };
}

/** The load as the policies look at it: for each length of window as many windows back as the longest hold. */
export async function samplesFor(
  policies: readonly LoadPolicy[],
  telemetry: Telemetry,
  until: number,
): Promise<readonly LoadSample[]> {
  const holds = new Map<number, number>();
  for (const { windowSeconds, holdWindows } of policies)
    holds.set(windowSeconds, Math.max(holdWindows, holds.get(windowSeconds) ?? 0));
  const samples = [...holds].map(([windowSeconds, windows]) => telemetry.samples({ until, windowSeconds, windows }));
  return (await Promise.all(samples)).flat();
}

/** The copies of a machine that run or are paused. More than one must never be. */
export function activeCopies(world: World, machine: string): readonly Machine[] {
  return world.machines.filter((copy) => copy.name === machine && isActive(copy));
}

export function copyOn(world: World, machine: string, host: string): Machine | undefined {
  return world.machines.find((copy) => copy.name === machine && copy.host === host);
}

/** The host when it answers; what it does not list is then really absent. */
export function answering(world: World, host: string): Host | undefined {
  return world.hosts.find((candidate) => candidate.name === host && candidate.state === 'up');
}

/** True when nothing can be said about what runs there. A host that is known to be down runs nothing. */
export function isBlind(world: World, host: string): boolean {
  return (world.hosts.find((candidate) => candidate.name === host)?.state ?? 'unknown') === 'unknown';
}
