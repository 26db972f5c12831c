import type { Desired, World } from '../../src/model/index.js';
import type { StatusFacts } from '../../src/status/index.js';
import { fixture, NOW } from '../planner/fixture.js';
import { handmade } from '../planner/replay/handmade.js';

const plain = fixture({
  hosts: { h1: {}, h2: {} },
  machines: { upf: { on: 'h1', claims: { n3: 'vf' } }, amf: { on: 'h2' } },
});

export const DESIRED: Desired = plain.desired;

/** The switches have learned where the machines are. */
export const WORLD: World = {
  ...plain.world,
  switchPorts: plain.world.switchPorts.map((port) => ({
    ...port,
    learned: port.host === 'h1' ? ['52:54:00:00:00:00'] : [],
  })),
};

/** One move: the machine with the VF goes from h1 to h2. */
export const PLAN = handmade(DESIRED, WORLD, [{ machine: 'upf', to: 'h2' }]);

export const IDLE_PLAN = handmade(DESIRED, WORLD, []);

/** A quiet pass, with what is special about it. */
export function facts(changes: Partial<StatusFacts> = {}): StatusFacts {
  return {
    cluster: 'test',
    revision: 'rev-1',
    now: NOW,
    desired: DESIRED,
    world: WORLD,
    silences: new Map(),
    plan: IDLE_PLAN,
    planTexts: null,
    moves: [],
    problems: [],
    frozen: null,
    hold: null,
    lastHandledRequestedAt: '',
    events: [],
    previous: new Map(),
    ...changes,
  };
}
