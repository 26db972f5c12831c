import { describe, expect, it } from 'vitest';
import type { DeviceRef, Outcome } from '../../src/model/index.js';
import { EVERYBODY, MACHINE, named, overloaded, PCIE_CROSSINGS, VF_CROSSINGS } from './crossings.js';
import { deviceIn, dummyOn, entryIn, exchange, firstWhen, hostsIn, type Moment, openStory, tell } from './story.js';

const CROSSINGS = named([...VF_CROSSINGS, ...PCIE_CROSSINGS]);

describe('claims 4, 11 and 17', () => {
  it.each(CROSSINGS)(
    'claims 4, 11 and 17: the replacement of a %s is held by a dummy machine, and nobody else gets it before the move',
    async (_name, crossing) => {
      const attempts: { readonly dummy: string; readonly at: number; readonly outcome: Outcome }[] = [];
      const { story } = await tell(overloaded(crossing), ({ state }, loop) => {
        for (const { name, host, devices } of state.dummies) {
          for (const device of devices) {
            const outcome = loop.simulator.operator.steal(host, device, 'thief');
            attempts.push({ dummy: name, at: state.at, outcome });
          }
        }
      });
      const { new: replacement } = exchange(story, MACHINE, crossing.claim);
      const held = story.moments.filter((moment) => dummyOn(moment, replacement) !== null);
      expect(held.length).toBeGreaterThan(0);
      for (const moment of held) {
        const [dummy] = moment.state.dummies;
        expect(dummy?.name).toContain(MACHINE);
        expect(['Pending', 'Held', 'HandingOver']).toContain(entryIn(moment, replacement)?.phase);
      }
      expect(
        hostsIn(
          firstWhen(held, () => true),
          MACHINE,
        ),
      ).toEqual(['edge-1']);
      expect(attempts.length).toBeGreaterThan(3);
      for (const { dummy, outcome } of attempts) {
        expect(outcome).toMatchObject({ kind: 'failed', code: 'DeviceInUse' });
        expect(outcome).toHaveProperty('message', expect.stringContaining(dummy));
      }
      expect(deviceIn(story.now(), MACHINE, crossing.claim)).toEqual(replacement);
      expect(await story.loop.atRest(EVERYBODY)).toEqual([]);
    },
  );

  it('claims 4, 11 and 17: a dummy that was killed is missed, and the machine never starts without a device', async () => {
    const killed: DeviceRef[] = [];
    const story = await openStory(overloaded({ claim: 'fronthaul', strategy: 'vfio-live' }), ({ state }, loop) => {
      const [dummy] = state.dummies;
      if (killed.length > 0 || dummy === undefined) return;
      killed.push(...dummy.devices.map((device) => ({ host: dummy.host, device })));
      loop.simulator.operator.killDummy(dummy.host, dummy.name);
    });
    for (let passes = 0; passes < 4 && hostsIn(story.now(), MACHINE)[0] === 'edge-1'; passes++) {
      await story.pass();
      await story.loop.clock.sleep(60_000);
    }
    expect(killed).toHaveLength(1);
    expect(hostsIn(story.now(), MACHINE)).toEqual(['edge-2']);
    expect(deviceIn(story.now(), MACHINE, 'fronthaul')?.host).toBe('edge-2');
    expect(await story.loop.atRest(EVERYBODY)).toEqual([]);
  });
});

describe('claims 5, 12 and 18', () => {
  it.each(CROSSINGS)(
    'claims 5, 12 and 18: once the machine has the replacement of its %s the dummy is gone, and the ledger had an owner all the time',
    async (_name, crossing) => {
      const { story } = await tell(overloaded(crossing));
      const { new: replacement } = exchange(story, MACHINE, crossing.claim);
      const byMachine = (moment: Moment): boolean =>
        deviceIn(moment, MACHINE, crossing.claim)?.host === replacement.host;
      const byDummy = (moment: Moment): boolean => dummyOn(moment, replacement) !== null;
      expect(story.moments.some(byDummy)).toBe(true);
      expect(story.moments.some(byMachine)).toBe(true);
      expect(story.moments.filter((moment) => byDummy(moment) && byMachine(moment))).toEqual([]);
      expect(story.now().state.dummies).toEqual([]);

      // From the reservation on the entry is never free, and its holder changes from the dummy to the machine once.
      const from = story.moments.findIndex((moment) => entryIn(moment, replacement) !== undefined);
      const entries = story.moments.slice(from).map((moment) => entryIn(moment, replacement));
      const steps = entries
        .map((entry) => `${entry?.phase} ${entry?.holder} ${entry?.machine}`)
        .filter((step, index, all) => step !== all[index - 1]);
      expect(steps).toEqual([
        `Pending none ${MACHINE}`,
        `Held dummy ${MACHINE}`,
        `HandingOver machine ${MACHINE}`,
        `Bound machine ${MACHINE}`,
      ]);
    },
  );
});
