/** PCI address `domain:bus:device.function` in lower-case hexadecimal, such as `0000:3b:02.1`. */
export type Bdf = string;

/** MAC address in lower case with colons, such as `52:54:00:12:34:56`. */
export type Mac = string;

/** One PCIe function as observed on a host. */
export interface PciDevice {
  readonly bdf: Bdf;
  /** Four hexadecimal digits, as in `lspci -nn`. */
  readonly vendor: string;
  readonly device: string;
  /** Kind of hardware, for people and for reports. */
  readonly category: 'network' | 'gpu' | 'nvme' | 'fpga' | 'accelerator' | 'other';
  /** Kernel driver that is bound now; null when none is. */
  readonly driver: string | null;
  /** Functions of one group can only be assigned together. */
  readonly iommuGroup: number;
  readonly numaNode: number;
  /** True when device, firmware and driver can carry their state over a live migration. */
  readonly liveMigratable: boolean;
  readonly function: PciFunction;
}

/** What a PCIe function is: the port of a NIC (PF), a virtual function of one (VF), or a device handed out whole. */
export type PciFunction =
  | {
      readonly kind: 'pf';
      /** Network device of the host, such as `ens1f0`. */
      readonly netdev: string;
      readonly speedMbps: number;
      readonly totalVfs: number;
      readonly mode: 'legacy' | 'switchdev';
      readonly linkState: 'up' | 'down';
    }
  | { readonly kind: 'vf'; readonly parent: Bdf; readonly index: number; readonly attributes: VfAttributes }
  | { readonly kind: 'whole' };

/** What the PF enforces on a VF. */
export interface VfAttributes {
  readonly adminMac: Mac | null;
  readonly vlan: number | null;
  readonly qos: number;
  readonly trust: boolean;
  readonly spoofCheck: boolean;
  readonly minTxMbps: number;
  /** 0 means no limit. */
  readonly maxTxMbps: number;
  readonly linkState: 'auto' | 'enable' | 'disable';
}

/** The attributes of a VF that nobody uses. */
export const IDLE_VF: VfAttributes = {
  adminMac: null,
  vlan: null,
  qos: 0,
  trust: false,
  spoofCheck: true,
  minTxMbps: 0,
  maxTxMbps: 0,
  linkState: 'auto',
};

/**
 * The driver that assignment itself binds a device to, and leaves it with when nobody gives it back: it says nothing of which driver of the host
 * the device is for, so that a device bound to it is left out by no list of drivers.
 */
export const ASSIGNMENT_DRIVER = 'vfio-pci';

/** A PCIe function on a host: the unit that is reserved, held and assigned. */
export interface DeviceRef {
  readonly host: string;
  readonly device: Bdf;
}

/** `host/bdf`, the key under which maps and the ledger keep a device. */
export function deviceKey(ref: DeviceRef): string {
  return `${ref.host}/${ref.device}`;
}
