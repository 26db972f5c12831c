import type { LabHost } from './host.js';
import { until } from './process-tree.js';
import { inside, inNetwork, must, run } from './program.js';
import { Traffic } from './traffic.js';

/** The switch between the hosts, and a third party on it. */
export class Link {
  constructor(private readonly pid: number) {}

  /** Pulls the cable of a host: its frames are lost both ways; nobody is told. */
  async cut(host: LabHost): Promise<void> {
    await must(inNetwork(this.pid, ['ip', 'link', 'set', host.name, 'down']));
  }

  async restore(host: LabHost): Promise<void> {
    await must(inNetwork(this.pid, ['ip', 'link', 'set', host.name, 'up']));
  }

  /** True when an address of the lab's network answers one ping from the switch within a second. */
  async answers(address: string): Promise<boolean> {
    const { status } = await run(inside(this.pid, ['ping', '-c', '1', '-W', '1', address]));
    return status === 0;
  }

  /** Resolves when an address answers; rejects after `limitMs`. */
  async reachable(address: string, limitMs = 60_000): Promise<void> {
    await until(`${address} does not answer`, limitMs, () => this.answers(address));
  }

  /** Pings an address from the switch all the time, until stopped. */
  traffic(address: string, intervalMs = 20): Traffic {
    return new Traffic(inside(this.pid, ['ping', '-D', '-n', '-i', String(intervalMs / 1000), address]), intervalMs);
  }
}
