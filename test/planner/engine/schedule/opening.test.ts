import { describe, expect, it } from 'vitest';
import { Board } from '../../../../src/planner/engine/schedule/board.js';
import { openFor } from '../../../../src/planner/engine/schedule/opening.js';
import { moves } from './moves.js';

describe('openFor', () => {
  it('sends a machine aside that must not meet the one that wants to come', () => {
    const plain = moves(
      [4, 4, 4],
      [
        [0, 1, 2],
        [1, 0, 2],
      ],
    );
    const apart = { kind: 'apart', members: Int32Array.of(0, 1), domain: 0, most: 1 } as const;
    const board = new Board({ ...plain, instance: { ...plain.instance, rules: [apart] } });
    expect(openFor(board, 0)).toEqual([1]);
    expect(board.heading[1]).toBe(2);
    expect(board.isIdle(0)).toBe(true);
  });

  it('asks a machine that yields, and nobody who is not needed beside it', () => {
    const plain = moves(
      [40, 40, 40],
      [
        [0, 1, 30],
        [1, 1, 5],
        [1, 1, 28],
        [2, 2, 2],
      ],
    );
    const board = new Board({ ...plain, yielding: new Uint8Array(4).fill(1) });
    board.letYield();
    // Of 40 on the host 33 are taken, and 23 too many: the small one alone would not do, the other alone does.
    expect(openFor(board, 0)).toEqual([2, 0]);
    expect(board.heading[2]).toBe(2);
  });
});
