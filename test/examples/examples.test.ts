import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { berth, copyExample, scratch } from '../cli/berth.js';

const ROOT = fileURLToPath(new URL('../../examples/', import.meta.url));
const home = await scratch();

interface Example {
  readonly name: string;
  /** Where its machines are at the end. */
  readonly places: Readonly<Record<string, string>>;
  /** What the plan shows and nobody must lose: see the example's README. */
  readonly shows: readonly RegExp[];
}

const EXAMPLES: readonly Example[] = [
  {
    name: '01-5g-edge',
    places: { 'du-1': 'edge-a1', 'cu-up-1': 'edge-a2', 'upf-1': 'edge-a1', 'upf-2': 'edge-b2', 'du-3': 'edge-b1' },
    shows: [/host edge-a1: cpu at 75 %, above 70 %/, /cu-up-1 {2}edge-a1 → edge-a2 {2}vfio-live/],
  },
  {
    name: '02-maintenance-drain',
    places: { 'web-1': 'node-3', 'web-2': 'node-2', 'db-1': 'node-3', 'licence-1': 'node-1', 'batch-1': 'node-2' },
    shows: [/host node-1 is drained/, /licence-1 {2}MachineSuspended/, /db-1 {2}node-1 → node-3 {2}failover/],
  },
  {
    name: '03-anti-affinity-swap',
    places: { 'smf-red': 'node-2', 'smf-blue': 'node-1' },
    shows: [/bypass, moves on later/],
  },
  {
    name: '04-gpu-nvme-passthrough',
    places: { 'trainer-1': 'gpu-2', 'archive-1': 'gpu-3' },
    shows: [/trainer-1 {2}gpu-1 → gpu-2 {2}cold/, /archive-1 {2}gpu-1 → gpu-3 {2}hotplug/],
  },
  {
    name: '05-balance-and-consolidate',
    places: { 'build-1': 'lab-3', 'build-2': 'lab-3', 'build-3': 'lab-3', 'scratch-1': 'lab-3' },
    shows: [
      /cpu deviates by 25 % between hosts \(standard deviation\), more than 10 %/,
      /host lab-1 can be emptied/,
      /changes: hosts in use −0.5/,
    ],
  },
];

describe.each(EXAMPLES)('example $name', ({ name, places, shows }) => {
  it('is valid without a warning', async () => {
    const { code, stdout } = await berth(['validate', join(ROOT, name)], { home });
    expect(stdout).toMatch(/^✔ \d+ files, no errors/);
    expect(code).toBe(0);
  });

  it('has a README, and a modeline in every document that points to the schema of its kind', async () => {
    expect(existsSync(join(ROOT, name, 'README.md'))).toBe(true);
    const files = (await readdir(join(ROOT, name), { recursive: true })).filter((file) => /^[^.].*\.yaml$/.test(file));
    expect(files.length).toBeGreaterThan(4);
    for (const file of files) {
      const path = join(ROOT, name, file);
      const text = await readFile(path, 'utf8');
      const schema = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text)?.[1] ?? '';
      const { title } = JSON.parse(await readFile(join(dirname(path), schema), 'utf8')) as { title: string };
      const kinds = parseAllDocuments(text).map((document) => (document.toJS() as { kind: string }).kind);
      expect(new Set(kinds), file).toEqual(new Set([title]));
    }
  });

  it('gives the plan that is written down beside it', async () => {
    const { stdout } = await berth(['plan', join(ROOT, name)], { home, env: { BERTH_STATE: join(home, 'none') } });
    for (const part of shows) expect(stdout).toMatch(part);
    await expect(stdout.replace(/^Plan [0-9a-f]{12}/, 'Plan <hash>')).toMatchFileSnapshot(
      join(ROOT, name, 'expected', 'plan.txt'),
    );
  });

  it('ends where it should, in one pass, with nothing left to do', async () => {
    const copy = await copyExample(name, join(home, name));
    const env = { BERTH_STATE: join(home, `${name}-state`) };
    const reconciled = await berth(['reconcile', copy], { home, env });
    expect(reconciled).toMatchObject({ code: 0 });
    const { stdout } = await berth(['get', 'machines', '-s', copy, '-o', 'json'], { home, env });
    const machines = JSON.parse(stdout) as { desired: { name: string }; observed: { host: string; state: string }[] }[];
    for (const { desired, observed } of machines) {
      expect(
        observed.map(({ state }) => state),
        desired.name,
      ).toEqual(['running']);
      if (places[desired.name] !== undefined) expect(observed[0]?.host, desired.name).toBe(places[desired.name]);
    }
    expect(machines.map(({ desired }) => desired.name)).toEqual(expect.arrayContaining(Object.keys(places)));
    const again = await berth(['plan', copy, '--detailed-exitcode'], { home, env });
    expect(again.stdout).toMatch(/Nothing (to do|can be done)/);
    expect(again.code).toBe(0);
  });
});
