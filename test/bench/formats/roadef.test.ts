import { describe, expect, it } from 'vitest';
import { evaluate, violationsOf } from '../../../src/planner/engine/evaluate.js';
import { InputError } from '../command.js';
import { foldDistances } from './roadef-distance.js';
import { parseRoadef, roadefText } from './roadef.js';

/** Four hosts, two resources (the first transient), two services of which the second needs the first; one balance cost. */
const MODEL = `2  1 100 0 10
4
0 0  30 400  16 80   0 1 4 5
0 0  10 240  8 160   1 0 3 4
1 1  15 100  12 80   4 3 0 2
1 2  10 100  8 80    5 4 2 0
2
2 0
1 1 0
3
0 12 10 1000
0 10 20 100
1 6 200 1
1
0 1 20 10
1 10 100
`;
const source = (text: string, file = 'model') => ({ file, text });
const parse = (model: string, assignment: string) => parseRoadef(source(model), source(assignment, 'assignment'));

describe('parseRoadef', () => {
  it('reads the example of the challenge and prices an assignment as its text does', () => {
    const instance = parse(MODEL, '0 3 0');
    const costs = evaluate(instance, Int32Array.of(0, 2, 0));
    expect(costs.excess).toBe(100 * 2 + 10 * 130);
    expect(costs.balance).toBe(10 * (20 * 12 - 190 + 0 + (20 * 5 - 80) + (20 * 10 - 100)));
    expect(costs).toMatchObject({ moved: 100, movedTogether: 10, crossing: 100 * 2 });
  });

  it('knows the hard constraints of the challenge', () => {
    const instance = parse(MODEL, '0 3 0');
    const broken = (...places: number[]) =>
      violationsOf(instance, Int32Array.from(places)).map((text) => text.replace(/.*\((.*)\).*/, '$1'));
    expect(broken(0, 3, 0)).toEqual([]);
    expect(broken(0, 1, 0)).toEqual(['atLeast']);
    expect(broken(0, 0, 0)).toEqual(['apart', 'atLeast']);
    expect(broken(2, 3, 0)).toEqual(['follow']);
    expect(broken(1, 3, 0)[0]).toMatch(/^place 1 holds 12 of resource 0/);
  });

  it('says where a file is wrong', () => {
    expect(() => parse(MODEL.replace('1 6 200', '7 6 200'), '0 3 0')).toThrow(
      new InputError('model', 13, 1, 'the service of a process is 7, and should be 0 to 1'),
    );
    expect(() => parse(MODEL, '0 3')).toThrow(/^assignment:1:4: the file ends before the machine of a process/);
    expect(() => parse(MODEL, '0 3 0 1')).toThrow(/^assignment:1:7: the file should end here/);
    expect(() => parse(MODEL.replace('16 80', '16 x'), '0 3 0')).toThrow(
      /^model:3:17: a safety capacity should be a number/,
    );
  });

  it.each([
    ['resources', /^\d+/, 'the number of resources is 99999999999, and the file is too short for that'],
    ['processes', /^\d+(?=\n0 )/m, ', and the file is too short for that'],
  ])('refuses more %s than the file has room for, before any table is made for them', (_, where, says) => {
    expect(() => parse(MODEL.replace(where, '99999999999'), '0 3 0')).toThrow(says);
  });

  it('writes an assignment in one line', () => {
    expect(roadefText(Int32Array.of(0, 3, 0))).toBe('0 3 0\n');
  });
});

describe('foldDistances', () => {
  it('puts machines at the same distances into one class, whatever the diagonal says', () => {
    const pairs = Uint16Array.of(0, 1, 2, 1, 0, 2, 3, 3, 0);
    const { classOf, classes, table } = foldDistances(3, pairs);
    expect([...classOf]).toEqual([0, 0, 1]);
    expect(classes).toBe(2);
    expect([...table]).toEqual([1, 2, 3, 0]);
  });

  it('keeps the distance between any two machines of a random table', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const machines = 2 + (seed % 5);
      const pairs = Uint16Array.from({ length: machines * machines }, (_, at) =>
        Math.imul(at + 1, seed * 7919) % 3 === 0 ? 1 : 2,
      );
      const { classOf, classes, table } = foldDistances(machines, pairs);
      for (let a = 0; a < machines; a++) {
        for (let b = 0; b < machines; b++) {
          if (a !== b)
            expect(table[(classOf[a] ?? 0) * classes + (classOf[b] ?? 0)], `seed ${seed}`).toBe(
              pairs[a * machines + b],
            );
        }
      }
    }
  });
});
