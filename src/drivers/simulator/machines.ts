import { done, type Assignment, type AttachedDevice, type HypervisorAction, type Outcome } from '../../model/index.js';
import { stall, type Effect } from './effect.js';
import { capacityRefusal, devicesRefusal, epochRefusal, refuse } from './refusals.js';
import {
  dropMachine,
  freeDevice,
  machineOn,
  migrationFrom,
  putMachine,
  setVf,
  type ClusterState,
  type SimulatedMachine,
} from './state.js';

type Of<K extends HypervisorAction['kind']> = Extract<HypervisorAction, { readonly kind: K }>;

/** Tells a running machine of its replacements. */
export function reconfigure(state: ClusterState, action: Of<'reconfigure'>): Outcome {
  const machine = activeMachine(state, action);
  if ('kind' in machine) return machine;
  putMachine(state, { ...machine, staged: action.replacements });
  return done(`${machine.name} knows of ${action.replacements.length} replacements`);
}

/** Asks the guest to let go of a device; a guest may take no notice, and a paused one (such as a dummy) cannot. */
export function detach(state: ClusterState, action: Of<'detach'>, epoch: number | null): Effect {
  const stale = epochRefusal(state, action.host, [action.device], epoch);
  if (stale !== null) return stale;
  if (state.dummies.some((dummy) => dummy.host === action.host && dummy.name === action.machine)) {
    return done('the request was sent; a paused guest does not answer it');
  }
  const machine = activeMachine(state, action);
  if ('kind' in machine) return machine;
  const held = machine.assignments.find((assignment) => assignment.device === action.device);
  if (held === undefined) return done('the device is detached already');
  if (machine.state === 'paused') return done('the request was sent; a paused guest does not answer it');
  if (!machine.answersUnplug) {
    return stall(refuse('UnplugIgnored', `the guest of ${machine.name} did not let go of ${action.device}`));
  }
  freeDevice(state, action.host, action.device, held.mac);
  putMachine(state, { ...machine, assignments: machine.assignments.filter((assignment) => assignment !== held) });
  return done(`${machine.name} let go of ${action.device}`);
}

/** Plugs a device into a running machine. */
export function attach(state: ClusterState, action: Of<'attach'>, epoch: number | null): Outcome {
  const stale = epochRefusal(state, action.host, [action.device], epoch);
  if (stale !== null) return stale;
  const machine = activeMachine(state, action);
  if ('kind' in machine) return machine;
  const device = assigned(action);
  const there = machine.assignments.find((assignment) => assignment.claim === device.claim);
  if (there?.device === device.device) return done('the device is attached already');
  if (there !== undefined) return refuse('Conflict', `claim ${there.claim} of ${machine.name} has ${there.device}`);
  const neighbour = machine.assignments.find((assignment) => assignment.guestAddress === device.guestAddress);
  if (neighbour !== undefined) {
    return refuse('Conflict', `${device.guestAddress} in ${machine.name} is taken by ${neighbour.claim}`);
  }
  const refusal = devicesRefusal(state, action.host, [device], machine.name);
  if (refusal !== null) return refusal;
  putMachine(state, { ...machine, assignments: [...machine.assignments, device] });
  carrySettings(state, action.host, [action]);
  return done(`${machine.name} has ${device.device}`);
}

/** Defines a machine on a host and starts it. The host cannot know whether the machine runs elsewhere. */
export function start(state: ClusterState, action: Of<'start'>): Outcome {
  const { host, definition } = action;
  const there = machineOn(state, host, definition.name);
  if (there?.state === 'incoming') return refuse('MachineBusy', `${there.name} is coming to host ${host}`);
  if (there !== undefined && there.state !== 'stopped') {
    const same = definition.devices.every((device) => there.assignments.some((held) => held.device === device.device));
    return same ? done('the machine runs already') : refuse('Conflict', `${there.name} runs with other devices`);
  }
  const machine: SimulatedMachine = {
    name: definition.name,
    host,
    state: 'running',
    vcpus: definition.vcpus,
    memoryMiB: definition.memoryMiB,
    hugepageSizeKiB: definition.hugepageSizeKiB,
    numaNode: definition.numaNode,
    assignments: definition.devices.map(assigned),
    staged: [],
    dirtyMibps: there?.dirtyMibps ?? dirtyRateElsewhere(state, definition.name),
    diskGiB: definition.diskGiB,
    sharedDisks: definition.sharedDisks,
    job: null,
    isolatedCpus: definition.isolatedCpus,
    standby: true,
    answersUnplug: true,
  };
  const refusal =
    devicesRefusal(state, host, definition.devices, machine.name) ?? capacityRefusal(state, host, machine);
  if (refusal !== null) return refusal;
  putMachine(state, machine);
  carrySettings(state, host, definition.devices);
  return done(`${machine.name} runs on ${host}`);
}

/** Stops a machine; its devices are free, its definition stays. */
export function stop(state: ClusterState, action: Of<'stop'>): Outcome {
  const machine = machineOn(state, action.host, action.machine);
  if (machine === undefined || machine.state === 'stopped') return done('the machine does not run here');
  if (machine.state === 'incoming' || migrationFrom(state, action.host, action.machine) !== undefined) {
    return refuse('MachineBusy', `${machine.name} is migrating`);
  }
  halt(state, machine);
  return done(`${machine.name} is stopped`);
}

/** Forgets a stopped machine. */
export function undefine(state: ClusterState, action: Of<'undefine'>): Outcome {
  const machine = machineOn(state, action.host, action.machine);
  if (machine === undefined) return done('the machine is not defined here');
  if (machine.state !== 'stopped') return refuse('MachineBusy', `${machine.name} is ${machine.state}`);
  dropMachine(state, action.host, action.machine);
  return done(`${machine.name} is forgotten`);
}

/** Ends a machine's life on its host, as stopping it and losing its process both do. */
export function halt(state: ClusterState, machine: SimulatedMachine): void {
  for (const { device, mac } of machine.assignments) freeDevice(state, machine.host, device, mac);
  putMachine(state, { ...machine, state: 'stopped', assignments: [], staged: [] });
}

/** Puts the machine's addresses and VLANs on its VFs, as a hypervisor does when a machine gets them, whatever they had before. */
export function carrySettings(state: ClusterState, host: string, devices: readonly AttachedDevice[]): void {
  for (const { device, mac, vlan } of devices) if (mac !== null) setVf(state, host, device, { adminMac: mac, vlan });
}

function activeMachine(
  state: ClusterState,
  action: { readonly host: string; readonly machine: string },
): SimulatedMachine | Extract<Outcome, { readonly kind: 'failed' }> {
  const machine = machineOn(state, action.host, action.machine);
  if (machine === undefined || machine.state === 'stopped' || machine.state === 'incoming') {
    return refuse('MachineMissing', `${action.machine} does not run on host ${action.host}`);
  }
  return migrationFrom(state, action.host, action.machine) === undefined
    ? machine
    : refuse('MachineBusy', `${action.machine} is migrating`);
}

/** What shows of a device that a machine has got. */
export function assigned({ claim, device, guestAddress, mac }: AttachedDevice): Assignment {
  return { claim, device, guestAddress, mac };
}

/** A guest keeps its habits: the rate of its definition that was stopped on another host. */
function dirtyRateElsewhere(state: ClusterState, name: string): number {
  return state.machines.find((machine) => machine.name === name)?.dirtyMibps ?? 0;
}
