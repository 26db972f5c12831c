import { done, type Bdf, type Dummy, type HypervisorAction, type Outcome } from '../../model/index.js';
import { carriedRefusal, deviceRefusal, epochRefusal, refuse } from './refusals.js';
import { deviceOn, freeDevice, setVf, type ClusterState } from './state.js';

type Of<K extends HypervisorAction['kind']> = Extract<HypervisorAction, { readonly kind: K }>;

/** Starts a paused dummy VM that holds devices for a machine that comes. */
export function commission(state: ClusterState, action: Of<'commission'>, epoch: number | null): Outcome {
  const { host, dummy, devices, mac, reservation } = action;
  const stale = epochRefusal(state, host, devices, epoch);
  if (stale !== null) return stale;
  const there = state.dummies.find((other) => other.host === host && other.name === dummy);
  if (there !== undefined) {
    return there.reservation === reservation && sameDevices(there.devices, devices)
      ? done('the dummy stands already')
      : refuse('MachineExists', `host ${host} has a dummy ${dummy} for ${there.reservation} already`);
  }
  for (const device of devices) {
    const refusal = deviceRefusal(state, host, device, dummy) ?? carriedRefusal(state, { host, device }, mac, null);
    if (refusal !== null) return refusal;
  }
  const standing: Dummy = {
    name: dummy,
    host,
    devices,
    mac,
    reservation,
    expiresAt: state.at + action.ttlSeconds * 1000,
  };
  state.dummies = [...state.dummies, standing];
  const [first] = devices.filter((device) => deviceOn(state, host, device)?.function.kind === 'vf');
  if (first !== undefined) setVf(state, host, first, { adminMac: mac, vlan: null });
  return done(`${dummy} holds ${devices.join(', ')}`);
}

/** Destroys a dummy, which frees what it holds. */
export function decommission(state: ClusterState, action: Of<'decommission'>): Outcome {
  const there = state.dummies.find((other) => other.host === action.host && other.name === action.dummy);
  if (there === undefined) return done('the dummy is gone already');
  dropDummy(state, there);
  return done(`${action.dummy} is gone`);
}

/** Takes a dummy away without a word, as `kill -9` on its process does. */
export function dropDummy(state: ClusterState, dummy: Dummy): void {
  state.dummies = state.dummies.filter((other) => other !== dummy);
  for (const device of dummy.devices) freeDevice(state, dummy.host, device, dummy.mac);
}

function sameDevices(left: readonly Bdf[], right: readonly Bdf[]): boolean {
  return [...left].sort().join() === [...right].sort().join();
}
