/** Something that a host told and that could not be taken as it is. The rest of the inventory stands without it. */
export interface Finding {
  readonly code: FindingCode;
  /** Name of the domain, device or host. */
  readonly subject: string;
  readonly message: string;
}

export type FindingCode =
  | 'XmlUnreadable'
  | 'PartMissing'
  | 'ValueUnreadable'
  | 'AddressUnreadable'
  | 'NoIommuGroup'
  | 'DeviceNotMovable'
  | 'DummyNotOurs'
  | 'DeviceHeldTwice';

/** Takes findings while a document is read. */
export type Note = (finding: Finding) => void;
