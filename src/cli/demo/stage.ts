import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRepository, serveRepositories } from '../compose.js';
import type { RepositoryOptions } from '../options.js';
import { cloneWithExample, type WorkingCopy } from './repository.js';

const EXAMPLE = fileURLToPath(new URL('../../../examples/01-5g-edge', import.meta.url));

/** Everything that the demo puts into the world; `strike` takes all of it away again. */
export interface Stage {
  readonly url: string;
  readonly copy: WorkingCopy;
  readonly options: RepositoryOptions;
  /** The demo heeds nobody's settings. */
  readonly env: NodeJS.ProcessEnv;
  strike(): Promise<void>;
}

/** Makes a bare repository in a temporary folder, serves it over smart HTTP on loopback, and clones it with the example's files. */
export async function buildStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'berth-demo-'));
  const clear = (): void => rmSync(folder, { recursive: true, force: true });
  // Whatever way the process ends, the folder goes with it.
  process.once('exit', clear);
  const root = join(folder, 'repositories');
  await mkdir(root);
  await createRepository(join(root, 'fleet.git'), 'main');
  const server = await serveRepositories({ root });
  const url = `${server.url}/fleet.git`;
  return {
    url,
    copy: await cloneWithExample(url, join(folder, 'work'), EXAMPLE),
    options: {
      source: url,
      branch: 'main',
      statusBranch: 'berth/status',
      author: 'Berth <berth@example.com>',
      state: join(folder, 'state'),
    },
    env: {},
    strike: async () => {
      await server.close();
      clear();
    },
  };
}
