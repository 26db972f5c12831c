import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HypervisorAction, Strategy } from '../../src/model/index.js';
import type { ActionContext, HypervisorCapabilities, Progress } from '../../src/ports/index.js';
import {
  commission,
  copies,
  decommission,
  DUMMY,
  migrate,
  plain,
  plug,
  simple,
  start,
  TEMPORARY_MAC,
  told,
} from './bench.js';
import type { Bench } from './bench.js';

/**
 * What every driver of hypervisors keeps; cases for what one cannot do are left out by its capabilities. `strategies` are those that the
 * bench's hardware can show, when they are fewer.
 */
export function hypervisorContract(
  name: string,
  capabilities: HypervisorCapabilities,
  open: () => Promise<Bench>,
  strategies: readonly Strategy[] = capabilities.strategies,
): void {
  describe(`${name} keeps the contract of Hypervisor`, () => {
    let bench: Bench;
    beforeEach(async () => {
      bench = await open();
    });
    afterEach(() => bench.close());

    const ask = async (action: HypervisorAction, context: Partial<ActionContext> = {}): Promise<string> =>
      told(await bench.hypervisor.perform(action, plain(context)));
    const ours = async () => {
      const { machines } = await bench.hypervisor.observe();
      return machines.find((machine) => machine.name === bench.machine.name);
    };

    describe('observing', () => {
      it('shows hosts, the machine and its device, and changes nothing', async () => {
        const first = await bench.hypervisor.observe();
        const second = await bench.hypervisor.observe();
        expect(second).toEqual(first);
        expect(first.hosts.map((host) => host.state)).toEqual(first.hosts.map(() => 'up'));
        expect((await ours())?.assignments).toEqual([bench.held]);
        expect(await copies(bench)).toEqual([`${bench.source} running`]);
      });

      it('says what the driver can do, as it was announced', () => {
        expect(bench.hypervisor.capabilities).toEqual(capabilities);
      });

      it('lists a host that does not answer as unknown and leaves its machines out', async () => {
        await bench.cut(bench.source);
        const { hosts, machines } = await bench.hypervisor.observe();
        expect(hosts.find((host) => host.name === bench.source)?.state).toBe('unknown');
        expect(machines.filter((machine) => machine.host === bench.source)).toEqual([]);
        expect(await ask(simple(bench, 'stop', bench.source))).toBe('failed HostUnreachable');
      });
    });

    describe.skipIf(!capabilities.deviceAssignment)('a dummy', () => {
      it('holds its devices visibly, with an address of its own and an end', async () => {
        expect(await ask(commission(bench))).toBe('done');
        const { dummies } = await bench.hypervisor.observe();
        expect(dummies).toMatchObject([
          { name: DUMMY, host: bench.target, devices: [bench.free[0]], mac: TEMPORARY_MAC },
        ]);
        expect(dummies[0]?.expiresAt).toBeGreaterThan(bench.clock.now());
      });

      it('keeps its device from everybody else', async () => {
        await ask(commission(bench));
        const other = commission(bench, { dummy: 'other', mac: '02:be:47:00:00:02' });
        expect(await ask(other)).toBe('failed DeviceInUse');
        expect(await ask(start(bench, bench.target, bench.free[0], { name: 'thief' }))).toBe('failed DeviceInUse');
      });

      it('does not let go when a detach is asked for, but does when it is decommissioned', async () => {
        await ask(commission(bench));
        await ask({ ...plug(bench, 'detach', bench.target, bench.free[0]), machine: DUMMY });
        const other = commission(bench, { dummy: 'other', mac: '02:be:47:00:00:02' });
        expect(await ask(other)).toBe('failed DeviceInUse');
        expect(await ask(decommission(bench))).toBe('done');
        expect(await ask(other)).toBe('done');
      });

      it('is refused for a device that is not there, and under the name of a dummy for another reservation', async () => {
        expect(await ask(commission(bench, { devices: ['0000:ff:1f.7'] }))).toBe('failed DeviceMissing');
        await ask(commission(bench));
        const [, second] = bench.free;
        const renamed = commission(bench, { devices: [second], reservation: `${bench.target}/${second}` });
        expect(await ask(renamed)).toBe('failed MachineExists');
      });

      it('is refused under an epoch older than one that was seen for the device', async () => {
        expect(await ask(commission(bench), { epoch: 5 })).toBe('done');
        expect(await ask(decommission(bench), { epoch: 6 })).toBe('done');
        expect(await ask(commission(bench), { epoch: 4 })).toBe('failed StaleEpoch');
        expect(await ask(commission(bench), { epoch: 5 })).toBe('done');
      });
    });

    describe('performing an action again when its effect is there', () => {
      const [replacement, twice] = [
        () => bench.free[0],
        async (...actions: HypervisorAction[]) => {
          const answers: string[] = [];
          for (const action of actions) answers.push(await ask(action));
          return answers;
        },
      ];

      it('answers done for dummies', async () => {
        expect(await twice(commission(bench), commission(bench))).toEqual(['done', 'done']);
        expect(await twice(decommission(bench), decommission(bench))).toEqual(['done', 'done']);
      });

      it('answers done for devices', async () => {
        const { source, held } = bench;
        const off = plug(bench, 'detach', source, held.device);
        expect(await twice(off, off)).toEqual(['done', 'done']);
        expect((await ours())?.assignments).toEqual([]);
        const on = plug(bench, 'attach', source, held.device);
        expect(await twice(on, on)).toEqual(['done', 'done']);
        expect((await ours())?.assignments).toEqual([held]);
      });

      it('answers done for a life and its end', async () => {
        const { source, target, held } = bench;
        const actions = [simple(bench, 'stop', source), simple(bench, 'undefine', source)];
        for (const action of actions) expect(await twice(action, action)).toEqual(['done', 'done']);
        expect(await copies(bench)).toEqual([]);
        const again = start(bench, target, replacement());
        expect(await twice(again, again)).toEqual(['done', 'done']);
        expect((await ours())?.assignments).toEqual([{ ...held, device: replacement() }]);
      });

      it.skipIf(!capabilities.reconfigure)(
        'answers done for replacements, which show while the machine runs',
        async () => {
          const { machine, source, target, held } = bench;
          const replacements = [{ claim: held.claim, host: target, device: replacement() }];
          const order = {
            port: 'hypervisor',
            kind: 'reconfigure',
            machine: machine.name,
            host: source,
            replacements,
          } as const;
          expect(await twice(order, order)).toEqual(['done', 'done']);
          expect(await ours()).toMatchObject({ state: 'running', staged: replacements });
          expect(await ask({ ...order, replacements: [] })).toBe('done');
          expect((await ours())?.staged).toEqual([]);
        },
      );

      it('answers done for an abort when nothing migrates', async () => {
        expect(await ask(simple(bench, 'abort', bench.source))).toBe('done');
      });
    });

    describe('refusing', () => {
      it('says MachineMissing for a machine that does not run there', async () => {
        expect(await ask(plug(bench, 'attach', bench.target, bench.free[0]))).toBe('failed MachineMissing');
        expect(await ask({ ...migrate(bench, 'hotplug'), machine: 'nobody' })).toBe('failed MachineMissing');
      });

      it('says MachineBusy when a running machine is to be forgotten', async () => {
        expect(await ask(simple(bench, 'undefine', bench.source))).toBe('failed MachineBusy');
      });

      it('says InsufficientResources for a machine that the host has no room for', async () => {
        const huge = start(bench, bench.target, bench.free[0], { name: 'huge', memoryMiB: 2 ** 30, devices: [] });
        expect(await ask(huge)).toBe('failed InsufficientResources');
        expect(await copies(bench)).toEqual([`${bench.source} running`]);
      });

      it('does nothing for an order whose signal is aborted before it is given', async () => {
        const answer = await ask(simple(bench, 'stop', bench.source), { signal: AbortSignal.abort() });
        expect(answer).not.toBe('done');
        expect(await copies(bench)).toEqual([`${bench.source} running`]);
      });
    });

    const carried: readonly Strategy[] = ['vfio-live', 'failover'];
    for (const strategy of ['vfio-live', 'failover', 'hotplug'] as const) {
      describe.skipIf(!strategies.includes(strategy))(`migrating by ${strategy}`, () => {
        const prepared = async (): Promise<void> => {
          if (strategy === 'hotplug') await ask(plug(bench, 'detach', bench.source, bench.held.device));
        };
        const before = (): readonly unknown[] => (strategy === 'hotplug' ? [] : [bench.held]);

        it('ends with one copy, on the target, and the source free of it', async () => {
          await prepared();
          const bytes: number[] = [];
          const outcome = await bench.hypervisor.perform(
            migrate(bench, strategy),
            plain({ onProgress: (progress) => bytes.push(progress.doneBytes) }),
          );
          expect(outcome).toMatchObject({ kind: 'done', measured: {} });
          expect(bytes).toEqual(bytes.toSorted((left, right) => left - right));
          expect(await copies(bench)).toEqual([`${bench.target} running`]);
          const expected = carried.includes(strategy) ? [{ ...bench.held, device: bench.free[0] }] : [];
          expect(await ours()).toMatchObject({ assignments: expected, staged: [], job: null });
          const again = start(bench, bench.source, bench.held.device, { name: 'next' });
          again.definition.devices.forEach((device) => expect(device.device).toBe(bench.held.device));
          const heir = { ...again.definition, devices: [{ ...bench.held, mac: '52:54:00:ff:00:01', vlan: null }] };
          expect(await ask({ ...again, definition: heir })).toBe('done');
          expect(await ask(migrate(bench, strategy))).toBe('done');
        });

        it('aborts when the signal does: the machine certainly never left, and the target is clean', async () => {
          await prepared();
          const abort = new AbortController();
          const onProgress = ({ doneBytes }: Progress): void => {
            if (doneBytes > 0) abort.abort();
          };
          const order = migrate(bench, strategy, { bandwidthMibps: 1 });
          const outcome = await bench.hypervisor.perform(order, plain({ signal: abort.signal, onProgress }));
          expect(outcome).toMatchObject({ kind: 'failed', code: 'Aborted', certain: true });
          expect(await copies(bench)).toEqual([`${bench.source} running`]);
          expect(await ours()).toMatchObject({ job: null, assignments: before() });
          expect(await ask(commission(bench))).toBe('done');
        });

        it('shows its job and the incoming copy while it runs, keeps others off, and can be aborted by an action', async () => {
          await prepared();
          let begun = (): void => undefined;
          const progressing = new Promise<void>((resolve) => (begun = resolve));
          const moving = ask(migrate(bench, strategy, { bandwidthMibps: 1 }), { onProgress: () => begun() });
          await progressing;
          expect(await copies(bench)).toEqual([`${bench.source} running`, `${bench.target} incoming`]);
          const { machines } = await bench.hypervisor.observe();
          const source = machines.find((machine) => machine.host === bench.source);
          expect(source?.job).toMatchObject({ to: bench.target });
          expect(await ask(simple(bench, 'stop', bench.source))).toBe('failed MachineBusy');
          expect(await ask(migrate(bench, strategy))).toBe('failed MachineBusy');
          expect(await ask(simple(bench, 'abort', bench.source))).toBe('done');
          expect(await moving).toBe('failed Aborted');
          expect(await copies(bench)).toEqual([`${bench.source} running`]);
        });

        it('is refused when the target runs the machine, and changes nothing', async () => {
          await prepared();
          const copy = start(bench, bench.target, bench.free[0], { devices: [] });
          expect(await ask(copy)).toBe('done');
          expect(await ask(migrate(bench, strategy))).toBe('failed MachineExists');
        });
      });
    }

    for (const strategy of ['vfio-live', 'failover'] as const) {
      describe.skipIf(!strategies.includes(strategy))(`migrating by ${strategy} is refused`, () => {
        it.each([
          ['DeviceInUse', 'while the dummy still holds the replacement', (): object => ({})],
          ['PreconditionFailed', 'with fewer devices than the machine has', () => ({ devices: [] })],
          ['Conflict', 'with another address', () => ({ devices: [device({ mac: '52:54:00:ff:00:02' })] })],
          [
            'Conflict',
            'at another place in the guest',
            () => ({ devices: [device({ guestAddress: '0000:1f:00.0' })] }),
          ],
          ['DeviceMissing', 'to a device that is not there', () => ({ devices: [device({ device: '0000:ff:1f.7' })] })],
        ] as const)('with %s %s', async (code, _, change) => {
          await ask(commission(bench));
          expect(await ask(migrate(bench, strategy, change()))).toBe(`failed ${code}`);
          expect(await copies(bench)).toEqual([`${bench.source} running`]);
          expect((await ours())?.assignments).toEqual([bench.held]);
        });
        const device = (change: object) => ({ ...bench.held, device: bench.free[0], vlan: null, ...change });
      });
    }

    it.skipIf(!strategies.includes('hotplug'))('refuses hotplug while a device is attached', async () => {
      expect(await ask(migrate(bench, 'hotplug'))).toBe('failed PreconditionFailed');
      expect(await copies(bench)).toEqual([`${bench.source} running`]);
    });
  });
}
