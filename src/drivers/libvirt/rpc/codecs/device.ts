import { CALL } from '../procedures.js';
import { nothing } from '../procedure.js';
import type { Procedure } from '../procedure.js';
import { bitsOf } from './flags.js';
import { writeDomain } from './reference.js';
import type { DomainRef } from './reference.js';

/** Neither `live` nor `config`: whichever the domain is at the moment. */
const DEVICE_FLAG = { live: 1 << 0, config: 1 << 1, force: 1 << 2 } as const;
export type DeviceFlag = keyof typeof DEVICE_FLAG;

export interface DeviceChange {
  readonly domain: DomainRef;
  /** The device as an element of a domain's XML. */
  readonly xml: string;
  readonly flags: readonly DeviceFlag[];
}

function deviceChange(name: string, number: number): Procedure<DeviceChange, void> {
  return {
    name,
    number,
    lane: 'slow',
    write: (w, { domain, xml, flags }) => {
      writeDomain(w, domain);
      w.string(xml);
      w.uint(bitsOf(DEVICE_FLAG, flags));
    },
    read: nothing,
  };
}

export const domainAttachDevice = deviceChange('domainAttachDevice', CALL.domainAttachDevice);

/** The guest is asked to let the device go; it is gone when the event `deviceRemoved` comes. */
export const domainDetachDevice = deviceChange('domainDetachDevice', CALL.domainDetachDevice);

export const domainUpdateDevice = deviceChange('domainUpdateDevice', CALL.domainUpdateDevice);

/** Like `domainDetachDevice`, of the device with this alias; it returns without waiting for the guest. */
export const domainDetachDeviceAlias: Procedure<
  { readonly domain: DomainRef; readonly alias: string; readonly flags: readonly DeviceFlag[] },
  void
> = {
  name: 'domainDetachDeviceAlias',
  number: CALL.domainDetachDeviceAlias,
  lane: 'slow',
  write: (w, { domain, alias, flags }) => {
    writeDomain(w, domain);
    w.string(alias);
    w.uint(bitsOf(DEVICE_FLAG, flags));
  },
  read: nothing,
};
