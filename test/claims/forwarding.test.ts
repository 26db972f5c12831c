import { describe, expect, it } from 'vitest';
import { IDLE_VF } from '../../src/model/index.js';
import { EVERYBODY, MACHINE, named, overloaded, PCIE_CROSSINGS, VF_CROSSINGS } from './crossings.js';
import { FORWARD_SECONDS, macOf } from './site.js';
import {
  copiesIn,
  deviceIn,
  entryIn,
  exchange,
  firstWhen,
  hostsIn,
  learnedOn,
  type Moment,
  momentAt,
  openStory,
  tell,
  vfIn,
} from './story.js';

const MAC = macOf(MACHINE, 'fronthaul');

const forwardedIn = ({ state }: Moment): boolean =>
  state.forwards.some(({ mac, from, to }) => mac === MAC && from === 'edge-1' && to === 'edge-2');

describe('claims 6, 13 and 19', () => {
  it.each(named(VF_CROSSINGS))(
    'claims 6, 13 and 19: what is sent to the old place of a %s is forwarded from right after the switch, for its time, and no longer',
    async (_name, crossing) => {
      const { story } = await tell(overloaded(crossing));
      const { old, new: replacement } = exchange(story, MACHINE, 'fronthaul');
      const works = firstWhen(story.moments, (moment) => deviceIn(moment, MACHINE, 'fronthaul')?.host === 'edge-2');
      const begins = firstWhen(story.moments, forwardedIn);
      const ends = firstWhen(story.moments, (moment) => moment.at > begins.at && !forwardedIn(moment));
      expect(begins.at).toBeGreaterThanOrEqual(works.at);
      // Half of the call that ends the switch is its way back.
      expect(begins.at - works.at).toBeLessThan(2_500);
      expect(ends.at - begins.at).toBeGreaterThanOrEqual(FORWARD_SECONDS * 1000 - 200);
      expect(ends.at - begins.at).toBeLessThan(FORWARD_SECONDS * 1000 + 1_000);
      expect(story.moments.filter((moment) => moment.at >= ends.at && forwardedIn(moment))).toEqual([]);

      // All the while the old VF belongs to the machine, so that nobody else can be given what is forwarded through it.
      for (const moment of story.moments.filter((each) => each.at <= begins.at || forwardedIn(each)))
        if (entryIn(moment, old) !== undefined)
          expect(entryIn(moment, old)).toMatchObject({ phase: 'Bound', machine: MACHINE });
      const freed = firstWhen(story.moments, (moment) => entryIn(moment, old)?.phase === 'Released');
      expect(freed.at).toBeGreaterThanOrEqual(ends.at);
      expect(vfIn(freed, old)).toEqual(IDLE_VF);
      expect(deviceIn(story.now(), MACHINE, 'fronthaul')).toEqual(replacement);
    },
  );

  it.each(named(PCIE_CROSSINGS))(
    'claims 6, 13 and 19: a %s has no address, so that nothing is forwarded',
    async (_name, crossing) => {
      const { story } = await tell(overloaded(crossing));
      expect(hostsIn(story.now(), MACHINE)).toEqual(['edge-2']);
      expect(story.moments.flatMap((moment) => moment.state.forwards)).toEqual([]);
    },
  );

  it('claims 6, 13 and 19: it is forwarded for its time although the controller dies meanwhile, and the next one frees the VF', async () => {
    const site = { ...overloaded({ claim: 'fronthaul', strategy: 'vfio-live' }), migration: { forwardSeconds: 60 } };
    const { story: whole } = await tell(site);
    const { old } = exchange(whole, MACHINE, 'fronthaul');
    const killAt = whole.loop.boundaries.find(({ name }) => name === 'after fabric forward')?.number ?? 0;

    const story = await openStory(site);
    expect(await story.loop.survive({ killAt })).toBeNull();
    expect(forwardedIn(story.now())).toBe(true);
    expect(entryIn(story.now(), old)).toMatchObject({ phase: 'Bound', machine: MACHINE });
    await story.pass();
    expect(forwardedIn(story.now())).toBe(false);
    expect(entryIn(story.now(), old)?.phase).toBe('Released');
    expect(deviceIn(story.now(), MACHINE, 'fronthaul')?.host).toBe('edge-2');
    expect(await story.loop.atRest(EVERYBODY)).toEqual([]);
  });
});

describe('claims 7 and 20', () => {
  it.each(named([...VF_CROSSINGS, ...PCIE_CROSSINGS]))(
    'claims 7 and 20: a machine talks through the replacement of its %s without anybody’s action',
    async (_name, crossing) => {
      const { story } = await tell(overloaded(crossing));
      const { new: replacement } = exchange(story, MACHINE, crossing.claim);
      expect(story.loop.events.filter((message) => message.startsWith('operator:'))).toEqual([]);
      // The device is the machine's own, at the guest address where the guest has its driver, past the host's system.
      const [before] = copiesIn(momentAt(story.moments, 0), MACHINE);
      const [after] = copiesIn(story.now(), MACHINE);
      expect(after?.state).toBe('running');
      expect(after?.assignments).toEqual(before?.assignments.map((held) => ({ ...held, device: replacement.device })));
      expect(await story.loop.atRest(EVERYBODY)).toEqual([]);
    },
  );

  it.each(named(VF_CROSSINGS))(
    'claims 7 and 20: the network reaches a machine at the replacement of its %s, with the attributes that are written',
    async (_name, crossing) => {
      const { story } = await tell(overloaded(crossing));
      const { new: replacement } = exchange(story, MACHINE, 'fronthaul');
      expect(learnedOn(momentAt(story.moments, 0), MAC)).toEqual(['edge-1']);
      expect(learnedOn(story.now(), MAC)).toEqual(['edge-2']);
      expect(vfIn(story.now(), replacement)).toMatchObject({ adminMac: MAC, vlan: 100, trust: true });
      // Not before the machine is there to answer.
      const learned = firstWhen(story.moments, (moment) => learnedOn(moment, MAC).includes('edge-2'));
      expect(deviceIn(learned, MACHINE, 'fronthaul')).toEqual(replacement);
    },
  );

  it('claims 7 and 20: an announcement that was lost is repeated until the switch has learned it', async () => {
    let lost = false;
    const { story } = await tell(overloaded({ claim: 'fronthaul', strategy: 'vfio-live' }), (_moment, loop) => {
      if (!lost) loop.simulator.operator.loseAnnouncements(3);
      lost = true;
    });
    expect(learnedOn(story.now(), MAC)).toEqual(['edge-2']);
    expect(await story.loop.atRest(EVERYBODY)).toEqual([]);
  });
});
