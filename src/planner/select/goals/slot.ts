import type { DesiredMachine, LoadPolicy } from '../../../model/index.js';
import { IDLE_VF } from '../../../model/index.js';
import { best } from '../../place/search.js';
import type { HostView, MachineView, View } from '../../view.js';
import type { Draft } from '../draft.js';
import { ask } from './reroute.js';

/** The slots of a policy as machines that never start: what holds room for them is asked of them like of any other. */
export function slotMachines(view: View, policy: LoadPolicy): readonly MachineView[] {
  const [migration] = view.desired.migrationPolicies;
  if (policy.slot === null || migration === undefined) return [];
  const desired = machineOf(policy, policy.slot, migration.name);
  return Array.from({ length: policy.slot.count }, (_, index) => {
    // A name that no document can give, so that nothing is taken for the slot's own.
    const name = `${policy.name}/slot-${index + 1}`;
    return {
      name,
      desired: { ...desired, name },
      copies: [],
      running: null,
      policy: migration,
      rules: [],
      open: [],
    };
  });
}

/** Lets the slots of a policy hold room, as far as there is any. */
export function holdSlots(draft: Draft, policy: LoadPolicy, hosts: readonly HostView[]): void {
  for (const slot of slotMachines(draft.view, policy)) {
    const target = best(ask(draft, { machine: slot, host: '' }, hosts));
    if (target === null) return;
    for (const occupancy of [draft.final, draft.present]) occupancy.put(slot, target.placement);
  }
}

function machineOf(
  { place }: LoadPolicy,
  slot: NonNullable<LoadPolicy['slot']>,
  migrationPolicy: string,
): DesiredMachine {
  const { vcpus, memoryMiB, hugepageSizeKiB, isolatedCpus, numaPinned } = slot;
  const classes = slot.devices.flatMap(({ class: name, count }) => Array.from({ length: count }, () => name));
  return {
    ...{ vcpus, memoryMiB, hugepageSizeKiB, isolatedCpus, numaPinned, migrationPolicy },
    ...{ name: '', place, labels: {}, suspended: false, role: '', ptp: false, diskGiB: 0, sharedDisks: true },
    claims: classes.map((name, index) => ({
      ...{ name: `device-${index + 1}`, place, class: name, portProfile: null, mac: null, guestAddress: '' },
      ...{ attributes: IDLE_VF, numaLocal: numaPinned },
    })),
    ...{ host: null, hostPlace: null, strategies: ['cold'], maxDowntimeMs: 0, latencyBudgets: [], migrationWeight: 1 },
  };
}
