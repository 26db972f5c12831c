import { describe, expect, it } from 'vitest';
import { balance } from './balance.js';
import type { Balanced } from './balance.js';
import { readCluster } from './formats/hbal-text.js';

interface Node {
  readonly mark: 'Y' | 'N';
  readonly freeMiB: number;
  readonly cpus?: number;
}

/** Nodes by what is free on them; instances as `node memory vcpus tag`, all with disks that every node reaches. */
function balanced(nodes: readonly Node[], instances: readonly string[], maxMoves = Infinity): Balanced {
  const rows = instances.map((text) => text.split(' '));
  const used = (node: number) =>
    rows.filter(([at]) => Number(at) === node).reduce((sum, [, memory]) => sum + Number(memory), 0);
  const text = [
    'g|u|preferred||',
    '',
    ...nodes.map(
      ({ mark, freeMiB, cpus = 32 }, node) =>
        `n${node}|${1000 + used(node) + freeMiB}|1000|${freeMiB}|1000|1000|${cpus}|${mark}|u|1`,
    ),
    '',
    ...rows.map(
      ([node = '', memory = '', cpus = '', tag = ''], index) =>
        `i${index}|${memory}|0|${cpus}|running|Y|n${node}||ext|${tag}|1`,
    ),
    '',
    'htools:iextags:t',
    '',
    '|128,1,1024,1,1,1|128,1,1024,1,1,1;1048576,64,8388608,16,8,12|ext|4.0|32.0',
    '',
  ].join('\n');
  const limits = { maxMoves, limit: { kind: 'evaluations', evaluations: 20_000 }, seed: 1, threads: 1 } as const;
  return balance(readCluster('c.data', text), null, { ...limits, begin: 0 });
}

describe('balance', () => {
  it('never ends worse than it began where company of one tag cannot change places', () => {
    const { before, after, order } = balanced(
      [
        { mark: 'N', freeMiB: 8000, cpus: 8 },
        { mark: 'N', freeMiB: 60000, cpus: 8 },
      ],
      ['0 2000 4', '1 1000 1', '0 2000 1', '0 1000 1 t:b', '1 2000 2 t:b', '1 1000 4', '1 4000 1', '0 8000 1 t:b'],
    );
    expect(after).toBeLessThanOrEqual(before);
    expect(order.length).toBeGreaterThan(0);
  });

  it('clears an offline node even where each of its instances comes to company of its tag', () => {
    const { order, primary, after } = balanced(
      [
        { mark: 'Y', freeMiB: 500 },
        { mark: 'N', freeMiB: 60000 },
      ],
      ['0 1000 1 t:a', '0 2000 1 t:a', '0 4000 1', '1 2000 1 t:a'],
    );
    expect([...primary]).toEqual([1, 1, 1, 1]);
    expect(order).toHaveLength(3);
    expect(after).toBeCloseTo(4);
  });
});
