import { describe, expect, it } from 'vitest';
import { type ClusterOf, documentsOf } from './documents-of.js';
import { type Loop, openLoop } from './loop.js';

const cluster: ClusterOf = {
  hosts: [{ name: 'h1' }, { name: 'h2' }, { name: 'h3' }],
  machines: [
    { name: 'du-1', at: 'h1', vfs: 2 },
    { name: 'cu-1', at: 'h1', vfs: 1 },
    { name: 'db-1', at: 'h1' },
    { name: 'foreign', at: 'h1', vfs: 1, unwritten: true },
  ],
};
const names = ['du-1', 'cu-1', 'db-1'];
const drained: ClusterOf = {
  ...cluster,
  hosts: [{ name: 'h1', maintenance: 'drain' }, { name: 'h2' }, { name: 'h3' }],
};

describe('a pass', () => {
  it('adopts what runs, and changes nothing when everything is as it is written', async () => {
    const loop = openLoop(cluster);
    const facts = await loop.pass();
    expect(facts).toMatchObject({ hold: null, problems: [], execution: null });
    expect(facts.plan?.moves).toEqual([]);
    expect((await loop.ledger.read()).map((entry) => entry.phase)).toEqual(['Bound', 'Bound', 'Bound']);
    expect(await loop.atRest(names)).toEqual([]);
  });

  it('drains a host by a commit, and leaves alone what nobody wrote', async () => {
    const loop = openLoop(cluster);
    await loop.pass();
    loop.repository.commit(documentsOf(drained));
    const facts = await loop.pass();
    expect(facts.hold).toBeNull();
    expect(facts.execution?.result).toBe('succeeded');
    expect(names.map((name) => loop.hostOf(name))).not.toContain('h1');
    expect(loop.hostOf('foreign')).toBe('h1');
    expect(await loop.atRest([...names])).toEqual([]);
    expect((await loop.pass()).plan?.moves).toEqual([]);
  });

  it('ends what is open, and follows no documents that what is open must not follow', async () => {
    const loop = openLoop(drained);
    await expect(loop.pass({ killAt: 40 })).rejects.toThrow();
    await loop.clock.sleep(60_000);
    const hold = { reason: 'ConnectionChanged', message: 'it moved house' } as const;
    const facts = await loop.pass({ refuse: ({ name }) => (name === 'test' ? { hold, problems: [] } : null) });
    expect(facts).toMatchObject({ hold, desired: null, plan: null, execution: null });
    expect(facts.recovered).toHaveLength(1);
    expect(facts.world?.hosts).toHaveLength(3);
    expect(await loop.lease.current()).toBeNull();
  });

  it('has nothing to recover and nothing to write in the journal when nothing changes', async () => {
    const loop = openLoop(cluster);
    await loop.pass({ holder: 'daemon' });
    const before = loop.records.length;
    await loop.pass({ holder: 'daemon' });
    expect(loop.records).toHaveLength(before);
  });

  it('keeps the journal short, and of it what cooldown needs', async () => {
    const loop = openLoop(drained);
    await loop.pass();
    expect(loop.records.length).toBeGreaterThan(40);
    const moved = loop.records.filter((record) => record.kind === 'moved');
    await loop.pass();
    expect(loop.records.length).toBeLessThan(10);
    expect(loop.records.filter((record) => record.kind === 'moved')).toEqual(moved);
  });

  it('keeps a freeze in the journal that it shortens', async () => {
    const loop = openLoop(drained);
    await loop.pass();
    const frozen = { kind: 'frozen', reason: 'UnclearMachine', message: 'look', machine: 'du-1' } as const;
    loop.records.push({ ...frozen, sequence: loop.records.length + 1, at: 5, fence: loop.records.at(-1)?.fence ?? 0 });
    await loop.pass();
    expect((await loop.pass()).hold?.reason).toBe('Frozen');
    expect(loop.records.length).toBeLessThan(10);
    expect(loop.records).toContainEqual(expect.objectContaining(frozen));
  });

  it('stalls the whole commit on one bad document, and says where it is', async () => {
    const loop = openLoop(cluster);
    await loop.pass();
    loop.repository.commit({
      ...documentsOf(drained),
      'machines/du-1.yaml': 'apiVersion: berth/v1alpha1\nkind: VirtualMachin\n',
    });
    const facts = await loop.pass();
    expect(facts.hold?.reason).toBe('InvalidDocument');
    expect(facts.hold?.message).toMatch(/^machines\/du-1\.yaml:\d+: /);
    expect(loop.events).toEqual([]);
  });

  it('does nothing new while the cluster is suspended, and nothing at all while it is frozen', async () => {
    const loop = openLoop(cluster);
    await loop.pass();
    loop.repository.commit(documentsOf(drained));
    expect((await loop.pass({ isSuspended: () => true })).hold?.reason).toBe('Suspended');
    loop.simulator.operator.duplicate('db-1', 'h1', 'h2');
    expect((await loop.pass()).hold).toMatchObject({
      reason: 'Frozen',
      message: expect.stringMatching(/^db-1 runs on h1 and h2: end the copy/) as string,
    });
    expect((await loop.pass()).freeze).toMatchObject({ reason: 'MachineRunsTwice', machine: 'db-1' });
    expect(actions(loop)).toEqual([]);
  });

  it('waits for an Approval of the very plan, and carries it out once it is committed', async () => {
    const asking = {
      ...drained,
      migration: ['approval: required', 'forwardSeconds: 5', 'blastRadius: { maxSharePercent: 100 }'],
    };
    const loop = openLoop(asking);
    const waiting = await loop.pass();
    expect(waiting.hold?.reason).toBe('ApprovalRequired');
    const approval = `apiVersion: berth/v1alpha1\nkind: Approval\nmetadata: { name: yes }\nspec: { planHash: '${waiting.plan?.planHash ?? ''}', approvedBy: ann }\n`;
    loop.repository.commit({ 'approval.yaml': approval.replace('name: yes', 'name: consent') });
    const facts = await loop.pass();
    expect(facts.hold).toBeNull();
    expect(facts.execution?.result).toBe('succeeded');
  });

  it('waits until a maintenance window opens', async () => {
    const closed = "windows: [{ cron: '0 3 1 1 *', durationMinutes: 60 }]";
    const loop = openLoop({ ...drained, migration: [closed, 'blastRadius: { maxSharePercent: 100 }'] });
    const { hold } = await loop.pass();
    expect(hold?.reason).toBe('WindowClosed');
    expect(hold?.message).toMatch(/next one opens: \d{4}-01-01T03:00:00/);
    expect(actions(loop)).toEqual([]);
  });
});

const actions = (loop: Loop): string[] => loop.events.filter((event) => !event.startsWith('operator'));

describe('the promises of security.md', () => {
  it('promise 3: with Git unreachable what was begun is brought to a safe end, and nothing new begins', async () => {
    const loop = openLoop(drained);
    expect(await loop.survive({ killAt: 60 })).toBeNull();
    loop.repository.setReachable(false);
    const facts = await loop.pass();
    expect(facts.hold?.reason).toBe('GitUnreachable');
    expect(facts.plan).toBeNull();
    expect(facts.recovered.flatMap((result) => result.moves.map((move) => move.result))).not.toContain('open');
    expect(await loop.atRest(names)).toEqual([]);
    loop.repository.setReachable(true);
    expect((await loop.pass()).hold).toBeNull();
  });

  it.each([
    { how: 'rewound', change: (loop: Loop) => loop.repository.rewind(1) },
    {
      how: 'replaced by an unrelated one',
      change: (loop: Loop) => {
        loop.repository.rewind(2);
        loop.repository.commit(documentsOf(drained));
      },
    },
  ])('promise 4: a history that was $how stalls with SourceRewound, and nothing is done', async ({ change }) => {
    const loop = openLoop(cluster);
    loop.repository.commit({ 'note.yaml': null });
    await loop.pass();
    change(loop);
    const facts = await loop.pass();
    expect(facts.hold?.reason).toBe('SourceRewound');
    expect(facts.plan).toBeNull();
    expect(loop.events).toEqual([]);
  });

  it('promise 5: of two daemons one acts, and the other says who has the lease', async () => {
    const loop = openLoop(drained);
    const [first, second] = await Promise.all([loop.pass({ holder: 'a' }), loop.pass({ holder: 'b' })]);
    expect([first.hold?.reason, second.hold?.reason]).toEqual([undefined, 'Locked']);
    expect(second.hold?.message).toMatch(/^a has the lease until/);
    expect(await loop.atRest(names)).toEqual([]);
  });

  it('promise 5: a leader that was frozen and wakes when another has begun does nothing more', async () => {
    const alone = { ...drained, machines: [{ name: 'cu-1', at: 'h1', vfs: 1 }] };
    const loop = openLoop(alone, 1, (message, { records, clock }) => {
      if (!message.startsWith('commission')) return;
      records.push({ kind: 'fenced', holder: 'b', sequence: records.length + 1, at: clock.now(), fence: 1e15 });
    });
    const facts = await loop.pass({ holder: 'a' });
    expect(facts.hold?.reason).toBe('LeaseLost');
    expect(actions(loop)).toEqual([expect.stringMatching(/^commission .*: done$/)]);
    expect((await loop.pass()).hold, 'the next pass has a higher token').toBeNull();
  });

  it.each([
    {
      what: 'another commit',
      change: async ({ repository }: Loop) => {
        const other = documentsOf(cluster)['profiles.yaml']?.replace('name: profile', 'name: other') ?? '';
        await Promise.resolve(repository.commit({ 'x.yaml': other }));
      },
    },
    {
      what: 'a machine that stopped',
      change: async ({ simulator }: Loop) => {
        await Promise.resolve();
        simulator.operator.killMachine('h1', 'db-1');
      },
    },
    { what: 'the time it may wait', change: ({ clock }: Loop) => clock.sleep(1e9) },
  ])('promise 7: a plan that $what made stale is refused, and the lease is free again', async ({ change }) => {
    const loop = openLoop(drained);
    const { plan } = await loop
      .pass({ isSuspended: () => true })
      .then(() => loop.pass({ signal: AbortSignal.abort() }));
    if (plan === null) throw new Error('no plan');
    await change(loop);
    const facts = await loop.pass({ plan });
    expect(facts.hold?.reason).toBe('StalePlan');
    expect(await loop.lease.current()).toBeNull();
    expect(actions(loop)).toEqual([]);
  });

  it('promise 7: a plan from a time that is still to come is refused', async () => {
    const loop = openLoop(drained);
    const { plan } = await loop.pass({ signal: AbortSignal.abort() });
    if (plan === null) throw new Error('no plan');
    const shift = 3_600_000;
    const early = { ...plan, createdAt: plan.createdAt + shift, expiresAt: plan.expiresAt + shift };
    const facts = await loop.pass({ plan: early });
    expect(facts.hold).toMatchObject({ reason: 'StalePlan', message: expect.stringContaining('clock') as string });
    expect(actions(loop)).toEqual([]);
  });

  it('says why a person suspended the cluster', async () => {
    const loop = openLoop(drained);
    const facts = await loop.pass({ isSuspended: () => true, suspendedWhy: () => 'holiday' });
    expect(facts.hold).toEqual({ reason: 'Suspended', message: 'the cluster is suspended: holiday' });
  });

  it('promise 7: a plan that is still fresh is applied as it is', async () => {
    const loop = openLoop(drained);
    await loop.pass({ signal: AbortSignal.abort() });
    const { plan } = await loop.pass({ signal: AbortSignal.abort() });
    if (plan === null) throw new Error('no plan');
    const facts = await loop.pass({ plan });
    expect(facts.hold).toBeNull();
    expect(facts.plan?.planHash).toBe(plan.planHash);
    expect(facts.execution?.result).toBe('succeeded');
  });

  it('promise 9: a plan over the budget of its policy is not carried out', async () => {
    const loop = openLoop({ ...drained, migration: ['blastRadius: { maxMoves: 2, maxSharePercent: 100 }'] });
    const facts = await loop.pass();
    expect(facts.hold?.reason).toBe('BlastRadius');
    expect(facts.plan?.moves).toHaveLength(3);
    expect(loop.events).toEqual([]);
  });

  it.each([
    { what: 'every file', keep: /^$/ },
    { what: 'every machine', keep: /^(?!machines)/ },
  ])('promise 9: removing $what from the source removes nothing from the cluster', async ({ keep }) => {
    const loop = openLoop(cluster);
    await loop.pass();
    const gone = Object.keys(documentsOf(cluster)).filter((path) => !keep.test(path));
    loop.repository.commit(Object.fromEntries(gone.map((path) => [path, null])));
    await loop.pass();
    expect(loop.events).toEqual([]);
    expect(names.map((name) => loop.hostOf(name))).toEqual(['h1', 'h1', 'h1']);
  });
});

describe('promise 1 (security.md): a pass that is killed', () => {
  it('at any boundary is followed by one that settles everything and ends where the commit says', async () => {
    const whole = openLoop(drained);
    await whole.pass();
    const count = whole.boundaries.length;
    expect(count).toBeGreaterThan(100);
    for (let killAt = 1; killAt <= count; killAt++) {
      const loop = openLoop(drained);
      expect(await loop.survive({ killAt })).toBeNull();
      const where = `killed at ${killAt}: ${loop.boundaries.at(-1)?.name ?? ''}`;
      const facts = await loop.pass();
      expect(facts.hold, where).toBeNull();
      expect(await loop.atRest(names), where).toEqual([]);
      expect(
        names.map((name) => loop.hostOf(name)),
        where,
      ).not.toContain('h1');
    }
  }, 240_000);
});

describe('faults of migration.md that a whole pass shows', () => {
  it('fault 17 (Nova #1633120): a device class that no longer matches does not take a VF in use away', async () => {
    const loop = openLoop(cluster);
    await loop.pass();
    loop.repository.commit({
      'classes.yaml': documentsOf(cluster)['classes.yaml']?.replace('type: vf', "type: vf\n  vendors: ['15b3']") ?? '',
    });
    const facts = await loop.pass();
    expect(facts.hold).toBeNull();
    expect(loop.events).toEqual([]);
    expect(await loop.atRest(names)).toEqual([]);
  });

  it('fault 21 (kubevirt#9585): a drain that is taken back stops the moves that have not begun', async () => {
    const narrow = [
      'forwardSeconds: 5',
      'blastRadius: { maxSharePercent: 100 }',
      'parallel: { perHost: 1, perGroup: 1, perCluster: 1 }',
    ];
    const stop = new AbortController();
    const loop = openLoop({ ...drained, migration: narrow }, 1, (message) => {
      if (message.startsWith('migrate')) stop.abort();
    });
    const facts = await loop.pass({ signal: stop.signal });
    expect(facts.execution?.moves.filter((move) => move.result === 'succeeded')).toHaveLength(1);
    loop.repository.commit(documentsOf(cluster));
    expect((await loop.pass()).plan?.moves).toEqual([]);
    expect(await loop.atRest(names)).toEqual([]);
  });

  it('a suspension in the middle of a pass stops the moves that have not begun, and the one under way ends', async () => {
    let isSuspended = false;
    const migration = ['parallel: { perHost: 1, perGroup: 1, perCluster: 1 }', 'blastRadius: { maxSharePercent: 100 }'];
    const loop = openLoop({ ...drained, migration }, 1, (message) => (isSuspended ||= message.startsWith('migrate')));
    const facts = await loop.pass({ isSuspended: () => isSuspended });
    const ends = facts.execution?.moves.map(({ result, message }) => `${result} ${message}`.trim()).toSorted();
    expect(ends).toEqual(['succeeded', ...Array<string>(2).fill('undone the cluster is suspended')]);
    await loop.pass();
    expect(names.map((name) => loop.hostOf(name) === 'h1')).toEqual([false, false, false]);
    expect(await loop.atRest(names)).toEqual([]);
  });

  it('fault 22 (cloudstack#13098): a machine that may not move is named, and the others leave the host', async () => {
    const loop = openLoop(drained);
    const suspended = documentsOf(cluster)['machines/du-1.yaml']?.replace('spec:', 'spec:\n  suspend: true') ?? '';
    loop.repository.commit({ 'machines/du-1.yaml': suspended });
    const facts = await loop.pass();
    expect(facts.plan?.refusals.map((refusal) => [refusal.machine, refusal.reason])).toEqual([
      ['du-1', 'MachineSuspended'],
    ]);
    expect(names.map((name) => loop.hostOf(name) === 'h1')).toEqual([true, false, false]);
  });

  it('fault 23 (ProxLB#23): a host that the move itself would overload is not chosen', async () => {
    const load =
      'apiVersion: berth/v1alpha1\nkind: LoadPolicy\nmetadata: { name: load }\nspec:\n  thresholds: [{ metric: cpu, high: 0.8, low: 0.6 }]\n  windowSeconds: 60\n  holdWindows: 2\n';
    const loop = openLoop({
      hosts: [{ name: 'h1' }, { name: 'h2' }],
      machines: [
        { name: 'a', at: 'h1', vcpus: 8, cpuPercent: 95 },
        { name: 'b', at: 'h1', vcpus: 8, cpuPercent: 95 },
        { name: 'c', at: 'h2', vcpus: 8, cpuPercent: 90 },
      ],
      more: { 'load.yaml': load },
    });
    const facts = await loop.pass();
    expect(facts.plan?.moves).toEqual([]);
    expect(facts.plan?.refusals.map((refusal) => refusal.machine)).not.toEqual([]);
  });
});
