import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseScenario } from '../../../src/drivers/simulator/parse-scenario.js';
import type { Scenario } from '../../../src/drivers/simulator/scenario.js';
import type { Problem } from '../../../src/model/index.js';

const root = fileURLToPath(new URL('../../../examples/', import.meta.url));
const examples = readdirSync(root).filter((name) => existsSync(`${root}${name}/.simulator/cluster.yaml`));

const SMALL = `hosts:
  - name: a
    nics: [{ netdev: ens1f0, bdf: '0000:3b:00.0', vfs: 2 }]
    cells: [{ cpus: 4, memoryMiB: 8192, hugepages: { 2048: 1024 } }]
machines:
  - name: m
    host: a
    devices: { net: { bdf: '0000:3b:01.0', mac: '52:54:00:00:00:01' } }
    load: 40
`;

const noTraces = (): Promise<null> => Promise.resolve(null);

async function scenario(text: string): Promise<Scenario> {
  const result = await parseScenario(text, '.simulator/cluster.yaml', noTraces);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
}

async function problems(text: string): Promise<readonly Problem[]> {
  const result = await parseScenario(text, '.simulator/cluster.yaml', noTraces);
  return result.ok ? [] : result.problems;
}

describe('scenario', () => {
  it.each(examples)('of example %s is read without a problem', async (name) => {
    const read = (path: string): Promise<string> => Promise.resolve(readFileSync(`${root}${name}/${path}`, 'utf8'));
    const result = await parseScenario(await read('.simulator/cluster.yaml'), '.simulator/cluster.yaml', read);
    expect(result).toMatchObject({ ok: true });
  });

  it('fills in what is left out', async () => {
    const { hosts, machines, ports } = await scenario(SMALL);
    expect(hosts[0]?.devices.map((device) => [device.bdf, device.function.kind, device.iommuGroup])).toEqual([
      ['0000:3b:00.0', 'pf', 1],
      ['0000:3b:01.0', 'vf', 2],
      ['0000:3b:01.1', 'vf', 3],
    ]);
    expect(machines[0]).toMatchObject({ state: 'running', vcpus: 2, numaNode: null, sharedDisks: true });
    expect(ports[0]).toMatchObject({ host: 'a', netdev: 'ens1f0', learned: ['52:54:00:00:00:01'] });
  });

  it('reads a trace row by the name of the machine, its number or its name, beside the scenario', async () => {
    const text = SMALL.replace('load: 40', 'load: { trace: traces/day.csv, row: 2 }');
    const asked: string[] = [];
    const result = await parseScenario(text, '.simulator/cluster.yaml', (path) => {
      asked.push(path);
      return Promise.resolve('# name, percentages\nother,1,2\nsecond,10,20,30\n');
    });
    expect(asked).toEqual(['.simulator/traces/day.csv']);
    expect(result).toMatchObject({
      ok: true,
      value: { loads: { m: { cpu: { kind: 'trace', percents: [10, 20, 30], periodSeconds: 300 } } } },
    });
  });

  it.each([
    ['host: a', 'host: b', 'UnresolvedReference', 7, 'the host is not there'],
    ['  - name: m', '  - name: m\n    host: a\n  - name: m', 'DuplicateName', 8, 'two machines of one name'],
    ['cpus: 4', 'cpu: 4', 'UnknownField', 4, 'a wrong key'],
    ['cpus: 4', 'cpus: four', 'WrongType', 4, 'a number in words'],
    ['0000:3b:01.0', '0000:3b:05.0', 'DeviceMissing', 8, 'a VF that the NIC does not have'],
    ['0000:3b:01.0', '0000:3b:00.0', 'DeviceInUse', 8, 'the port itself'],
    [", mac: '52:54:00:00:00:01'", '', 'MissingField', 8, 'a VF without an address'],
    ['52:54:00:00:00:01', '52:54:00:00:01', 'BadMac', 8, 'an address with a byte too few'],
    ['load: 40', 'load: 140', 'OutOfRange', 9, 'more than all of the CPUs'],
    ['load: 40', 'load: { trace: no.csv }', 'TraceMissing', 9, 'a trace that is not there'],
    ['load: 40', 'load: { trace: ../../../etc/passwd }', 'TraceMissing', 9, 'a trace outside of the repository'],
    ['host: a', 'host: a\n    memoryMiB: 8000', 'InsufficientResources', 6, 'memory that hugepages took'],
    ['host: a', 'host: a\n    vcpus: 5', 'InsufficientResources', 6, 'more vCPUs than CPUs'],
    ['host: a', 'host: a\n    numaNode: 1', 'InsufficientResources', 6, 'a cell that is not there'],
    ['hosts:', 'durationsMs: { teleport: 1 }\nhosts:', 'UnresolvedReference', 1, 'a call that does not exist'],
    ['hosts:', '\thosts:', 'TabIndentation', 1, 'a tab'],
  ])('with "%s" turned into "%s" is refused by %s in line %i: %s', async (from, to, code, line) => {
    const found = await problems(SMALL.replace(from, to));
    expect(found.map((problem) => [problem.code, problem.place?.line])).toContainEqual([code, line]);
    expect(found.every((problem) => problem.place?.file === '.simulator/cluster.yaml')).toBe(true);
  });

  it('is refused when it nests so deep that a parser would die of it', async () => {
    expect((await problems('['.repeat(3000))).map((problem) => problem.code)).toEqual(['TooDeep']);
  });
});
