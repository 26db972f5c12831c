import { describe, expect, it } from 'vitest';
import { type Action, failed, unknown } from '../../src/model/index.js';
import { type Bench, dummyOf, duMove, macOf, openBench, planOf, smallCluster, vf } from './bench.js';
import { Killed } from './mortal.js';
import { GUEST_ADDRESS } from './plan-of.js';

const cuMove = { machine: 'cu-1', from: 'h2', to: 'h3', device: { from: vf(0), to: vf(2), mac: macOf('cu-1') } };

const isKind = (action: Action, kind: Action['kind']): boolean => action.kind === kind;

async function results(bench: Bench, ...args: Parameters<Bench['execute']>): Promise<string[]> {
  return (await bench.execute(...args)).moves.map((move) => move.result);
}

/** The machine is where it was, with its device, and nothing is left over anywhere. */
async function expectUntouched(bench: Bench): Promise<void> {
  expect(bench.hostOf('du-1')).toBe('h1');
  expect(devicesOf(bench, 'du-1')).toEqual([vf(0)]);
  expect(await bench.atRest()).toEqual([]);
}

function devicesOf(bench: Bench, machine: string): string[] {
  const copy = bench.simulator.cluster
    .look()
    .machines.find((each) => each.name === machine && each.state === 'running');
  return (copy?.assignments ?? []).map((held) => held.device);
}

const count = (bench: Bench, start: string): number => bench.events.filter((event) => event.startsWith(start)).length;

describe('faults of migration.md on a simulated cluster', () => {
  it('fault 1 (Nova #1944619): a migration that is refused leaves the source untouched and the target clean', async () => {
    const bench = await openBench({
      meddle: async (action, next) => (isKind(action, 'migrate') ? failed('NotSupported', 'unlike CPUs') : next()),
    });
    expect(await results(bench, planOf([duMove()]))).toEqual(['undone']);
    await expectUntouched(bench);
  });

  it('fault 2 (Nova #1949808): a move that is stopped while it waits for its turn leaves no claim', async () => {
    const bench = await openBench({
      onEvent: (message, { operatorStop }) => {
        if (message.startsWith('migrate cu-1')) operatorStop.abort();
      },
    });
    const plan = planOf([cuMove, duMove({ after: ['cu-1.1/reserve/net'] })], { perCluster: 1 });
    expect(await results(bench, plan)).toEqual(['succeeded', 'undone']);
    await expectUntouched(bench);
  });

  it('fault 3 (kubevirt#5922): a copy that is aborted at its deadline leaves the source with its VF again', async () => {
    const bench = await openBench();
    bench.simulator.operator.setGuest('du-1', { dirtyMibps: 5000 });
    expect(await results(bench, planOf([duMove({ strategy: 'hotplug' })]))).toEqual(['undone']);
    expect(count(bench, 'detach du-1')).toBe(1);
    await expectUntouched(bench);
  });

  it('fault 4 (Nova #1905944): a migration whose monitor dies is waited for, and its outcome is discovered', async () => {
    const bench = await openBench({
      meddle: async (action, next, { clock }) => {
        if (!isKind(action, 'migrate')) return next();
        void next();
        await clock.sleep(1_000);
        return unknown('HostUnreachable', 'connection lost');
      },
    });
    expect(await results(bench, planOf([duMove()]))).toEqual(['succeeded']);
    expect(bench.hostOf('du-1')).toBe('h3');
    expect(count(bench, 'migrate du-1')).toBe(1);
    expect(await bench.atRest()).toEqual([]);
  });

  it('fault 5: a success that was not recorded is read from the hosts, and the reverse move works', async () => {
    const whole = await openBench();
    await whole.execute(planOf([duMove()]));
    const killAt = whole.boundaries().find((boundary) => boundary.name === 'after hypervisor migrate')?.number;
    const bench = await openBench();
    await expect(bench.execute(planOf([duMove()]), killAt)).rejects.toBeInstanceOf(Killed);
    await bench.restart();
    expect(bench.hostOf('du-1')).toBe('h3');
    const back = duMove({ from: 'h3', to: 'h1', device: { from: vf(1), to: vf(0), mac: macOf('du-1') } });
    expect(await results(bench, planOf([back], {}, 'plan-2'))).toEqual(['succeeded']);
    await expectUntouched(bench);
  });

  it('fault 6 and promise 2 (kubevirt#15711): when two copies run everything freezes and none is started or stopped', async () => {
    const bench = await openBench({
      onEvent: (message, { simulator }) => {
        if (message.startsWith('apply-port-profile h3')) simulator.operator.duplicate('du-1', 'h1', 'h2');
      },
    });
    const result = await bench.execute(planOf([duMove(), { ...cuMove, after: ['du-1.1/release/net'] }]));
    expect(result.result).toBe('frozen');
    expect(result.moves.map((move) => move.result)).toEqual(['frozen', 'skipped']);
    expect(result.message).toMatch(/^du-1 runs on h1 and h2: end the copy .* berth unlock$/);
    expect(bench.records.filter((record) => record.kind === 'frozen')).toMatchObject([{ machine: 'du-1' }]);
    expect(bench.events.filter((event) => /^(stop|start|migrate) /.test(event))).toEqual([]);
  });

  it('promise 2 (security.md): when no copy runs after a move was interrupted everything freezes', async () => {
    const bench = await openBench({
      meddle: async (action, next, { simulator }) => {
        if (!isKind(action, 'migrate')) return next();
        simulator.operator.killMachine('h1', 'du-1');
        return unknown('HostUnreachable', 'connection lost');
      },
    });
    const result = await bench.execute(planOf([duMove()]));
    expect(result.result).toBe('frozen');
    expect(count(bench, 'start')).toBe(0);
  });

  it("fault 7 (RHBZ 1408834): a retry on another host finds the first target's VF free again", async () => {
    const bench = await openBench({
      meddle: async (action, next) =>
        action.kind === 'migrate' && action.to === 'h3' ? failed('InsufficientResources', 'no room') : next(),
    });
    expect(await results(bench, planOf([duMove()]))).toEqual(['undone']);
    expect(await bench.atRest()).toEqual([]);
    expect(await results(bench, planOf([duMove({ to: 'h2' })], {}, 'plan-2'))).toEqual(['succeeded']);
    expect(await bench.atRest()).toEqual([]);
  });

  it('fault 8: a retry after a failure still knows the VF that the machine has to get', async () => {
    let refuseOnce = true;
    const bench = await openBench({
      meddle: async (action, next) => {
        if (!isKind(action, 'migrate') || !refuseOnce) return next();
        refuseOnce = false;
        return failed('NotSupported', 'not now');
      },
    });
    expect(await results(bench, planOf([duMove({ strategy: 'hotplug' })]))).toEqual(['undone']);
    expect(devicesOf(bench, 'du-1')).toEqual([vf(0)]);
    expect(await results(bench, planOf([duMove({ strategy: 'hotplug' })], {}, 'plan-2'))).toEqual(['succeeded']);
    expect(devicesOf(bench, 'du-1')).toEqual([vf(1)]);
    expect(await bench.atRest()).toEqual([]);
  });

  it('fault 9 (RHBZ 1586019): a machine that dies while it starts gives its VF back, and the source runs again', async () => {
    const bench = await openBench({
      meddle: async (action, next, { simulator }) => {
        const outcome = await next();
        if (action.kind !== 'start' || action.host !== 'h3') return outcome;
        simulator.operator.killMachine('h3', 'du-1');
        return failed('NotSupported', 'died while starting');
      },
    });
    expect(await results(bench, planOf([duMove({ strategy: 'cold' })]))).toEqual(['undone']);
    await expectUntouched(bench);
  });

  it('fault 10 (sriov-device-plugin#369): of two moves that want one VF exactly one gets it', async () => {
    const bench = await openBench();
    const plan = planOf([duMove(), { ...cuMove, device: { ...cuMove.device, to: vf(1) } }]);
    expect((await results(bench, plan)).sort()).toEqual(['succeeded', 'undone']);
    expect(await bench.atRest()).toEqual([]);
  });

  it('fault 11 (sriov-cni#219): a reset that comes after the VF was given again is refused by its epoch', async () => {
    let late: (() => Promise<unknown>) | null = null;
    const bench = await openBench({
      meddle: async (action, next) => {
        if (action.kind === 'reset-vf' && action.host === 'h1') late = next;
        return next();
      },
    });
    await bench.execute(planOf([duMove()]));
    const comer = { ...cuMove, to: 'h1', device: { ...cuMove.device, to: vf(0) } };
    expect(await results(bench, planOf([comer], {}, 'plan-2'))).toEqual(['succeeded']);
    expect(await (late as unknown as () => Promise<unknown>)()).toMatchObject({ kind: 'failed', code: 'StaleEpoch' });
    expect(await bench.atRest()).toEqual([]);
  });

  it('fault 12: a MAC that another VF carries already is refused before the machine moves', async () => {
    const bench = await openBench();
    const plan = planOf([duMove()]);
    const steps = plan.steps.map((step) =>
      step.kind === 'migrate'
        ? { ...step, preconditions: [{ kind: 'mac-unique', mac: macOf('cu-1'), machine: 'du-1' } as const] }
        : step,
    );
    const result = await bench.execute({ ...plan, steps });
    expect(result.moves[0]).toMatchObject({ result: 'undone', message: `${macOf('cu-1')} is the address of cu-1` });
    await expectUntouched(bench);
  });

  it('fault 13: a guest that ignores the unplug ends at the deadline with the machine unchanged', async () => {
    const bench = await openBench();
    bench.simulator.operator.setGuest('du-1', { answersUnplug: false });
    expect(await results(bench, planOf([duMove({ strategy: 'hotplug' })]))).toEqual(['undone']);
    await expectUntouched(bench);
  });

  it('fault 14: a removal that is answered early is waited for until the device is really gone', async () => {
    const bench = await openBench({
      meddle: async (action, next, { clock }) => {
        if (!isKind(action, 'detach')) return next();
        void clock.sleep(5_000).then(next);
        return { kind: 'done', detail: 'the removal was asked for' };
      },
    });
    expect(await results(bench, planOf([duMove({ strategy: 'hotplug' })]))).toEqual(['succeeded']);
    expect(await bench.atRest()).toEqual([]);
  });

  it('fault 15 (kubevirt#16693): the replacement keeps the address inside the guest, so the NIC keeps its name', async () => {
    const bench = await openBench();
    await bench.execute(planOf([duMove({ strategy: 'hotplug' })]));
    const copy = bench.simulator.cluster.look().machines.find((machine) => machine.name === 'du-1');
    expect(copy?.assignments).toMatchObject([{ device: vf(1), guestAddress: GUEST_ADDRESS, mac: macOf('du-1') }]);
  });

  it('fault 18: a change of the number of VFs is refused while a dummy holds one', async () => {
    const answers: unknown[] = [];
    const bench = await openBench({
      onEvent: (message, { simulator }) => {
        if (message.startsWith('commission')) answers.push(simulator.operator.setVfCount('h3', 'ens1f0', 0));
      },
    });
    expect(await results(bench, planOf([duMove()]))).toEqual(['succeeded']);
    expect(answers).toMatchObject([{ kind: 'failed', code: 'DeviceInUse' }]);
  });

  it('fault 19: a dummy that is killed is noticed and its device is taken again', async () => {
    let killedOnce = false;
    const bench = await openBench({
      onEvent: (message, { simulator }) => {
        if (killedOnce || !message.startsWith('apply-port-profile')) return;
        killedOnce = true;
        simulator.operator.killDummy('h3', dummyOf('du-1'));
      },
    });
    expect(await results(bench, planOf([duMove()]))).toEqual(['succeeded']);
    expect(count(bench, 'commission')).toBe(2);
    expect(await bench.atRest()).toEqual([]);
  });

  it('fault 19: a dummy whose device somebody else took meanwhile ends the move, and the thief keeps it', async () => {
    const bench = await openBench({
      onEvent: (message, { simulator }) => {
        if (!message.startsWith('apply-port-profile')) return;
        simulator.operator.killDummy('h3', dummyOf('du-1'));
        simulator.operator.steal('h3', vf(1), 'thief');
      },
    });
    expect(await results(bench, planOf([duMove()]))).toEqual(['undone']);
    expect(devicesOf(bench, 'thief')).toEqual([vf(1)]);
    await expectUntouched(bench);
  });

  it('fault 20 (Nova #1996995): an announcement that is lost is repeated until the switch has learned the address', async () => {
    const bench = await openBench();
    bench.simulator.operator.loseAnnouncements(4);
    expect(await results(bench, planOf([duMove()]))).toEqual(['succeeded']);
    const port = bench.simulator.cluster.look().ports.find((each) => each.host === 'h3');
    expect(port?.learned).toContain(macOf('du-1'));
  });

  it('fault 21 (kubevirt#9585): when a drain is cancelled no further machine leaves', async () => {
    const bench = await openBench({
      onEvent: (message, { operatorStop }) => {
        if (message.startsWith('migrate du-1')) operatorStop.abort();
      },
    });
    const plan = planOf([duMove(), { machine: 'db-1', from: 'h1', to: 'h2', after: ['du-1.1/migrate'] }]);
    expect(await results(bench, plan)).toEqual(['succeeded', 'skipped']);
    expect(bench.hostOf('db-1')).toBe('h1');
    expect(await bench.atRest()).toEqual([]);
  });

  it('fault 22 (cloudstack#13098): one machine that cannot move does not hold up the others', async () => {
    const bench = await openBench({
      meddle: async (action, next) =>
        action.kind === 'migrate' && action.machine === 'du-1' ? failed('NotSupported', 'never') : next(),
    });
    expect(await results(bench, planOf([duMove(), cuMove]))).toEqual(['undone', 'succeeded']);
    expect(await bench.atRest()).toEqual([]);
  });

  it('fault 24: a slow migration that makes progress is no failure and is begun once', async () => {
    const bench = await openBench();
    const plan = planOf([duMove()]);
    const slow = plan.steps.map((step) => ({
      ...step,
      deadlineSeconds: step.kind === 'migrate' ? 3600 : step.deadlineSeconds,
      actions: step.actions.map((action) => (action.kind === 'migrate' ? { ...action, bandwidthMibps: 12 } : action)),
    }));
    const before = bench.clock.now();
    expect(await results(bench, { ...plan, steps: slow })).toEqual(['succeeded']);
    expect(bench.clock.now() - before).toBeGreaterThan(120_000);
    expect(count(bench, 'migrate du-1')).toBe(1);
    expect(await bench.atRest()).toEqual([]);
  });
});

describe('behind the switch-over', () => {
  it('a port profile that cannot be removed keeps the source VF reserved, and the next pass completes the move', async () => {
    let broken = true;
    const bench = await openBench({
      meddle: async (action, next) =>
        broken && action.kind === 'remove-port-profile' ? failed('NotSupported', 'switch is read-only') : next(),
    });
    expect(await results(bench, planOf([duMove()]))).toEqual(['degraded']);
    expect(bench.hostOf('du-1')).toBe('h3');
    const source = (await bench.ports.ledger.read()).find((entry) => entry.host === 'h1');
    expect(source).toMatchObject({ device: vf(0), phase: 'Bound', machine: 'du-1' });
    broken = false;
    const again = await bench.restart();
    expect(again.flatMap((result) => result.moves.map((move) => move.result))).toEqual(['succeeded']);
    expect(await bench.atRest()).toEqual([]);
  });

  it('an unknown answer of every single call is settled by observation, and the move goes on', async () => {
    const kinds = new Set(
      planOf([duMove({ strategy: 'hotplug' })])
        .steps.flatMap((step) => step.actions)
        .map((action) => action.kind),
    );
    for (const kind of kinds) {
      const bench = await openBench({
        meddle: async (action, next) => {
          const outcome = await next();
          return action.kind === kind ? unknown('DeadlineExceeded', 'the answer was lost') : outcome;
        },
      });
      expect(await results(bench, planOf([duMove({ strategy: 'hotplug' })])), kind).toEqual(['succeeded']);
      expect(await bench.atRest(), kind).toEqual([]);
    }
  });

  it('the limits of host, group and cluster hold whatever the plan allows', async () => {
    const bench = await openBench({}, smallCluster());
    const plan = planOf([duMove(), cuMove, { machine: 'db-1', from: 'h1', to: 'h2' }], { perCluster: 1 });
    expect(await results(bench, plan)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    const moving = bench.progress.filter((event) => 'step' in event && event.step.kind === 'migrate');
    const order = moving.filter((event) => event.kind !== 'step-progress').map((event) => event.kind);
    expect(order).toEqual(Array.from({ length: 3 }, () => ['step-started', 'step-ended']).flat());
  });
});
