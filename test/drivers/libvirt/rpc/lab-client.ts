import { LibvirtClient, parseLibvirtUri } from '../../../../src/drivers/libvirt/rpc/index.js';
import type { ClientOptions, EventKind, Notice } from '../../../../src/drivers/libvirt/rpc/index.js';

/** Opens a client by a URI's text. */
export function openClient(uri: string, options: ClientOptions = {}): Promise<LibvirtClient> {
  const parsed = parseLibvirtUri(uri);
  if (!parsed.ok) throw new Error(`${uri}: ${parsed.reason}`);
  return LibvirtClient.open(parsed.value, options);
}

/** No notice takes that long unless it does not come at all. */
const WAIT_MS = 30_000;

/** Everything that a client is told, and a wait for what is still to come. */
export class Notices {
  readonly all: Notice[] = [];
  readonly #watchers = new Set<() => void>();

  private constructor() {
    // Made by `of`.
  }

  static async of(client: LibvirtClient, kinds: readonly EventKind[]): Promise<Notices> {
    const notices = new Notices();
    await client.subscribe(kinds, (notice) => {
      notices.all.push(notice);
      for (const watch of [...notices.#watchers]) watch();
    });
    return notices;
  }

  /** Resolves with the first notice that fits, those that came before included. */
  until(fits: (notice: Notice) => boolean): Promise<Notice> {
    return new Promise((resolve, reject) => {
      const late = () =>
        reject(new Error(`not among what was told: ${JSON.stringify(this.all.map(({ kind }) => kind))}`));
      const timer = setTimeout(late, WAIT_MS);
      const look = (): void => {
        const found = this.all.find(fits);
        if (found === undefined) return;
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve(found);
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** Lifecycle events in short, such as `started booted`. */
  get lifecycle(): readonly string[] {
    return this.all.flatMap((notice) => (notice.kind === 'lifecycle' ? [`${notice.event} ${notice.detail}`] : []));
  }
}
