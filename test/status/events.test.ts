import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/model/index.js';
import { mergeEvents, readEvents, settleStatus } from '../../src/status/index.js';
import { fixture, NOW } from '../planner/fixture.js';
import { DESIRED, facts, WORLD } from './specimen.js';

function event(minutes: number, changes: Partial<Event> = {}): Event {
  return {
    ...{ involvedObject: { kind: 'Host', name: 'h1' }, severity: 'info', reason: 'Up', message: '', revision: 'r' },
    ...{ reportingController: 'berth', timestamp: new Date(NOW + minutes * 60_000).toISOString() },
    ...changes,
  };
}

describe('events', () => {
  const cases: readonly { reason: string; added: Event; count: number }[] = [
    { reason: 'the same again within five minutes is left out', added: event(4), count: 1 },
    { reason: 'the same again after five minutes is told again', added: event(5), count: 2 },
    { reason: 'another reason is told', added: event(1, { reason: 'Down' }), count: 2 },
    { reason: 'another revision is told', added: event(1, { revision: 's' }), count: 2 },
    { reason: 'another object is told', added: event(1, { involvedObject: { kind: 'Host', name: 'h2' } }), count: 2 },
    { reason: 'another message alone is no other event', added: event(1, { message: 'x' }), count: 1 },
  ];
  it.each(cases)('$reason', ({ added, count }) => {
    expect(mergeEvents([event(0)], [added])).toHaveLength(count);
  });

  it('are kept up to 200, the newest', () => {
    const many = Array.from({ length: 250 }, (_, index) => event(10 * index));
    expect(mergeEvents([], many).at(0)?.timestamp).toBe(many[50]?.timestamp);
    expect(mergeEvents([], many)).toHaveLength(200);
  });

  it.each(['', 'x', '{}', '[{}]'])('start anew when the branch holds %j', (text) => {
    expect(readEvents(text)).toEqual([]);
  });
});

describe('what conditions tell', () => {
  const dead = { ...WORLD, machines: [] };
  const eventsOf = (documents: ReadonlyMap<string, string>): readonly string[] =>
    readEvents(documents.get('clusters/test/events.json')).map(
      ({ involvedObject: { kind, name }, reason }) => `${kind}/${name} ${reason}`,
    );

  it('is a failure, and a recovery', () => {
    const failed = settleStatus(facts({ world: dead }));
    expect(eventsOf(failed)).toEqual(['VirtualMachine/upf NotRunning', 'VirtualMachine/amf NotRunning']);
    const again = settleStatus(facts({ world: dead, previous: failed, now: NOW + 600_000 }));
    expect(eventsOf(again)).toEqual(eventsOf(failed));
    const recovered = settleStatus(facts({ previous: again, now: NOW + 1_200_000 }));
    expect(eventsOf(recovered).slice(2)).toEqual(['VirtualMachine/upf Recovered', 'VirtualMachine/amf Recovered']);
  });

  it('is nothing when a machine that is suspended ends, and comes back', () => {
    const machines = DESIRED.machines.map((machine) => ({ ...machine, suspended: true }));
    const desired = { ...DESIRED, machines };
    const ended = settleStatus(facts({ desired, world: dead, previous: settleStatus(facts({ desired })) }));
    expect(eventsOf(ended)).toEqual([]);
    expect(eventsOf(settleStatus(facts({ desired, previous: ended })))).toEqual([]);
  });

  it('is that a host does not answer, so that nobody knows of its machines, and their recovery', () => {
    const hosts = WORLD.hosts.map((host) => (host.name === 'h1' ? { ...host, state: 'unknown' as const } : host));
    const machines = WORLD.machines.filter(({ host }) => host !== 'h1');
    const silences = new Map([['upf', 'upf may run on h1, which does not answer']]);
    const silent = settleStatus(facts({ world: { ...WORLD, hosts, machines }, silences }));
    expect(eventsOf(silent)).toEqual(['Host/h1 HostUnreachable', 'VirtualMachine/upf HostUnreachable']);
    expect(readEvents(silent.get('clusters/test/events.json')).map(({ severity }) => severity)).toEqual([
      'warning',
      'warning',
    ]);
    const back = settleStatus(facts({ previous: silent, now: NOW + 600_000 }));
    expect(eventsOf(back).slice(2)).toEqual(['Host/h1 Recovered', 'VirtualMachine/upf Recovered']);
  });

  it('is one outage when many fail for one reason', () => {
    const names = Array.from({ length: 20 }, (_, index) => `m${index}`);
    const { desired, world } = fixture({
      hosts: { h1: {} },
      machines: Object.fromEntries(names.map((name) => [name, {}])),
    });
    const documents = settleStatus(facts({ desired, world }));
    expect(eventsOf(documents)).toEqual(['Cluster/test NotRunning']);
    expect(readEvents(documents.get('clusters/test/events.json'))[0]?.message).toContain('and 10 more');
  });
});
