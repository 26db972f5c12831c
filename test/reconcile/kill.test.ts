import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock/virtual.js';
import { expandScenario } from '../../src/drivers/simulator/expand.js';
import { openSimulator } from '../../src/drivers/simulator/simulator.js';
import { savedTime } from '../../src/drivers/simulator/state-file.js';
import { openFileLedger } from '../../src/ledger/index.js';
import { temporaryFolder } from '../durable/folder.js';
import { type ClusterOf, documentsOf, scenarioInputOf } from './documents-of.js';
import { brokenAtRest } from './promises.js';

const CONTROLLER = fileURLToPath(new URL('killed-controller.js', import.meta.url));

const drain: ClusterOf = {
  hosts: [{ name: 'h1', maintenance: 'drain' }, { name: 'h2' }],
  machines: [{ name: 'cu-1', at: 'h1', vfs: 1, strategies: 'hotplug' }],
};

interface Ended {
  readonly records: number;
  readonly hold: { readonly reason: string } | null;
  readonly moves: readonly string[];
}

/** Runs the controller as a process of its own, a pass for each folder; null when it killed itself. */
async function run(folders: readonly string[], record = 0, moment = 'before'): Promise<readonly Ended[] | null> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [CONTROLLER, moment, String(record), ...folders]);
    const lines = stdout.trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as Ended);
  } catch (error) {
    if ((error as { signal?: string }).signal === 'SIGKILL') return null;
    throw error;
  }
}

function prepare(root: string, name: string): string {
  const folder = join(root, name);
  mkdirSync(folder);
  const given = { files: documentsOf(drain), scenario: expandScenario(scenarioInputOf(drain)) };
  writeFileSync(join(folder, 'given.json'), JSON.stringify(given));
  return folder;
}

/** What the files say when all is over. */
async function brokenIn(folder: string): Promise<readonly string[]> {
  const { scenario } = JSON.parse(readFileSync(join(folder, 'given.json'), 'utf8')) as {
    scenario: ReturnType<typeof expandScenario>;
  };
  const stateFile = join(folder, 'simulator.json');
  const clock = new VirtualClock((savedTime(stateFile) ?? 0) + 60_000);
  const simulator = openSimulator({ scenario, stateFile, clock, seed: 1, faults: { kind: 'none' } });
  return brokenAtRest(simulator.cluster.look(), await openFileLedger(join(folder, 'ledger.json')).read(), ['cu-1']);
}

describe('promise 1 (security.md): kill -9 of a controller process', () => {
  it('before and after every journal record leaves what the next process settles', { timeout: 300_000 }, async () => {
    const root = temporaryFolder();
    const [whole] = (await run([prepare(root, 'whole')])) ?? [];
    expect(whole).toMatchObject({ hold: null, moves: ['succeeded'] });
    expect(await brokenIn(join(root, 'whole'))).toEqual([]);

    const count = whole?.records ?? 0;
    expect(count).toBeGreaterThan(30);
    const kills = Array.from({ length: count }, (_, index) => index + 1).flatMap((record) =>
      ['before', 'after'].map((moment) => ({ record, moment, folder: prepare(root, `${moment}-${record}`) })),
    );
    const kill = async ({ record, moment, folder }: (typeof kills)[number]): Promise<void> => {
      expect(await run([folder], record, moment), `${moment} record ${record}`).toBeNull();
    };
    for (let next = 0; next < kills.length; next += 2) await Promise.all(kills.slice(next, next + 2).map(kill));

    const again = await run(kills.map(({ folder }) => folder));
    for (const [index, { record, moment, folder }] of kills.entries()) {
      const where = `${moment} record ${record}`;
      expect(again?.[index]?.hold, where).toBeNull();
      expect(await brokenIn(folder), where).toEqual([]);
    }
  });
});
