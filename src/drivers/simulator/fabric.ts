import {
  deviceKey,
  done,
  isActive,
  type FabricAction,
  type Forward,
  type Outcome,
  type SwitchPort,
} from '../../model/index.js';
import type { ActionContext, Fabric } from '../../ports/index.js';
import type { Connection } from './connection.js';
import type { Effect } from './effect.js';
import { epochRefusal, preparedRefusal, refuse } from './refusals.js';
import { deviceOn, forgetPreparation, setVf, type ClusterState } from './state.js';

type Of<K extends FabricAction['kind']> = Extract<FabricAction, { readonly kind: K }>;

/** Access switches, VF attributes and forwarding of a simulated cluster. */
export class SimulatedFabric implements Fabric {
  readonly #line: Connection;

  constructor(connection: Connection) {
    this.#line = connection;
  }

  async observe(): Promise<{ readonly switchPorts: readonly SwitchPort[]; readonly forwards: readonly Forward[] }> {
    const call = this.#line.open('observe fabric');
    await this.#line.wait(this.#line.durationMs(call, 'observe'));
    if (call.fault === 'crash-during' || call.fault === 'crash-after') this.#line.crash(call);
    const { ports, forwards } = this.#line.cluster.look();
    return { switchPorts: ports, forwards };
  }

  perform(action: FabricAction, context: ActionContext): Promise<Outcome> {
    return this.#line.order(nameOf(action), action.kind, hostsOf(action), context.signal, (state) =>
      effect(state, action, context.epoch),
    );
  }
}

function effect(state: ClusterState, action: FabricAction, epoch: number | null): Effect {
  switch (action.kind) {
    case 'apply-port-profile':
    case 'remove-port-profile':
      return changeProfile(state, action);
    case 'set-vf':
    case 'reset-vf':
      return changeVf(state, action, epoch);
    case 'announce':
      return announce(state, action);
    case 'forward':
      return forward(state, action);
    case 'unforward':
      state.forwards = state.forwards.filter((other) => !isSame(other, action));
      return done(`${action.mac} is not forwarded`);
  }
}

function changeProfile(state: ClusterState, action: Of<'apply-port-profile' | 'remove-port-profile'>): Outcome {
  const port = portOf(state, action.host, action.device);
  if (port === null)
    return refuse('DeviceMissing', `no switch port is known behind ${action.device} of ${action.host}`);
  const entry = { profile: action.profile.name, machine: action.machine, claim: action.claim };
  const kept = port.profiles.filter(
    (other) => other.profile !== entry.profile || other.machine !== entry.machine || other.claim !== entry.claim,
  );
  putPort(state, { ...port, profiles: action.kind === 'apply-port-profile' ? [...kept, entry] : kept });
  return done(`${action.profile.name} ${action.kind === 'apply-port-profile' ? 'is on' : 'is off'} ${port.port}`);
}

function changeVf(state: ClusterState, action: Of<'set-vf' | 'reset-vf'>, epoch: number | null): Outcome {
  const { host, device } = action;
  const found = deviceOn(state, host, device);
  if (found === undefined) return refuse('DeviceMissing', `host ${host} has no device ${device}`);
  if (found.function.kind !== 'vf') return refuse('NotSupported', `${device} of host ${host} is no VF`);
  const { adminMac } = action.attributes;
  const refusal =
    epochRefusal(state, host, [device], epoch) ??
    (adminMac === null ? null : preparedRefusal(state, { host, device }, adminMac, action.machine));
  if (refusal !== null) return refusal;
  setVf(state, host, device, action.attributes);
  forgetPreparation(state, host, device);
  if (action.kind === 'set-vf')
    state.preparedFor = { ...state.preparedFor, [deviceKey({ host, device })]: action.machine };
  return done(`${device} of ${host} is set`);
}

/**
 * The guest's address is spoken from the target's port. The switch learns it there and forgets it elsewhere; frames are
 * lost now and then, and where other ports admit a machine by its profile, a port without one drops them.
 */
function announce(state: ClusterState, action: Of<'announce'>): Effect {
  const port = portOf(state, action.host, action.device);
  if (port === null)
    return refuse('DeviceMissing', `no switch port is known behind ${action.device} of ${action.host}`);
  const speaks = state.machines.some(
    (machine) =>
      machine.host === action.host &&
      isActive(machine) &&
      machine.assignments.some((held) => held.device === action.device && held.mac === action.mac),
  );
  if (!speaks) {
    return refuse('PreconditionFailed', `no machine on ${action.host} has ${action.mac} on ${action.device}`);
  }
  const profiled = state.ports.filter((other) => other.profiles.some((entry) => entry.machine === action.machine));
  const dropped = profiled.length > 0 && !profiled.includes(port);
  if (state.announcementsToLose > 0 || dropped) {
    state.announcementsToLose = Math.max(0, state.announcementsToLose - 1);
    return { kind: 'again', answer: refuse('DeadlineExceeded', `${port.port} has not learned ${action.mac}`) };
  }
  learn(state, port, action.mac);
  return done(`${port.switch} ${port.port} has learned ${action.mac}`);
}

function forward(state: ClusterState, action: Of<'forward'>): Outcome {
  if (state.forwards.some((other) => isSame(other, action))) return done('it is forwarded already');
  const { mac, from, to } = action;
  state.forwards = [...state.forwards, { mac, from, to, expiresAt: state.at + action.seconds * 1000 }];
  return done(`${mac} is forwarded from ${from} to ${to}`);
}

function learn(state: ClusterState, port: SwitchPort, mac: string): void {
  state.ports = state.ports.map((other) => {
    const rest = other.learned.filter((learned) => learned !== mac);
    return { ...other, learned: other === port ? [...rest, mac] : rest };
  });
}

function isSame(left: Forward, right: Of<'forward' | 'unforward'>): boolean {
  return left.mac === right.mac && left.from === right.from && left.to === right.to;
}

/** The switch port behind a VF's PF, or behind the PF itself. */
function portOf(state: ClusterState, host: string, bdf: string): SwitchPort | null {
  const device = deviceOn(state, host, bdf);
  const pf = device?.function.kind === 'vf' ? deviceOn(state, host, device.function.parent) : device;
  if (pf?.function.kind !== 'pf') return null;
  const { netdev } = pf.function;
  return state.ports.find((port) => port.host === host && port.netdev === netdev) ?? null;
}

function putPort(state: ClusterState, port: SwitchPort): void {
  state.ports = state.ports.map((other) => (other.host === port.host && other.netdev === port.netdev ? port : other));
}

function nameOf(action: FabricAction): string {
  switch (action.kind) {
    case 'announce':
    case 'forward':
    case 'unforward':
      return `${action.kind} ${action.mac}`;
    case 'apply-port-profile':
    case 'remove-port-profile':
    case 'set-vf':
    case 'reset-vf':
      return `${action.kind} ${action.host}/${action.device}`;
  }
}

function hostsOf(action: FabricAction): readonly string[] {
  switch (action.kind) {
    case 'forward':
      return [action.from];
    case 'unforward':
      return [action.from];
    case 'announce':
    case 'set-vf':
    case 'reset-vf':
      return [action.host];
    case 'apply-port-profile':
    case 'remove-port-profile':
      return [];
  }
}
