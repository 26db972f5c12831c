import { ASSIGNMENT_DRIVER, deviceKey } from '../../model/index.js';
import type { DeviceClaim, DeviceClass, PciDevice, PlannedAssignment, Problem } from '../../model/index.js';
import { violation } from './story.js';
import type { Act, Story } from './story.js';

/** Each replacement is there, is what the claim asks for, lies where it must, and comes with its whole IOMMU group. */
export function checkFitness(story: Story, act: Act): readonly Problem[] {
  const { move } = act;
  const machine = story.desiredMachines.get(move.machine);
  const problems: Problem[] = [];
  for (const claim of machine?.claims ?? []) {
    if (!move.assignments.some((assignment) => assignment.claim === claim.name)) {
      problems.push(violation('MissingClaim', move, `the claim ${claim.name} gets no device`));
    }
  }
  for (const assignment of move.assignments) {
    const claim = machine?.claims.find((candidate) => candidate.name === assignment.claim);
    const deviceClass = story.desired.deviceClasses.find((candidate) => candidate.name === claim?.class);
    const device = story.devices.get(deviceKey({ host: move.to, device: assignment.to }));
    if (device === undefined) {
      problems.push(violation('DeviceMissing', move, `${move.to} has no device ${assignment.to}`));
      continue;
    }
    const fault =
      claim === undefined || deviceClass === undefined
        ? `no class is known for the claim ${assignment.claim}`
        : unfitness(story, move.to, device, deviceClass);
    if (fault !== null) problems.push(violation('DeviceUnsuitable', move, `${assignment.to}: ${fault}`));
    if (claim !== undefined && !isLocal(claim, move.numaNode, device)) {
      const message = `${assignment.to} is on cell ${device.numaNode}, the machine on ${move.numaNode ?? 'none'}`;
      problems.push(violation('NotNumaLocal', move, message));
    }
    const group = story.hosts.get(move.to)?.devices.filter((other) => other.iommuGroup === device.iommuGroup) ?? [];
    if (!sameDevices(assignment, group)) {
      problems.push(
        violation('DeviceGroupSplit', move, `${assignment.to} is reserved without the whole of its IOMMU group`),
      );
    }
  }
  return problems;
}

function unfitness(story: Story, host: string, device: PciDevice, wanted: DeviceClass): string | null {
  const isVf = device.function.kind === 'vf';
  if (isVf !== (wanted.type === 'vf'))
    return `class ${wanted.name} wants ${wanted.type === 'vf' ? 'a VF' : 'a whole function'}`;
  if (device.function.kind === 'pf') return 'it is the port of a NIC with VFs';
  const sorts: readonly (readonly [readonly string[], string])[] = [
    [wanted.vendors, device.vendor],
    [wanted.devices, device.device],
    [wanted.categories, device.category],
    [device.driver === ASSIGNMENT_DRIVER ? [] : wanted.drivers, device.driver ?? 'none'],
  ];
  const stranger = sorts.find(([allowed, value]) => allowed.length > 0 && !allowed.includes(value));
  if (stranger !== undefined) return `class ${wanted.name} wants one of ${stranger[0].join(', ')}, not ${stranger[1]}`;
  if (wanted.physicalNetwork === null) return null;
  const network = networkOf(story, host, device);
  return network === wanted.physicalNetwork
    ? null
    : `it is on the network ${network ?? '(none)'}, not ${wanted.physicalNetwork}`;
}

function networkOf(story: Story, host: string, device: PciDevice): string | null {
  if (device.function.kind !== 'vf') return null;
  const parent = story.devices.get(deviceKey({ host, device: device.function.parent }));
  const netdev = parent?.function.kind === 'pf' ? parent.function.netdev : null;
  return story.desiredHosts.get(host)?.ports.find((port) => port.netdev === netdev)?.physicalNetwork ?? null;
}

function isLocal(claim: DeviceClaim, numaNode: number | null, device: PciDevice): boolean {
  return !claim.numaLocal || numaNode === null || device.numaNode === numaNode;
}

function sameDevices({ group }: PlannedAssignment, whole: readonly PciDevice[]): boolean {
  return group.length === whole.length && whole.every((device) => group.includes(device.bdf));
}
