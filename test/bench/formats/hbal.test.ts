import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate, totalOf, violationsOf } from '../../../src/planner/engine/evaluate.js';
import type { Instance } from '../../../src/planner/engine/instance.js';
import { State } from '../../../src/planner/engine/state.js';
import { InputError } from '../command.js';
import { movable, packCluster } from './hbal.js';
import { scoreOf, scoreParts } from './hbal-score.js';
import { readCluster, readLoads, writeCluster } from './hbal-text.js';

/** Two nodes of one size and one twice as large; two instances of one service together; one with mirrored disks. */
const CLUSTER = `one|uuid-1|preferred||

n1|10000|0|5000|1000|900|4|M|uuid-1|1
n2|10000|0|9000|1000|900|4|N|uuid-1|1
n3|20000|0|19500|1000|1000|8|N|uuid-1|1

a|1000|0|1|running|Y|n1||ext|svc:web|1
b|2000|0|2|running|Y|n1||ext|svc:web,other|1
c|1000|0|1|running|Y|n1||ext||1
d|1000|100|1|running|Y|n1|n2|drbd||1

htools:iextags:svc

one|128,1,1024,1,1,1|128,1,1024,1,1,1;32768,8,1048576,16,8,12|ext|2.0|32.0
`;
const read = (text: string) => readCluster('c.data', text);
const nodesOf = (text: string) => read(text).instances.map(({ primary }) => primary);
const mirrorsOf = (text: string) => read(text).instances.map(({ secondary }) => secondary);
const deviation = (values: readonly number[]) => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
};

const scoreChange = (instance: Instance, machine: number, to: number) => {
  const moved = instance.origin.slice();
  moved[machine] = to;
  return totalOf(evaluate(instance, moved)) - totalOf(evaluate(instance, instance.origin));
};

describe('readCluster', () => {
  it('reads nodes, instances, tags and the ratio of virtual to physical CPUs', () => {
    const cluster = read(CLUSTER);
    expect(cluster.nodes.map(({ name, freeMemoryMiB }) => [name, freeMemoryMiB])).toEqual([
      ['n1', 5000],
      ['n2', 9000],
      ['n3', 19500],
    ]);
    expect(cluster.instances[3]).toMatchObject({ name: 'd', primary: 0, secondary: 1, template: 'drbd' });
    expect(cluster.clusterTags).toEqual(['htools:iextags:svc']);
    expect(cluster.vcpuRatio.get('uuid-1')).toBe(2);
  });

  it.each([
    ['an unknown node', CLUSTER.replace('Y|n1||ext||', 'Y|n9||ext||'), 'c.data:9:22: there is no node "n9"'],
    ['no number', CLUSTER.replace('|9000|', '|many|'), 'c.data:4:12: "many" is no number'],
    [
      'a field that is missing',
      CLUSTER.replace('n2|10000|0|9000|1000|900|4|N|uuid-1|1', 'n2|10000'),
      'c.data:4:10: field 3 is missing',
    ],
    ['two nodes of one name', CLUSTER.replace('n2|', 'n1|'), 'c.data:3:1: node n1 is there twice'],
    ['an unknown group', CLUSTER.replace('4|N|uuid-1', '4|N|uuid-2'), 'c.data:4:30: there is no node group'],
    [
      'an instance of two nodes that are one',
      CLUSTER.replace('|n1|n2|', '|n1|n1|'),
      'c.data:10:27: primary and secondary',
    ],
    ['a disk template that is none', CLUSTER.replace('|ext||', '|exd||'), '"exd" is no disk template'],
    ['a status that is none', CLUSTER.replace('|running|', '|runing|'), '"runing" is no status of an instance'],
    ['an answer that is neither yes nor no', CLUSTER.replace('running|Y|', 'running|y|'), 'field 6 says Y'],
    ['a file that is cut short', CLUSTER.split('\n').slice(0, 9).join('\n'), 'c.data:9:'],
    ['a policy that is cut short', CLUSTER.replace(/\|2\.0\|.*/s, ''), 'field 5 is missing'],
    ['a negative amount', CLUSTER.replace('n2|10000|0|', 'n2|10000|-1|'), 'c.data:4:10: an amount is not negative'],
    ['nothing', '', 'c.data:1:1: the file has no nodes'],
  ])('tells file, line and column of %s', (_, text, message) => {
    expect(() => read(text)).toThrow(InputError);
    expect(() => read(text)).toThrow(message);
  });

  it.each([
    ['location tags', CLUSTER.replace('htools:iextags:svc', 'htools:nlocation:power'), 'c.data:12:1: cluster tag'],
    [
      'exclusive storage',
      CLUSTER.replace('4|N|uuid-1|1', '4|N|uuid-1|1||Y'),
      'c.data:4:1: node n2 has exclusive storage',
    ],
    [
      'a forthcoming instance',
      CLUSTER.replace('n1||ext||1', 'n1||ext||1|-|Y'),
      'c.data:9:1: instance c is forthcoming',
    ],
  ])('refuses %s where it packs a cluster, because no score here counts them', (_, text, message) => {
    expect(() => packCluster(read(text), null)).toThrow(message);
  });
});

describe('readLoads', () => {
  it('reads four figures by name, and tells where one is none', () => {
    expect(readLoads('u', 'a 1 2 3 4\n\n').get('a')).toEqual([1, 2, 3, 4]);
    expect(() => readLoads('u', 'a 1 2 3 4\nb 1 x 3 4\n')).toThrow('u:2:5: ');
    expect(() => readLoads('u', 'a 1 2 3\n')).toThrow('u:1:8: ');
    expect(() => readLoads('u', 'a 1 2 -3 0\n')).toThrow('u:1:7: ');
    expect(() => readLoads('u', 'a 1 2 3 4\na 1 2 3 4\n')).toThrow('u:2:1: a has a line above');
  });
});

describe('writeCluster', () => {
  it('gives the same text for the same placement', () => {
    expect(writeCluster(read(CLUSTER), nodesOf(CLUSTER))).toBe(CLUSTER);
  });

  it('adjusts what is free on the nodes, and is read again with the new placement', () => {
    const text = writeCluster(read(CLUSTER), [0, 2, 0, 1], [-1, -1, -1, 2]);
    const { nodes } = read(text);
    expect(nodes.map(({ freeMemoryMiB }) => freeMemoryMiB)).toEqual([8000, 8000, 17500]);
    expect(nodes.map(({ freeDiskMiB }) => freeDiskMiB)).toEqual([1000, 900, 900]);
    expect([nodesOf(text), mirrorsOf(text)]).toEqual([
      [0, 2, 0, 1],
      [-1, -1, -1, 2],
    ]);
  });
});

describe('scoreParts', () => {
  it('adds up what hbal adds up', () => {
    const loads = new Map([['a', [0.5, 1, 0, 0] as const]]);
    const parts = scoreParts(read(CLUSTER), loads, nodesOf(CLUSTER), mirrorsOf(CLUSTER));
    expect(parts.freeMemory).toBeCloseTo(deviation([0.5, 0.9, 0.975]));
    expect(parts.vcpus).toBeCloseTo(deviation([6 / 4, 1 / 4, 1 / 8]));
    expect(parts.cpuLoad).toBeCloseTo(deviation([3.5, 0, 0]));
    expect(parts.diskLoad).toBeCloseTo(deviation([3, 1, 0]));
    expect(parts.exclusion).toBe(2);
    expect(parts.reservedSum).toBeCloseTo(0.25 * 0.1);
    expect(parts.failing + parts.offlineAll + parts.offlinePrimary).toBe(0);
  });

  it('counts what is on an offline node, and the nodes that could not take over', () => {
    const text = CLUSTER.replace('|M|', '|Y|').replace('n2|10000|0|9000', 'n2|10000|0|1000');
    const parts = scoreParts(read(text), null, nodesOf(text), mirrorsOf(text));
    expect([parts.offlineAll, parts.offlinePrimary, parts.failing]).toEqual([16, 64, 1]);
  });

  it('counts company of one tag where it is online, not where it waits on an offline node', () => {
    const at = (mark: string) => {
      const text = CLUSTER.replace('|M|', mark);
      return scoreParts(read(text), null, nodesOf(text), mirrorsOf(text)).exclusion;
    };
    expect([at('|M|'), at('|Y|')]).toEqual([2, 0]);
  });
});

describe('packCluster', () => {
  it('moves what hbal moves: instances whose disks every node reaches', () => {
    expect(read(CLUSTER).instances.map(movable)).toEqual([true, true, true, false]);
    expect(read(CLUSTER.replaceAll('running|Y', 'running|N')).instances.some(movable)).toBe(false);
  });

  it.each([
    ['all nodes are online', CLUSTER, 0],
    ['the first node is offline', CLUSTER.replace('|M|', '|Y|'), 1],
  ])('has an objective that differs from the score by a constant where %s, whatever the placement', (_, text, low) => {
    const cluster = read(text);
    const instance = packCluster(cluster, null);
    const mirrors = mirrorsOf(text);
    const rest = scoreOf(cluster, null, instance.origin, mirrors) - totalOf(evaluate(instance, instance.origin));
    const elsewhere = fc.integer({ min: low, max: 2 });
    const place = low === 0 ? elsewhere : fc.oneof(fc.constant(0), elsewhere);
    fc.assert(
      fc.property(place, place, place, (a, b, c) => {
        const assignment = Int32Array.of(a, b, c, 0);
        const cost = totalOf(evaluate(instance, assignment));
        expect(scoreOf(cluster, null, assignment, mirrors)).toBeCloseTo(cost + rest, 10);
      }),
    );
  });

  it('keeps memory free for the mirrors of a node, and CPUs within the ratio', () => {
    const instance = packCluster(read(CLUSTER.replace('n2|10000|0|9000', 'n2|10000|0|2000')), null);
    expect(violationsOf(instance, Int32Array.of(1, 0, 0, 0))).toEqual(['place 1 holds 9000 of resource 0, of 8999']);
    const packed = (ratio: string) =>
      packCluster(read(CLUSTER.replace('svc:web,other', 'other').replace('|2.0|', ratio)), null);
    const cpus = packed('|1.5|');
    expect(violationsOf(cpus, cpus.origin)).toEqual([]);
    expect(violationsOf(packed('|1.0|'), cpus.origin)).toHaveLength(1);
  });

  it('prices instances on offline nodes so that they leave, and lets none come', () => {
    const instance = packCluster(read(CLUSTER.replace('4|N|', '4|Y|')), null);
    expect(violationsOf(instance, Int32Array.of(1, 0, 0, 0))).toEqual(['machine 0 may not be in place 1']);
    const away = packCluster(read(CLUSTER.replace('|M|', '|Y|')), null);
    expect(evaluate(away, away.origin).staying).toBe(80);
  });

  it('lets none come to company of his tag as hbal does, unless he leaves an offline node', () => {
    const apart = CLUSTER.replace('|Y|n1||ext|svc:web,other', '|Y|n2||ext|svc:web,other');
    const online = packCluster(read(apart), null);
    expect(new State(online).shiftDelta(0, 1)).toBe(Infinity);
    const leaving = packCluster(read(apart.replace('|M|', '|Y|')), null);
    const delta = scoreChange(leaving, 0, 1);
    expect(new State(leaving).shiftDelta(0, 1)).toBeCloseTo(delta);
    expect(delta).toBeLessThan(-10);
  });
});
