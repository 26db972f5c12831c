import { describe, expect, it } from 'vitest';
import { MACHINE, named, overloaded, VF_CROSSINGS } from './crossings.js';
import { macOf } from './site.js';
import { dummyOn, exchange, type Moment, tell, vfIn } from './story.js';

const MAC = macOf(MACHINE, 'fronthaul');

describe('Wu: a temporary address', () => {
  it.each(named(VF_CROSSINGS))(
    'Wu: while the machine is elsewhere the replacement of its %s has another address; the machine’s comes with the machine',
    async (_name, crossing) => {
      const { story } = await tell(overloaded(crossing));
      const { old, new: replacement } = exchange(story, MACHINE, 'fronthaul');
      const held = story.moments.filter((moment) => dummyOn(moment, replacement) !== null);
      const addresses = new Set(held.map((moment) => vfIn(moment, replacement).adminMac));
      expect([...addresses].some((mac) => mac?.startsWith('02:'))).toBe(true);
      expect([...addresses]).not.toContain(MAC);
      expect(held.flatMap(({ state }) => state.dummies.map(({ mac }) => mac))).not.toContain(MAC);
      const carriers = ({ state }: Moment): readonly string[] =>
        state.hosts.flatMap((host) =>
          host.devices.filter(({ function: what }) => what.kind === 'vf' && what.attributes.adminMac === MAC).map(() => host.name),
        ); // prettier-ignore
      expect(story.moments.filter((moment) => carriers(moment).length > 1)).toEqual([]);
      expect(vfIn(story.now(), replacement).adminMac).toBe(MAC);
      expect(vfIn(story.now(), old).adminMac).toBeNull();
    },
  );
});
