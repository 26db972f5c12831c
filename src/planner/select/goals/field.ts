import type { LoadPolicy } from '../../../model/index.js';
import type { HostView, MachineView, View } from '../../view.js';
import type { Draft } from '../draft.js';
import { coolingDown, standstill } from '../movable.js';

/** Hosts and machines that a policy may plan with. */
export interface Field {
  readonly policy: LoadPolicy;
  /** Hosts that answer, are open for machines, and whose load is known for all the windows that the policy holds. */
  readonly hosts: readonly HostView[];
  /** Machines that may be moved, with the host that the draft has them on. */
  readonly machines: ReadonlyMap<string, Standing>;
}

export interface Standing {
  readonly machine: MachineView;
  readonly host: string;
}

/** Who takes part; `held` are machines that rules keep where they are. A machine that the draft moves already may go farther. */
export function fieldOf(draft: Draft, policy: LoadPolicy, held: ReadonlySet<string>): Field {
  const { view, staying, parted, wishes } = draft;
  const hosts = policy.hosts.flatMap((name) => {
    const host = view.hosts.get(name);
    return host !== undefined && takesPart(draft, policy, host) ? [host] : [];
  });
  const names = new Set(hosts.map(({ name }) => name));
  const machines = new Map<string, Standing>();
  for (const machine of view.machines.values()) {
    const { name } = machine;
    const host = wishes.get(name)?.target.host ?? machine.running?.host ?? '';
    if (!names.has(host) || staying.has(name) || parted.has(name) || held.has(name)) continue;
    if (!isMovable(view, policy, machine)) continue;
    machines.set(name, { machine, host });
  }
  return { policy, hosts, machines };
}

function takesPart({ view, final }: Draft, policy: LoadPolicy, host: HostView): boolean {
  if (host.observed?.state !== 'up' || host.desired.maintenance !== 'none') return false;
  return policy.thresholds.every(
    ({ metric }) => final.load(host.name, metric) !== null && view.loads.held(host.name, metric, policy) !== null,
  );
}

/** A machine that is only about to start has no load yet that could be known. */
function isMovable(view: View, policy: LoadPolicy, machine: MachineView): boolean {
  if (standstill(view, machine) !== null || coolingDown(view, policy, machine) !== null) return false;
  const isKnown = policy.thresholds.every(({ metric }) => view.loads.share(machine.name, metric) !== null);
  return machine.running === null || isKnown;
}
