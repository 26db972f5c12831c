import { describe, expect, it } from 'vitest';
import type { Reasoning } from '../../src/model/index.js';
import { plan } from '../../src/planner/index.js';
import type { FixtureLines } from './fixture-lines.js';
import { fixture } from './fixture.js';

function reasoningOf(lines: FixtureLines, machine: string): Reasoning | undefined {
  const { desired, world } = fixture(lines);
  return plan(desired, world).moves.find((move) => move.machine === machine && !move.bypass)?.reasoning;
}

describe('the reasoning of a move', () => {
  it('of load relief tells the load that the source is rid of, and what the move costs', () => {
    const hosts = { a1: { cpu: 0.9 }, a2: { cpu: 0.2 }, b1: { group: 'b', cpu: 0.1 } };
    const found = reasoningOf({ hosts, machines: { vm: { on: 'a1', cpu: 8 } } }, 'vm');
    expect(found?.gains).toEqual([
      { objective: 'overload', gain: 0.25 },
      { objective: 'migration', gain: expect.closeTo(-0.16, 1) as number },
    ]);
    expect(found?.runnerUp).toMatchObject({ host: 'b1', objective: 'groupCrossing' });
    expect(found?.runnerUp?.difference).toBeGreaterThan(1);
    expect(found?.without).toBe('cpu of a1 would be 90 %, above 80 %');
  });

  it('leaves out the one move only: the others are made', () => {
    const lines = {
      hosts: { a1: { cpu: 1 }, a2: { cpu: 0.1 } },
      machines: { big: { on: 'a1', cpu: 5 }, next: { on: 'a1', cpu: 5 } },
    };
    expect(reasoningOf(lines, 'big')?.without).toBe('cpu of a1 would be 84.4 %, above 80 %');
  });

  it('names no runner-up where no other host can take the machine', () => {
    const lines: FixtureLines = {
      hosts: { a1: { maintenance: 'drain' }, a2: {}, a3: { state: 'down' } },
      machines: { vm: { on: 'a1' } },
    };
    expect(reasoningOf(lines, 'vm')).toMatchObject({
      runnerUp: null,
      without: 'vm would stay on a1, which is drained',
    });
  });

  it('of a drain tells what it changes besides: how even the hosts are, and its share in the host that it empties', () => {
    const found = reasoningOf(
      {
        hosts: { a1: { cpu: 0.8, maintenance: 'drain' }, a2: { cpu: 0.05 }, a3: { cpu: 0.3 } },
        machines: { vm: { on: 'a1', cpu: 8 }, other: { on: 'a1', cpu: 4 }, old: { on: 'a2' }, older: { on: 'a3' } },
      },
      'vm',
    );
    const gains = new Map(found?.gains.map(({ objective, gain }) => [objective, gain]));
    expect(gains.get('imbalance')).toBeGreaterThan(0);
    expect(gains.get('hostsInUse')).toBe(0.5);
    expect(gains.get('migration')).toBeLessThan(0);
    expect(found?.runnerUp).toMatchObject({ host: 'a3' });
    expect(found?.without).toMatch(/^vm would stay on a1, which is drained/);
  });

  it('of starts shares out the host that they bring into use', () => {
    const found = reasoningOf({ hosts: { a1: {} }, machines: { vm: {}, other: {} } }, 'vm');
    expect(found?.gains).toEqual([{ objective: 'hostsInUse', gain: -0.5 }]);
  });

  const places: readonly { reason: string; lines: FixtureLines; without: string }[] = [
    {
      reason: 'a start',
      lines: { hosts: { a1: {}, a2: {} }, machines: { vm: {} } },
      without: 'vm would run nowhere',
    },
    {
      reason: 'a requested host',
      lines: { hosts: { a1: {}, a2: {} }, machines: { vm: { on: 'a1', host: 'a2' } } },
      without: 'vm would stay on a1, not as requested',
    },
    {
      reason: 'a ban',
      lines: {
        hosts: { a1: {}, a2: {} },
        machines: { vm: { on: 'a1' } },
        rules: [{ kind: 'ban', machines: ['vm'], hosts: ['a1'] }],
      },
      without: 'vm would stay on a1, against ban',
    },
  ];
  it.each(places)('says of $reason: $without', ({ lines, without }) => {
    expect(reasoningOf(lines, 'vm')?.without).toBe(without);
  });
});
