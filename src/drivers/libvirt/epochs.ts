import { deviceKey, failed, type DeviceRef, type HypervisorAction, type Outcome } from '../../model/index.js';

/** The newest epoch that this controller has acted under, device by device. The ledger fences controllers from each other. */
export class Epochs {
  readonly #seen = new Map<string, number>();

  /** Why an action comes too late for its devices; null, and the epoch is kept, when it does not. */
  refusal(devices: readonly DeviceRef[], epoch: number | null): Outcome | null {
    if (epoch === null) return null;
    const keys = devices.map((device) => deviceKey(device));
    const newer = keys.find((key) => (this.#seen.get(key) ?? 0) > epoch);
    if (newer !== undefined)
      return failed(
        'StaleEpoch',
        `the order for ${newer} is of epoch ${epoch}, and epoch ${this.#seen.get(newer) ?? 0} has been seen`,
      );
    for (const key of keys) this.#seen.set(key, epoch);
    return null;
  }
}

/** Devices that an action is about. */
export function devicesOf(action: HypervisorAction): readonly DeviceRef[] {
  switch (action.kind) {
    case 'commission':
      return action.devices.map((device) => ({ host: action.host, device }));
    case 'attach':
    case 'detach':
      return [{ host: action.host, device: action.device }];
    case 'migrate':
      return action.devices.map(({ device }) => ({ host: action.to, device }));
    case 'decommission':
    case 'reconfigure':
    case 'abort':
    case 'start':
    case 'stop':
    case 'undefine':
      return [];
  }
}
