import { describe, expect, it } from 'vitest';
import { MACHINE, named, overloaded, VF_CROSSINGS } from './crossings.js';
import { deviceIn, exchange, firstWhen, type Moment, profiledOn, tell } from './story.js';

describe('Zhang: the configuration of the switch port moves with the machine', () => {
  it.each(named(VF_CROSSINGS))(
    'Zhang: a %s finds its profile on the target’s port when it comes, and none is left at the source afterwards',
    async (_name, crossing) => {
      const { story } = await tell(overloaded(crossing));
      const onPorts = (moment: Moment): readonly string[] => profiledOn(moment, MACHINE, 'fronthaul');
      for (const moment of story.moments) {
        const device = deviceIn(moment, MACHINE, 'fronthaul');
        if (device !== null) expect(onPorts(moment)).toContain(device.host);
      }
      const order = story.moments.map((moment) => onPorts(moment).toSorted().join(' and '));
      expect(order.filter((ports, index) => ports !== order[index - 1])).toEqual([
        'edge-1',
        'edge-1 and edge-2',
        'edge-2',
      ]);
      const { new: replacement } = exchange(story, MACHINE, 'fronthaul');
      const arrived = firstWhen(story.moments, (moment) => deviceIn(moment, MACHINE, 'fronthaul')?.host === 'edge-2');
      const cleared = firstWhen(story.moments, (moment) => onPorts(moment).join() === 'edge-2');
      expect(cleared.at).toBeGreaterThan(arrived.at);
      const port = story.now().state.ports.find(({ host, netdev }) => host === replacement.host && netdev === 'ens1f0');
      expect(port?.profiles).toEqual([{ profile: 'fronthaul-100', machine: MACHINE, claim: 'fronthaul' }]);
    },
  );
});
