import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { Command } from './command.js';
import { command as hbal } from './hbal.js';
import { command as roadef } from './roadef.js';

const folder = mkdtempSync(join(tmpdir(), 'berth-bench-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
afterEach(() => {
  vi.restoreAllMocks();
});

const NODES = 6;
const MACHINES = 60;
const lines = (count: number, text: (index: number) => string) => Array.from({ length: count }, (_, i) => text(i));

/** All processes on the first half of the hosts, far above what these should carry. */
function challenge(): readonly string[] {
  const distances = (host: number) => lines(NODES, (other) => (host === other ? '0' : '1')).join(' ');
  const model = [
    '1 0 10',
    String(NODES),
    ...lines(NODES, (host) => `${host % 2} ${host % 3} 400 60 ${distances(host)}`),
    String(MACHINES),
    ...lines(MACHINES, () => '0 0'),
    String(MACHINES),
    ...lines(MACHINES, (machine) => `${machine} ${1 + ((machine * 7) % 11)} 1`),
    '0 1 10 1',
  ];
  writeFileSync(join(folder, 'model'), model.join('\n'));
  writeFileSync(join(folder, 'assignment'), lines(MACHINES, (machine) => String(machine % 3)).join(' '));
  return [join(folder, 'model'), join(folder, 'assignment')];
}

/** All instances on the first half of the nodes. */
function cluster(): readonly string[] {
  const text = [
    'one|uuid-1|preferred||',
    '',
    ...lines(NODES, (node) => `n${node}|50000|0|${node < 3 ? 8000 : 50000}|1000|900|32|N|uuid-1|1`),
    '',
    ...lines(MACHINES, (i) => `i${i}|${500 + ((i * 97) % 900)}|0|${1 + (i % 3)}|running|Y|n${i % 3}||ext||1`),
    '',
    '',
  ];
  writeFileSync(join(folder, 'cluster.data'), text.join('\n'));
  return [join(folder, 'cluster.data')];
}

describe('A budget of evaluations on the command line', () => {
  it.each<readonly [string, Command, () => readonly string[]]>([
    ['roadef', roadef, challenge],
    ['hbal', hbal, cluster],
  ])('gives the same result each time, whatever the number of threads: %s', async (_, command, inputs) => {
    const written: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    const files = inputs();
    const results: string[] = [];
    for (const threads of ['1', '2', '3']) {
      const out = join(folder, `result-${threads}`);
      const limits = ['--evaluations', '40000', '--seed', '7', '--threads', threads];
      expect(await command.run([...files, ...limits, '--out', out])).toBe(0);
      results.push(readFileSync(out, 'utf8'));
    }
    expect(results[1]).toBe(results[0]);
    expect(results[2]).toBe(results[0]);
    expect(results[0]).not.toBe(readFileSync(files.at(-1) ?? '', 'utf8'));
    expect(written[0]).toMatch(/0\.\d million evaluations/);
  });
});
