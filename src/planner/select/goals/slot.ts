import type { DesiredMachine, LoadPolicy } from '../../../model/index.js';
import { IDLE_VF } from '../../../model/index.js';
import type { MachineView, View } from '../../view.js';

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
