import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate, totalOf, violationsOf } from '../../src/planner/engine/evaluate.js';
import type { Instance } from '../../src/planner/engine/instance.js';
import { search } from '../../src/planner/engine/search/index.js';
import { searchTogether } from '../../src/portfolio/index.js';
import { partsOf } from '../../src/portfolio/parts.js';
import { share } from '../../src/portfolio/shared.js';
import { randomInstance } from '../planner/engine/random-instance.js';

/** Threads load plain modules: those of the build. */
const program = new URL('../../dist/portfolio/worker.js', import.meta.url);
const seeds = fc.integer({ min: 0, max: 1e9 });

/** Machines with loads above what hosts should carry: `groups` of hosts and machines that have nothing to do with each other. */
function loaded(groups: number, hostsEach = 8, machinesEach = 40): Instance {
  const [hosts, machines] = [groups * hostsEach, groups * machinesEach];
  const groupAt = (index: number, each: number) => Math.floor(index / each);
  return {
    ...randomInstance(1),
    hosts,
    places: hosts,
    machines,
    resources: 1,
    hostOf: Int32Array.from({ length: hosts }, (_, host) => host),
    origin: Int32Array.from(
      { length: machines },
      (_, machine) => groupAt(machine, machinesEach) * hostsEach + ((machine * machine) % hostsEach),
    ),
    fixed: new Uint8Array(machines),
    demand: Float64Array.from({ length: machines }, (_, machine) => 1 + ((machine * 7919) % 13)),
    capacity: new Float64Array(hosts).fill(1000),
    base: new Float64Array(hosts),
    transient: new Uint8Array(1),
    unary: {
      classOf: Int32Array.from({ length: machines }, (_, machine) => groupAt(machine, machinesEach)),
      cost: Float64Array.from({ length: groups * hosts }, (_, at) =>
        groupAt(at % hosts, hostsEach) === Math.floor(at / hosts) ? 0 : Infinity,
      ),
      staying: new Float64Array(machines),
    },
    rules: [],
    domains: [],
    objectives: {
      excess: { soft: new Float64Array(hosts).fill(34), weight: new Float64Array(hosts).fill(1) },
      balance: [],
      deviation: [],
      quadratic: [{ resource: 0, scale: new Float64Array(hosts).fill(1), weight: 0.1 }],
      company: [],
      moved: new Float64Array(machines).fill(0.5),
      movedTogether: null,
      crossing: null,
      opened: null,
      slots: [],
      unplaced: null,
    },
  };
}

describe('A search by several threads', () => {
  it.each([
    ['one problem searched by several members in rounds', loaded(1), { members: 3, rounds: 3 }],
    ['a problem of independent parts', loaded(5), {}],
    ['a problem of parts with a limit on all moves', loaded(2), { maxMoves: 20 }],
  ])('ends the same with one, two and three threads: %s', (_, instance, more) => {
    const results = [1, 2, 3].map((threads) =>
      searchTogether(instance, { seed: 5, budget: { evaluations: 30_000 }, threads, program, ...more }),
    );
    const [first] = results;
    expect(results[1]).toEqual(first);
    expect(results[2]).toEqual(first);
    expect(first?.cost).toBeLessThan(first?.startCost ?? 0);
    expect(violationsOf(instance, first?.assignment ?? instance.origin)).toEqual([]);
  });

  it('depends on the seed alone', () => {
    const run = (seed: number) =>
      searchTogether(loaded(1), { seed, budget: { evaluations: 8000 }, threads: 2, program });
    expect(run(1)).toEqual(run(1));
    expect(run(1).assignment).not.toEqual(run(2).assignment);
  });

  it('ends with a budget of seconds, and finds what one thread finds', () => {
    const instance = loaded(1);
    const { cost, startCost } = searchTogether(instance, { seed: 1, budget: { seconds: 0.4 }, threads: 2, program });
    expect(cost).toBeLessThan(startCost);
    expect(cost).toBeLessThanOrEqual(1.2 * search(instance, { seed: 1, budget: { evaluations: 20_000 } }).cost);
  });

  it('is an ordinary search where nothing bounds it, or where it has one member', () => {
    const instance = loaded(1);
    expect(searchTogether(instance, { seed: 1, budget: {}, threads: 2, program })).toEqual(
      search(instance, { seed: 1, budget: {} }),
    );
  });

  it('says why when a thread fails', () => {
    const broken = new URL(
      'data:text/javascript,import{workerData}from"node:worker_threads";const{control,failure}=workerData.place;new TextEncoder().encodeInto("no room",failure);Atomics.store(control,4,2)',
    );
    const run = () => {
      for (let tries = 0; tries < 20; tries++) {
        searchTogether(loaded(1), { seed: 1, budget: { seconds: 0.5 }, threads: 2, members: 2, program: broken });
      }
    };
    expect(run).toThrow('a search thread failed: no room');
  });

  it('does all alone when the other thread cannot start, and leaves no thread behind', () => {
    const portfolio = fileURLToPath(new URL('../../dist/portfolio/index.js', import.meta.url));
    const script = `
      import { searchTogether } from ${JSON.stringify(portfolio)};
      const instance = JSON.parse(process.argv[1], (_, value) => value?.table === undefined ? value : new globalThis[value.kind](value.table));
      instance.capacity.fill(1000);
      const run = (program) => searchTogether(instance, { seed: 1, budget: { evaluations: 4000 }, threads: 2, program }).cost;
      const [good, gone] = [run(), run(new URL('file:///there/is/none.js'))];
      console.log(good === gone);`;
    const text = JSON.stringify(loaded(1), (_, value: unknown) =>
      ArrayBuffer.isView(value) ? { kind: value.constructor.name, table: [...(value as Float64Array)] } : value,
    );
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script, text], {
      timeout: 30_000,
    });
    expect(output.toString()).toBe('true\n');
  });
});

/** A random problem in which machines of one kind keep to the hosts of that kind, and rules to machines of one kind mostly. */
function divided(seed: number): Instance {
  const instance = randomInstance(seed);
  const { hosts, places, machines, hostOf, rules, objectives } = instance;
  const kinds = Math.min(3, hosts);
  const kindAt = (place: number) => (hostOf[place] ?? 0) % kinds;
  const kindOf = Int32Array.from({ length: machines }, (_, machine) => (machine * 31 + seed) % kinds);
  const only = <T extends { readonly members: Int32Array }>(set: T, index: number): T => ({
    ...set,
    members:
      (seed + index) % 7 === 0 ? set.members : set.members.filter((machine) => kindOf[machine] === index % kinds),
  });
  return {
    ...instance,
    origin: instance.origin.map((place, machine) =>
      place < 0 || kindAt(place) === kindOf[machine] ? place : (kindOf[machine] ?? 0),
    ),
    unary: {
      classOf: kindOf,
      cost: Float64Array.from({ length: kinds * places }, (_, at) =>
        kindAt(at % places) === Math.floor(at / places) ? (at % 5) / 3 : Infinity,
      ),
      staying: new Float64Array(machines).fill(0.3),
    },
    rules: rules.filter(({ kind }) => kind !== 'follow' && kind !== 'separate' && kind !== 'budget').map(only),
    objectives: { ...objectives, deviation: [], movedTogether: null, company: objectives.company.map(only) },
  };
}

describe('The parts of a problem', () => {
  it('are groups of hosts and machines that have nothing in common', () => {
    const parts = partsOf(loaded(3, 2, 4));
    expect(parts.map(({ machines }) => [...machines])).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9, 10, 11],
    ]);
    expect(parts.map(({ places }) => [...places])).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
  });

  it('become one by a rule or by an objective over all hosts', () => {
    const instance = loaded(3, 2, 4);
    const domains = [{ of: instance.hostOf, count: 6 }];
    const rule = { kind: 'apart' as const, members: Int32Array.of(3, 4), domain: 0, most: 1 };
    expect(partsOf({ ...instance, domains, rules: [rule] })).toHaveLength(2);
    const deviation = [
      { resource: 0, offset: new Float64Array(6), scale: new Float64Array(6), weight: 1, hosts: new Uint8Array(6) },
    ];
    expect(partsOf({ ...instance, objectives: { ...instance.objectives, deviation } })).toHaveLength(1);
  });

  it('cost together what the whole costs, and break together what the whole breaks, as far as machines move', () => {
    let several = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const instance = divided(seed);
        const parts = partsOf(instance);
        if (parts.length > 1) several++;
        const costOf = (own: Instance, assignment: Int32Array) => totalOf(evaluate(own, assignment));
        const moved = searchTogether(instance, { seed, budget: { evaluations: 300 }, threads: 1, program }).assignment;
        const inPart = (assignment: Int32Array) =>
          parts.map(({ instance: own, machines, places }) =>
            costOf(
              own,
              machines.map((machine) => places.indexOf(assignment[machine] ?? -1)),
            ),
          );
        const sum = (costs: readonly number[]) => costs.reduce((all, cost) => all + cost, 0);
        const whole = costOf(instance, moved) - costOf(instance, instance.origin);
        const apart = sum(inPart(moved)) - sum(inPart(instance.origin));
        expect(Math.abs(whole - apart)).toBeLessThan(1e-4 * Math.max(1, Math.abs(whole)));
        const before = new Set(violationsOf(instance, instance.origin).map((text) => text.replace(/holds.*/, '')));
        const after = violationsOf(instance, moved).map((text) => text.replace(/holds.*/, ''));
        expect(after.filter((text) => !before.has(text))).toEqual([]);
      }),
      { numRuns: 300 },
    );
    expect(several).toBeGreaterThan(100);
  });
});

describe('Sharing a problem', () => {
  it('keeps every value, and arrays that are one stay one', () => {
    const members = Int32Array.of(1, 2);
    const value = { a: members, b: [{ c: members }], d: null, e: Float64Array.of(0.5), f: 'x' };
    const shared = share(value);
    expect(shared).toEqual(value);
    expect(shared.a).toBe(shared.b[0]?.c);
    expect(shared.a.buffer).toBeInstanceOf(SharedArrayBuffer);
  });
});
