import type { HostChange } from './host-calls.js';

/** What has to be asked for again. */
export class Changes {
  readonly domains = new Set<string>();
  readonly devices = new Set<string>();

  constructor(public everything: boolean) {}

  add(change: HostChange): void {
    switch (change.kind) {
      case 'domain':
        this.domains.add(change.uuid);
        return;
      case 'device':
        this.devices.add(change.name);
        return;
      case 'everything':
        this.everything = true;
        return;
    }
  }

  addAll(other: Changes): void {
    for (const uuid of other.domains) this.domains.add(uuid);
    for (const name of other.devices) this.devices.add(name);
    this.everything ||= other.everything;
  }
}
