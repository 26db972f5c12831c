import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guestImage } from '../guest/image.js';
import { busyboxGuest, firmwareGuest, guestAddress } from '../guest/machine.js';
import { openLab, type Lab } from '../namespaces/lab.js';
import { Repository } from './repository.js';

/**
 * Where machines run when the demo begins; `web-1` has an operating system and answers pings, the others only firmware. With the newcomer
 * they must fit on two hosts, each of which has the processors of this machine.
 */
const cast = [
  { name: 'web-1', app: 'web', host: 0 },
  { name: 'web-2', app: 'web', host: 0 },
  { name: 'cell-1', app: 'cell', host: 1 },
] as const;

export const witness = { name: 'web-1', address: guestAddress(1) } as const;

const FIRMWARE_MIB = 64;
const SYSTEM_MIB = 96;

/** The machines as documents tell of them. */
export const machines = cast.map(({ name, app }) => ({
  name,
  app,
  memoryMiB: name === witness.name ? SYSTEM_MIB : FIRMWARE_MIB,
}));
export const newcomer = { name: 'cell-2', app: 'cell', memoryMiB: FIRMWARE_MIB } as const;

/** Everything that the demo puts into the world; `strike` takes all of it away again. */
export interface Stage {
  readonly lab: Lab;
  readonly repository: Repository;
  readonly state: string;
  strike(): Promise<void>;
}

/** Three hypervisors, and an empty repository in a temporary folder. */
export async function buildStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'berth-demo-'));
  const clear = (): void => rmSync(folder, { recursive: true, force: true });
  // Whatever way the process ends, the folder goes with it; the lab ends with the process anyway.
  process.once('exit', clear);
  const lab = await openLab({ hosts: 3 });
  return {
    lab,
    repository: await Repository.create(join(folder, 'fleet')),
    state: join(folder, 'state'),
    strike: async () => {
      await lab.close();
      clear();
    },
  };
}

/** Defines and starts the machines by virsh, as if they had been there for long. Resolves when the witness answers. */
export async function startMachines({ lab }: Stage): Promise<void> {
  const image = await guestImage();
  await Promise.all(
    cast.map(async ({ name, host }, index) => {
      const options = { name, number: index + 1 };
      const file = join(lab.sharedFolder, `${name}.xml`);
      writeFileSync(file, name === witness.name ? busyboxGuest(image, options) : firmwareGuest(options));
      await lab.hosts[host]?.virsh('define', file);
      await lab.hosts[host]?.virsh('start', name);
    }),
  );
  await lab.link.reachable(witness.address, 120_000);
}
