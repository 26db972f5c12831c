import { describe, expect, it } from 'vitest';
import { parseBtrPlace } from './btrplace.js';

const model = (mapping: object) => JSON.stringify({ model: { mapping, views: [] }, constraints: [] });

describe('an instance of BtrPlace', () => {
  it.each([
    {
      text: model({ onlineNodes: { 0: { runningVMs: [1] }, 1: { sleepingVMs: [2, 1] } } }),
      says: 'model.mapping.onlineNodes.1.sleepingVMs[1]: machine 1 is running on node 0 already',
    },
    {
      text: model({ onlineNodes: { 0: { runningVMs: [1, 1] } } }),
      says: 'onlineNodes.0.runningVMs[1]: machine 1 is running on node 0 already',
    },
    { text: model({ readyVMs: [3, 3] }), says: 'model.mapping.readyVMs[1]: machine 3 is ready already' },
    { text: model({ onlineNodes: { 0: {} }, offlineNodes: [1, 0] }), says: 'offlineNodes[1]: node 0 is among' },
    { text: model({ onlineNodes: { 0: { runningVMs: [-1] } } }), says: 'a whole number of at least 0 is expected' },
    { text: model({ onlineNodes: { 0: { runningVMs: null } } }), says: 'a list of numbers is expected' },
    {
      text: JSON.stringify({
        model: { mapping: { onlineNodes: { 0: { runningVMs: [1, 2] } } } },
        constraints: [{ id: 'spread', vms: [1, 2], continuous: 'yes' }],
      }),
      says: 'constraints[0].continuous: true or false is expected',
    },
    ...['abc', 0, 1.5].map((migrate) => ({
      text: JSON.stringify({ model: { mapping: {}, attributes: { vms: { 1: { migrate } } } }, constraints: [] }),
      says: 'model.attributes.vms.1.migrate: a whole number of seconds of at least 1 is expected',
    })),
    { text: '{"model": {"mapping": {}}}', says: 'there is no `constraints`' },
  ])('is refused: $says', ({ text, says }) => {
    expect(() => parseBtrPlace(text)).toThrow(says);
  });
});
