import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeLab } from '../../lab/describe.js';
import { guestImage } from '../../lab/guest/image.js';
import { openLab, type Lab } from '../../lab/namespaces/lab.js';
import type { ClusterOf } from '../../reconcile/documents-of.js';
import { machineDoc } from '../../reconcile/documents-of.js';
import { clear } from './lab-cluster.js';
import { oneMachine, openLabLoop, startGuests, type LabLoop } from './lab-loop.js';

describeLab('the whole loop over real hypervisors', ['guests', 'stand-in functions'], () => {
  let lab: Lab;
  let loop: LabLoop;
  beforeAll(async () => {
    lab = await openLab({ hosts: 2 });
  });
  afterEach(async () => {
    await loop.close();
    await clear(lab.hosts);
  });
  afterAll(() => lab.close());

  async function open(of: ClusterOf, withSystem = false): Promise<void> {
    loop = openLabLoop({ hosts: lab.hosts, of });
    await startGuests(lab.hosts, of, withSystem ? await guestImage() : undefined);
  }
  const send = (of: ClusterOf, host: string | null): string => {
    const [machine] = of.machines;
    if (machine === undefined) throw new Error('there is no machine');
    return loop.repository.commit({ [`machines/${machine.name}.yaml`]: machineDoc({ ...machine, host }) });
  };

  it.each([
    ['vfio-live', 64, false],
    ['hotplug', 96, true],
    ['cold', 64, false],
  ] as const)('carries out a commit by %s', async (strategy, memoryMiB, withSystem) => {
    const of = oneMachine(strategy, memoryMiB);
    await open(of, withSystem);
    const first = await loop.pass();
    expect(first).toMatchObject({ hold: null, plan: { moves: [] } });
    send(of, 'h2');
    const begun = performance.now();
    const facts = await loop.pass();
    console.log(`${strategy}: ${((performance.now() - begun) / 1000).toFixed(1)} s, ${loop.boundaries.length} boundaries`);
    console.log(JSON.stringify({ hold: facts.hold, ex: facts.execution, refusals: facts.plan?.refusals }));
    expect(facts.hold).toBeNull();
    expect(facts.execution?.result).toBe('succeeded');
    expect(await loop.hostOf('cu-1')).toBe('h2');
    expect(await loop.atRest(['cu-1'])).toEqual([]);
  });

  /** Kills a controller at boundaries of a move, one after the other; each time the next controller settles what is open. */
  async function killAt(of: ClusterOf, isAsked: (boundary: string) => boolean): Promise<void> {
    await loop.pass();
    send(of, 'h2');
    await loop.pass();
    const whole = loop.boundaries;
    const asked = whole.filter(({ name }) => isAsked(name));
    console.log(`killed at ${asked.length} of ${whole.length} boundaries`);
    const begun = performance.now();
    for (const { number, name } of asked) {
      const [from, to] = (await loop.hostOf('cu-1')) === 'h1' ? ['h1', 'h2'] : ['h2', 'h1'];
      send(of, to);
      const at = performance.now();
      const facts = await loop.survive({ killAt: number });
      const where = `${from} to ${to}, killed at ${number}, ${loop.boundaries.at(-1)?.name ?? ''} (${name} in the first run)`;
      expect(facts, where).toBeNull();
      const mid = performance.now();
      // Nobody asks for the move any more: so what is done now is to settle what the killed one began.
      send(of, null);
      const next = await loop.pass();
      expect(next, where).toMatchObject({ hold: null, plan: { moves: [] } });
      console.log(`${where}: ${((mid - at) / 1000).toFixed(1)} + ${((performance.now() - mid) / 1000).toFixed(1)} s`);
      expect(next.recovered.map(({ result }) => result), where).not.toContain('frozen');
      expect(await loop.atRest(['cu-1']), where).toEqual([]);
    }
    console.log(`${asked.length} kills took ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  }

  it('survives a kill after every record, swap and call of a vfio-live move', { timeout: 900_000 }, async () => {
    const of = oneMachine('vfio-live', 64);
    await open(of);
    await killAt(of, (name) => name.startsWith('after ') && !name.includes('fabric'));
  });
});
