import { describe, expect, it } from 'vitest';
import type { Action, Plan, Strategy } from '../../src/model/index.js';
import { plan, replay } from '../../src/planner/index.js';
import type { FixtureLines } from './fixture-lines.js';
import { fixture } from './fixture.js';
import { diceOf } from './walk/dice.js';
import { walk } from './walk/walk.js';

function planOf(lines: FixtureLines): Plan {
  const { desired, world } = fixture(lines);
  return plan(desired, world);
}

/** True when `later` cannot start before `earlier` is done. */
function waits({ steps }: Plan, later: string, earlier: string): boolean {
  const step = steps.find((entry) => entry.id === later);
  return step?.dependsOn.some((id) => id === earlier || waits({ steps } as Plan, id, earlier)) ?? false;
}

const full = { cpus: 4 };
const swap: FixtureLines = {
  hosts: { h1: full, h2: full, h3: full },
  machines: { a: { on: 'h1', host: 'h2', vcpus: 4 }, b: { on: 'h2', host: 'h1', vcpus: 4, memoryMiB: 8192 } },
};

/** A machine that has to leave h1, or starts, for h2, with a VF a claim in the VLAN of that claim. */
function inVlans(vlans: Readonly<Record<string, number | null>>, strategy: Strategy, on: string | undefined) {
  const claims = Object.fromEntries(Object.keys(vlans).map((claim) => [claim, 'vf' as const]));
  const strategies = strategy === 'cold' ? [strategy] : ([strategy, 'cold'] as const);
  const { desired, world } = fixture({
    hosts: { h1: { maintenance: 'drain' }, h2: {} },
    machines: {
      vm: { ...(on === undefined ? {} : { on }), claims, desired: { strategies, maxDowntimeMs: 60_000 } },
    },
  });
  const tagged = desired.machines.map((machine) => ({
    ...machine,
    claims: machine.claims.map((claim) => ({
      ...claim,
      attributes: { ...claim.attributes, vlan: vlans[claim.name] ?? null },
    })),
  }));
  return { desired: { ...desired, machines: tagged }, world };
}

/** The devices that an action brings along or takes, and the action that does. */
function broughtBy(action: Action, way: string) {
  const by = (host: string): string => `${action.kind} ${host}${way}`;
  if (action.kind === 'attach' || action.kind === 'detach') return [{ ...action, by: by(action.host) }];
  if (action.kind === 'migrate') return action.devices.map((device) => ({ ...device, by: by(action.to) }));
  if (action.kind !== 'start') return [];
  return action.definition.devices.map((device) => ({ ...device, by: by(action.host) }));
}

describe('what a move takes off the switch port that it leaves', () => {
  const lines: FixtureLines = {
    hosts: { h1: { maintenance: 'drain' }, h2: {} },
    machines: { vm: { on: 'h1', claims: { net: 'vf' } } },
  };
  const cases: readonly { reason: string; on: readonly string[]; written: string | null; off: readonly string[] }[] = [
    { reason: 'the profile that is written', on: ['profile'], written: 'profile', off: ['profile'] },
    { reason: 'the one that was written before', on: ['old'], written: 'profile', off: ['old'] },
    { reason: 'all of them', on: ['old', 'profile'], written: 'profile', off: ['old', 'profile'] },
    { reason: 'the old one when none is written any more', on: ['old'], written: null, off: ['old'] },
    { reason: 'the written one when the switch has told nothing', on: [], written: 'profile', off: ['profile'] },
    { reason: 'nothing when there is none', on: [], written: null, off: [] },
  ];

  it.each(cases)('is $reason', ({ on, written, off }) => {
    const { desired: plain, world: seen } = fixture(lines);
    const machines = plain.machines.map((vm) => ({
      ...vm,
      claims: vm.claims.map((claim) => ({ ...claim, portProfile: written })),
    }));
    const profiles = on.map((profile) => ({ profile, machine: 'vm', claim: 'net' }));
    const switchPorts = seen.switchPorts.map((port) => (port.host === 'h1' ? { ...port, profiles } : port));
    const [desired, world] = [
      { ...plain, machines },
      { ...seen, switchPorts },
    ];
    const made = plan(desired, world);
    const actions = made.steps.flatMap((step) => step.actions);
    expect(actions.flatMap((action) => (action.kind === 'remove-port-profile' ? [action.profile.name] : []))).toEqual(
      off,
    );
    expect(replay(made, desired, world)).toEqual({ accepted: true });
    expect(walk(made, desired, world, { dice: diceOf(1) })).toEqual([]);
  });
});

describe('the order of moves', () => {
  it('lets an arrival wait for the departure that makes room', () => {
    const made = planOf({
      hosts: { h1: { ...full, vfs: 1 }, h2: { ...full, vfs: 1 }, h3: { ...full, vfs: 1 } },
      machines: {
        a: { on: 'h1', host: 'h2', vcpus: 4, claims: { net: 'vf' } },
        b: { on: 'h2', host: 'h3', vcpus: 4, claims: { net: 'vf' } },
      },
    });
    expect(waits(made, 'a.1/reserve/net', 'b.1/release/net')).toBe(true);
    expect(waits(made, 'b.1/reserve/net', 'a.1/release/net')).toBe(false);
  });

  it('leaves moves alone that do not need each other', () => {
    const made = planOf({
      hosts: { h1: { maintenance: 'drain' }, h2: {} },
      machines: { a: { on: 'h1' }, b: { on: 'h1' } },
    });
    expect(made.steps.map((step) => step.dependsOn)).toEqual([[], []]);
    expect(made.waves).toHaveLength(1);
  });

  it('swaps two machines directly when each host has a free device beside the one that is left', () => {
    const made = planOf({
      hosts: { h1: { vfs: 2 }, h2: { vfs: 2 } },
      machines: {
        a: { on: 'h1', host: 'h2', claims: { net: 'vf' } },
        b: { on: 'h2', host: 'h1', claims: { net: 'vf' } },
      },
    });
    expect(made.refusals).toEqual([]);
    expect(made.moves.map(({ id, from, to }) => `${id} ${from ?? ''} → ${to}`)).toEqual(['a.1 h1 → h2', 'b.1 h2 → h1']);
    expect(waits(made, 'b.1/reserve/net', 'a.1/release/net')).toBe(false);
  });

  it('does not let an arrival wait for a device when another one is free already', () => {
    const made = planOf({
      hosts: { h1: { vfs: 1 }, h2: { vfs: 2 }, h3: { vfs: 1 } },
      machines: {
        big: { on: 'h2', host: 'h3', memoryMiB: 8192, claims: { net: 'vf' } },
        small: { on: 'h1', host: 'h2', claims: { net: 'vf' } },
      },
    });
    expect(made.moves).toHaveLength(2);
    expect(waits(made, 'small.1/reserve/net', 'big.1/release/net')).toBe(false);
  });

  it('undoes a swap of two full hosts over a bypass host, moving the smaller machine twice', () => {
    const made = planOf(swap);
    expect(
      made.moves.map(({ id, from, to, bypass }) => `${id} ${from ?? ''} → ${to}${bypass ? ' bypass' : ''}`),
    ).toEqual(['a.1 h1 → h3 bypass', 'b.1 h2 → h1', 'a.2 h3 → h2']);
    expect(waits(made, 'b.1/migrate', 'a.1/migrate')).toBe(true);
    expect(waits(made, 'a.2/migrate', 'b.1/migrate')).toBe(true);
    expect(made.projections.after.map((host) => host.machines)).toEqual([['b'], ['a'], []]);
  });

  it('refuses a swap with no host to step aside, names the cycle, and plans the rest', () => {
    const made = planOf({
      hosts: { h1: full, h2: full, h4: { maintenance: 'drain' }, h5: { cpus: 2 } },
      machines: { ...swap.machines, c: { on: 'h4' } },
    });
    expect(made.moves.map(({ machine, to }) => `${machine} → ${to}`)).toEqual(['c → h5']);
    const message =
      'b (h2 → h1) and a (h1 → h2) wait for each other, and no host lets one of them step aside; 4 cpus more on h1 would let b in';
    expect(made.refusals).toMatchObject([
      { machine: 'b', reason: 'CyclicSwap', message },
      { machine: 'a', reason: 'CyclicSwap', message },
    ]);
  });

  it('names the machines of a cycle with where they are, not with where one would have stepped aside', () => {
    const made = planOf({
      hosts: { h1: full, h2: { cpus: 6 }, h3: full },
      machines: {
        big: { on: 'h1', host: 'h2', vcpus: 4, memoryMiB: 8192 },
        x: { on: 'h2', host: 'h1' },
        y: { on: 'h2', host: 'h3', vcpus: 4 },
        z: { on: 'h3', host: 'h1' },
      },
    });
    const ways = 'big (h1 → h2) and y (h2 → h3) and x (h2 → h1)';
    const message = `${ways} wait for each other, and no host lets one of them step aside; 2 cpus more on h3 would let y in`;
    expect(made.refusals[0]).toMatchObject({ machine: 'big', reason: 'CyclicSwap', message });
  });

  const relaxed = (lines: FixtureLines) => planOf(lines).refusals[0]?.message.split('; ')[1];
  const tight = { cpus: 4, memoryMiB: 16_384 };
  const large = { vcpus: 4, memoryMiB: 16_384 };
  const pair = { a: { on: 'h1', host: 'h2', ...large }, b: { on: 'h2', host: 'h1', ...large } };

  it('names everything that a machine of a cycle lacks', () => {
    expect(relaxed({ hosts: { h1: tight, h2: tight }, machines: pair })).toMatch(
      /^4 cpus and 16384 MiB of memory more on h[12] would let [ab] in$/,
    );
  });

  it('names the memory and the device that a machine of a cycle lacks', () => {
    const hosts = { h1: { memoryMiB: 16_384, vfs: 1 }, h2: { memoryMiB: 16_384, vfs: 1 } };
    const claims = { net: 'vf' as const };
    const machines = {
      a: { on: 'h1', host: 'h2', memoryMiB: 16_384, claims },
      b: { on: 'h2', host: 'h1', memoryMiB: 16_384, claims },
    };
    expect(relaxed({ hosts, machines })).toMatch(
      /^16384 MiB of memory and one device for net \([ab] has one\) more on h[12] would let [ab] in$/,
    );
  });

  it('names what a ring of three lacks', () => {
    const machines = {
      a: { on: 'h1', host: 'h2', ...large },
      b: { on: 'h2', host: 'h3', ...large },
      c: { on: 'h3', host: 'h1', ...large },
    };
    expect(relaxed({ hosts: { h1: tight, h2: tight, h3: tight }, machines })).toMatch(
      /^4 cpus and 16384 MiB of memory more on h[123] would let [abc] in$/,
    );
  });

  it('proposes to widen a third host when that takes least, and tells what binds it', () => {
    const { refusals } = planOf({
      hosts: { h1: tight, h2: tight, h3: { cpus: 8, memoryMiB: 16_000 }, h4: { maintenance: 'drain' } },
      machines: pair,
    });
    expect(refusals[0]?.message).toMatch(/; 384 MiB of memory more on h3 would let [ab] step aside there$/);
    expect(refusals.map(({ candidates }) => candidates.map(({ host, constraint }) => `${host} ${constraint}`))).toEqual(
      [
        ['h3 capacity', 'h4 maintenance'],
        ['h3 capacity', 'h4 maintenance'],
      ],
    );
  });

  it('begins with the move of the host that has most to send', () => {
    const made = planOf({
      hosts: { h1: { maintenance: 'drain' }, h2: { maintenance: 'drain' }, h3: {}, h4: {} },
      machines: { a: { on: 'h1' }, b: { on: 'h2' }, c: { on: 'h2' }, d: { on: 'h2', memoryMiB: 16_384 } },
      migration: { limits: { perHost: 1, perGroup: 4, perCluster: 8 } },
    });
    expect(made.moves[0]?.from).toBe('h2');
  });

  it('never lets two machines meet that are kept apart, not even on the way', () => {
    const made = planOf({
      hosts: { h1: {}, h2: {}, h3: {} },
      machines: { a: { on: 'h1', host: 'h2' }, b: { on: 'h2', host: 'h3' } },
      rules: [{ kind: 'anti-affinity', topology: 'host', machines: ['a', 'b'] }],
    });
    expect(waits(made, 'a.1/migrate', 'b.1/migrate')).toBe(true);
  });

  it('does not use a bypass host on which a machine would meet one that it is kept apart from', () => {
    const made = planOf({
      hosts: { h1: {}, h2: {}, h3: {} },
      machines: { a: { on: 'h1', host: 'h2' }, b: { on: 'h2', host: 'h1' }, c: { on: 'h3' } },
      rules: [{ kind: 'anti-affinity', topology: 'host', machines: ['a', 'b', 'c'] }],
    });
    expect(made.moves).toEqual([]);
    expect(made.refusals.map(({ machine, reason }) => `${machine} ${reason}`)).toEqual([
      'a CyclicSwap',
      'b CyclicSwap',
    ]);
  });

  it('makes the moves of one spread rule one after the other', () => {
    const made = planOf({
      hosts: { h1: {}, h2: {}, h3: {} },
      machines: { a: { on: 'h1' }, b: { on: 'h1' }, c: { on: 'h1' } },
      rules: [{ kind: 'spread', topology: 'host', maxSkew: 1, machines: ['a', 'b', 'c'] }],
    });
    expect(made.moves).toHaveLength(2);
    expect(waits(made, 'c.1/migrate', 'b.1/migrate')).toBe(true);
  });

  it('shows no more transfers in a wave than the limits allow', () => {
    const made = planOf({
      hosts: { h1: { maintenance: 'drain' }, h2: {} },
      machines: { a: { on: 'h1' }, b: { on: 'h1' }, c: { on: 'h1' }, d: { on: 'h1' }, e: { on: 'h1' } },
    });
    expect(made.limits.perHost).toBe(2);
    expect(made.waves.map((wave) => wave.length)).toEqual([2, 2, 1]);
  });
});

describe('the steps of a move', () => {
  function kindsOf(strategies: readonly Strategy[], on: string | undefined): readonly string[] {
    const made = planOf({
      hosts: { h1: { maintenance: 'drain' }, h2: {} },
      machines: {
        vm: {
          ...(on === undefined ? {} : { on }),
          claims: { net: 'vf' },
          desired: { strategies, maxDowntimeMs: 60_000 },
        },
      },
    });
    return made.steps.map((step) => `${step.phase} ${step.kind}`);
  }
  const prepare = ['reserve', 'commission', 'port-profile', 'reconfigure'].map((kind) => `prepare ${kind}`);
  const announced = ['announce', 'forward', 'unforward', 'remove-port-profile'].map((kind) => `complete ${kind}`);
  const cases: readonly { reason: string; kinds: readonly string[]; found: () => readonly string[] }[] = [
    {
      reason: 'claims 4, 5 and 6: a dummy holds the replacement, gives way to the machine, and traffic is forwarded',
      found: () => kindsOf(['vfio-live'], 'h1'),
      kinds: [
        ...prepare,
        ...['switch hand-over', 'switch decommission', 'switch migrate'],
        ...[...announced, 'complete release'],
      ],
    },
    {
      reason: 'hotplug: the device is taken before the transfer, and the replacement given after it',
      found: () => kindsOf(['hotplug'], 'h1'),
      kinds: [
        ...prepare,
        ...['switch detach', 'switch migrate'],
        ...['complete hand-over', 'complete decommission', 'complete attach'],
        ...[...announced, 'complete release'],
      ],
    },
    {
      reason: 'cold: the source is kept until the target runs',
      found: () => kindsOf(['cold'], 'h1'),
      kinds: [
        ...prepare,
        ...['switch stop', 'switch hand-over', 'switch decommission', 'switch start'],
        ...[...announced, 'complete undefine', 'complete release'],
      ],
    },
    {
      reason: 'a first start has nothing to leave behind',
      found: () => kindsOf(['vfio-live'], undefined),
      kinds: [...prepare, 'switch hand-over', 'switch decommission', 'switch start', 'complete announce'],
    },
  ];
  it.each(cases)('$reason', ({ found, kinds }) => {
    expect(found()).toEqual(kinds);
  });

  it('only migrate a machine without devices', () => {
    const made = planOf({ hosts: { h1: { maintenance: 'drain' }, h2: {} }, machines: { vm: { on: 'h1' } } });
    expect(made.steps.map((step) => step.kind)).toEqual(['migrate']);
  });

  it('move a generic PCIe device as well, without switch port and address (claim 8)', () => {
    const made = planOf({
      hosts: { h1: { maintenance: 'drain', gpus: 1 }, h2: { gpus: 1 } },
      machines: { vm: { on: 'h1', claims: { gpu: 'gpu' } } },
    });
    expect(made.moves[0]?.strategy).toBe('hotplug');
    expect(made.steps.map((step) => step.kind)).toEqual([
      ...['reserve', 'commission', 'reconfigure', 'detach', 'migrate'],
      ...['hand-over', 'decommission', 'attach', 'release'],
    ]);
    expect(made.steps.flatMap((step) => step.actions).filter((action) => action.port === 'fabric')).toEqual([]);
  });

  it('reserve the whole IOMMU group and let the dummy hold it', () => {
    const base = fixture({ hosts: { h2: { gpus: 1 } } }).world.hosts[0];
    const audio = base?.devices.filter((device) => device.category === 'gpu') ?? [];
    const second = audio.map((device) => ({ ...device, bdf: '0000:a0:00.1', category: 'other' as const }));
    const made = planOf({
      hosts: {
        h1: { maintenance: 'drain', gpus: 1 },
        h2: { observed: { devices: [...(base?.devices ?? []), ...second] } },
      },
      machines: { vm: { on: 'h1', claims: { gpu: 'gpu' } } },
    });
    const group = ['0000:a0:00.0', '0000:a0:00.1'];
    expect(made.moves[0]?.assignments[0]?.group).toEqual(group);
    const commission = made.steps.flatMap((step) => step.actions).find((action) => action.kind === 'commission');
    expect(commission).toMatchObject({ devices: group });
    const reserve = made.steps.find((step) => step.kind === 'reserve');
    expect(reserve?.actions.map((action) => 'device' in action && action.device)).toEqual(group);
  });

  it('take devices of different IOMMU groups for the claims of one machine', () => {
    const base = fixture({ hosts: { h2: { gpus: 3 } } }).world.hosts[0]?.devices ?? [];
    const paired = base.map((device) => (device.bdf === '0000:a1:00.0' ? { ...device, iommuGroup: 1000 } : device));
    const lines = (devices: typeof base) => ({
      hosts: { h1: { maintenance: 'drain' as const, gpus: 2 }, h2: { observed: { devices } } },
      machines: { vm: { on: 'h1', claims: { one: 'gpu' as const, two: 'gpu' as const } } },
    });
    expect(planOf(lines(paired)).moves[0]?.assignments.map((assignment) => assignment.group)).toEqual([
      ['0000:a0:00.0', '0000:a1:00.0'],
      ['0000:a2:00.0'],
    ]);
    const onlyOneGroup = paired.filter((device) => device.bdf !== '0000:a2:00.0');
    expect(planOf(lines(onlyOneGroup)).refusals.map((refusal) => refusal.reason)).toEqual(['NoFeasibleHost']);
  });

  it('give the dummy an address of its own, and the machine’s to no VF before the machine comes', () => {
    const made = planOf({
      hosts: { h1: { maintenance: 'drain' }, h2: {} },
      machines: { vm: { on: 'h1', claims: { net: 'vf' } } },
    });
    const mac = made.moves[0]?.assignments[0]?.mac;
    expect(mac).toBe('52:54:00:00:00:00');
    const early = made.steps
      .filter((step) => step.phase === 'prepare')
      .flatMap((step) => [...step.actions, ...step.undo]);
    expect(JSON.stringify(early)).not.toContain(mac);
    expect(early.find((action) => action.kind === 'commission')).toMatchObject({
      mac: expect.stringMatching(/^02:/) as string,
    });
  });

  const crossings: readonly { strategy: Strategy; on?: string; brings: readonly string[] }[] = [
    { strategy: 'vfio-live', on: 'h1', brings: ['migrate h2'] },
    { strategy: 'failover', on: 'h1', brings: ['migrate h2'] },
    { strategy: 'hotplug', on: 'h1', brings: ['attach h1 (back)', 'attach h2', 'detach h1'] },
    { strategy: 'cold', on: 'h1', brings: ['start h1 (back)', 'start h2'] },
    { strategy: 'vfio-live', brings: ['start h2'] },
  ];
  it.each(crossings)(
    'bring every device with the VLAN of its claim, forth and back: $strategy from $on',
    ({ strategy, on, brings }) => {
      const { desired, world } = inVlans({ fronthaul: 100, midhaul: null }, strategy, on);
      const made = plan(desired, world);
      const found = made.steps.flatMap(({ actions, undo }) => [
        ...actions.flatMap((action) => broughtBy(action, '')),
        ...undo.flatMap((action) => broughtBy(action, ' (back)')),
      ]);
      expect([...new Set(found.map(({ by }) => by))].sort()).toEqual(brings);
      for (const by of brings)
        expect(found.filter((one) => one.by === by).map(({ claim, vlan }) => [claim, vlan])).toEqual([
          ['fronthaul', 100],
          ['midhaul', null],
        ]);
      expect(replay(made, desired, world)).toEqual({ accepted: true });
      expect(walk(made, desired, world, { dice: diceOf(1) })).toEqual([]);
    },
  );

  it('stage all replacements that are ready, claim by claim', () => {
    const made = planOf({
      hosts: { h1: { maintenance: 'drain' }, h2: {} },
      machines: { vm: { on: 'h1', claims: { fronthaul: 'vf', midhaul: 'vf' } } },
    });
    const staged = made.steps
      .flatMap((step) => step.actions)
      .flatMap((action) => (action.kind === 'reconfigure' ? [action.replacements.map(({ claim }) => claim)] : []));
    expect(staged).toEqual([['fronthaul'], ['fronthaul', 'midhaul']]);
    expect(waits(made, 'vm.1/reconfigure/midhaul', 'vm.1/reconfigure/fronthaul')).toBe(true);
  });
});

describe('the duration of a plan', () => {
  const machines = { a: { on: 'h1' }, b: { on: 'h1' } };
  const hosts = { h1: { maintenance: 'drain' as const }, h2: {}, h3: {} };

  it('counts moves that run side by side once', () => {
    const made = planOf({ hosts, machines, migration: { limits: { perHost: 2, perGroup: 4, perCluster: 8 } } });
    expect(made.moves).toHaveLength(2);
    expect(made.summary.seconds).toBeCloseTo(Math.max(...made.moves.map((move) => move.estimate.seconds)), 1);
  });

  it('counts them one after the other where a limit says so', () => {
    const made = planOf({ hosts, machines, migration: { limits: { perHost: 1, perGroup: 4, perCluster: 8 } } });
    const total = made.moves.reduce((sum, move) => sum + move.estimate.seconds, 0);
    expect(made.summary.seconds).toBeCloseTo(total, 1);
  });

  it('includes the time for which traffic is forwarded', () => {
    const withVf = { vm: { on: 'h1', claims: { net: 'vf' as const } } };
    const made = planOf({ hosts, machines: withVf, migration: { forwardSeconds: 300 } });
    expect(made.summary.seconds).toBeGreaterThan(300);
  });
});
