import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { violationsOf } from '../../../src/planner/engine/evaluate.js';
import { State } from '../../../src/planner/engine/state.js';
import { packOf } from '../../../src/planner/pack/packing.js';
import { answers, sourceOf } from '../../../src/planner/place/search.js';
import { Occupancy } from '../../../src/planner/occupancy.js';
import { viewOf } from '../../../src/planner/view.js';
import type { FixtureLines } from '../fixture-lines.js';
import { fixture } from '../fixture.js';
import { cluster, shuffled } from '../random-cluster.js';

const SEED = Number(process.env['SEED'] ?? 20260105);
const RUNS = { numRuns: Number(process.env['RUNS'] ?? 150), seed: SEED };

function packed(lines: FixtureLines) {
  const { desired, world } = fixture(lines);
  const view = viewOf(desired, world);
  const occupancy = Occupancy.of(view);
  return { view, occupancy, packing: packOf(view, occupancy, { movable: () => true, relief: null }) };
}

const HOSTS = { h1: { cells: 2 }, h2: { cells: 2 } } as const;

describe('a packed cluster', () => {
  it('has hosts and then their cells as places, and finds them by name again', () => {
    const { packing } = packed({ hosts: HOSTS });
    const found = [...packing.instance.hostOf.keys()].map((place) => packing.hostAt(place));
    expect(found.map(({ host, cell }) => `${host}/${cell ?? 'all'}`)).toEqual([
      'h1/all',
      'h2/all',
      'h1/0',
      'h1/1',
      'h2/0',
      'h2/1',
    ]);
    expect(found.map(({ host, cell }) => packing.placeOf(host, cell))).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('counts amounts, devices by class and load by metric as resources', () => {
    const { packing } = packed({
      hosts: { h1: { cpu: 0.5 } },
      machines: { a: { on: 'h1', vcpus: 3, cpu: 2, claims: { net: 'vf' } } },
    });
    const { instance, resources } = packing;
    const row = (table: Float64Array, at: number) =>
      Object.fromEntries(resources.map((name, index) => [name, table[at * resources.length + index]]));
    expect(row(instance.demand, 0)).toMatchObject({ cpus: 3, memory: 4096, 'devices vf': 1, 'load cpu': 2 });
    expect(row(instance.capacity, 0)).toMatchObject({ cpus: 32, memory: 65_536, 'devices vf': 4 });
    expect(row(instance.base, 0)).toMatchObject({ cpus: 0, 'devices vf': 0, 'load cpu': 14 });
    expect(row(instance.capacity, 0)['load cpu']).toBeCloseTo(0.8 * 32);
  });

  it('counts a machine that moves right now on both its hosts, and lets it be', () => {
    const { packing } = packed({
      hosts: { h1: {}, h2: {} },
      machines: {
        a: { on: 'h1', vcpus: 3, observed: { job: { to: 'h2', doneBytes: 0, totalBytes: 1, startedAt: 0 } } },
        b: { on: 'h1' },
      },
      rules: [{ kind: 'anti-affinity', topology: 'host', machines: ['a', 'b'] }],
      world: {
        reservations: [
          {
            ...{ host: 'h2', device: '0000:16:01.0', epoch: 1, phase: 'Held', machine: 'a', claim: 'net' },
            ...{ holder: 'dummy', dummy: 'd', move: 'a.1', planHash: '', expiresAt: null },
          },
        ],
      },
    });
    const state = new State(packing.instance);
    expect([...packing.instance.fixed]).toEqual([1, 0, 1]);
    expect(state.shiftDelta(1, packing.placeOf('h2', null))).toBe(Infinity);
  });

  it('keeps to the hosts and the access group of the policy for whose sake machines would move', () => {
    const { desired, world } = fixture({
      hosts: { h1: {}, h2: {}, h3: { group: 'b' }, h4: {} },
      machines: { a: { on: 'h1' } },
      load: { hosts: ['h1', 'h2', 'h3'], crossGroup: 'never' },
    });
    const view = viewOf(desired, world);
    const relief = desired.loadPolicies[0] ?? null;
    const { instance } = packOf(view, Occupancy.of(view), { movable: () => true, relief });
    const state = new State(instance);
    expect([0, 1, 2, 3].map((place) => state.shiftDelta(0, place))).toEqual([0, 0, Infinity, Infinity]);
  });

  it(`allows a machine every place that the constraints allow it (seed ${SEED})`, () => {
    fc.assert(
      fc.property(fc.oneof(cluster, shuffled), (lines) => {
        const { view, packing } = packed(lines);
        const state = new State(packing.instance);
        for (const machine of view.machines.values()) {
          const index = packing.machineAt.get(machine.name) ?? -1;
          if (packing.instance.fixed[index] === 1 || machine.copies.length > 1) continue;
          const occupancy = Occupancy.of(view);
          if (machine.running !== null) occupancy.lift(machine.name, machine.running.host);
          const question = {
            view,
            occupancy,
            present: occupancy,
            machine,
            source: sourceOf(view, machine),
            relief: null,
          };
          for (const answer of answers(question)) {
            if (answer.kind !== 'feasible' || answer.host === machine.running?.host) continue;
            const place = packing.placeOf(answer.host, answer.placement.cell);
            expect(state.shiftDelta(index, place), `${machine.name} to ${answer.host}`).toBeLessThan(Infinity);
          }
        }
      }),
      RUNS,
    );
  });

  it(`breaks no capacity at the start that is kept in the cluster (seed ${SEED})`, () => {
    fc.assert(
      fc.property(shuffled, (lines) => {
        const { instance } = packed(lines).packing;
        expect(violationsOf(instance, instance.origin)).toEqual([]);
      }),
      RUNS,
    );
  });
});
