import type { FixtureLines, HostLine, MachineLine, RuleLine } from '../planner/fixture-lines.js';
import { fixture } from '../planner/fixture.js';

/** One thing that is asked for in a cluster. */
interface Case {
  readonly meaning: string;
  readonly change: (drawn: Drawn) => FixtureLines;
}

interface Drawn {
  readonly hosts: Readonly<Record<string, HostLine>>;
  readonly machines: Readonly<Record<string, MachineLine & { readonly on: string }>>;
  readonly draw: (below: number) => number;
}

export const CASES: Readonly<Record<string, Case>> = {
  rest: { meaning: 'nothing', change: (drawn) => drawn },
  drain: {
    meaning: 'every 20th host drained',
    change: ({ hosts, machines }) => ({ hosts: someHosts(hosts, { maintenance: 'drain' }), machines }),
  },
  pins: {
    meaning: 'every 10th machine pinned to some host',
    change: ({ hosts, machines, draw }) => {
      const names = Object.keys(hosts);
      const pinned = changed(
        machines,
        (index) => index % 10 === 0,
        () => ({ host: names[draw(names.length)] ?? '' }),
      );
      return { hosts, machines: pinned };
    },
  },
  spread: {
    meaning: 'teams of 20 even over 4 zones',
    change: ({ hosts, machines }) => ({
      hosts,
      machines,
      rules: teams(machines, 20).map((members): RuleLine => ({
        kind: 'spread',
        topology: 'zone',
        maxSkew: 1,
        machines: members,
      })),
    }),
  },
  apart: {
    meaning: 'teams of 6 on hosts of their own',
    change: ({ hosts, machines }) => ({
      hosts,
      machines,
      rules: teams(machines, 6).map((members): RuleLine => ({
        kind: 'anti-affinity',
        topology: 'host',
        machines: members,
      })),
    }),
  },
  deploy: {
    meaning: 'all machines start',
    change: ({ hosts, machines }) => ({
      hosts,
      machines: Object.fromEntries(Object.entries(machines).map(([name, line]) => [name, nowhere(line)])),
    }),
  },
  repair: {
    meaning: 'every 20th host down',
    change: ({ hosts, machines }) => {
      const down = someHosts(hosts, { state: 'down' });
      const lost = Object.entries(machines).map(([name, line]): [string, MachineLine] => [
        name,
        down[line.on]?.state === 'down' ? { ...line, observed: { state: 'stopped' } } : line,
      ]);
      return { hosts: down, machines: Object.fromEntries(lost) };
    },
  },
  load: {
    meaning: 'every 20th host at 90 % CPU',
    change: ({ hosts, machines }) => ({ hosts: someHosts(hosts, { cpu: 0.9 }), machines, load: { maxMoves: 1000 } }),
  },
  crowded: {
    meaning: 'as drain, CPUs 94 % given out',
    change: ({ hosts, machines }) => ({
      hosts: Object.fromEntries(
        Object.entries(someHosts(hosts, { maintenance: 'drain' })).map(([name, line]) => [name, { ...line, cpus: 40 }]),
      ),
      machines,
    }),
  },
};

/** The case in a cluster of this size. Throws when there is none of that name. */
export function plannerCase(name: string, hosts: number, machines: number): ReturnType<typeof fixture> {
  const found = CASES[name];
  if (found === undefined) throw new RangeError(`there is no case ${name}`);
  return fixture(found.change(drawn(hosts, machines)));
}

/**
 * Hosts of two cells with 32 VFs, 20 behind a switch, 50 in a zone; machines of 1 to 8 CPUs, most with a VF or two, some in one cell.
 * Drawn from one fixed seed.
 */
function drawn(hosts: number, machines: number): Drawn {
  const random = generator(20_260_105);
  const draw = (below: number) => Math.floor(random() * below);
  const hostLines = Array.from({ length: hosts }, (_, index): [string, HostLine] => [
    `host-${String(index).padStart(4, '0')}`,
    {
      group: `g${Math.floor(index / 20)}`,
      zone: `z${Math.floor(index / 50)}`,
      cells: 2,
      cpus: 64,
      memoryMiB: 262_144,
      vfs: 32,
      gpus: index % 10 === 0 ? 2 : 0,
      ptp: index % 5 === 0,
      cpu: 0.3 + 0.25 * random(),
    },
  ]);
  const names = hostLines.map(([name]) => name);
  const machineLines = Array.from({ length: machines }, (_, index): [string, MachineLine & { readonly on: string }] => {
    const vcpus = 2 ** draw(4);
    return [
      `vm-${String(index).padStart(5, '0')}`,
      {
        on: names[index % hosts] ?? '',
        vcpus,
        memoryMiB: 2048 * 2 ** draw(4),
        cpu: vcpus * (0.2 + 0.5 * random()),
        dirtyMibps: draw(60),
        claims: Object.fromEntries(Array.from({ length: draw(3) }, (__, claim) => [`net-${claim}`, 'vf'])),
        desired: { numaPinned: draw(5) === 0 },
      },
    ];
  });
  return { hosts: Object.fromEntries(hostLines), machines: Object.fromEntries(machineLines), draw };
}

function nowhere(line: MachineLine): MachineLine {
  const { on, ...rest } = line;
  return on === undefined ? line : rest;
}

/** Every twentieth host is changed. */
function someHosts(hosts: Drawn['hosts'], change: HostLine): Drawn['hosts'] {
  const every = Math.max(2, Math.min(20, Math.floor(Object.keys(hosts).length / 10)));
  return Object.fromEntries(
    Object.entries(hosts).map(([name, line], index) => [name, index % every === 1 ? { ...line, ...change } : line]),
  );
}

function changed(
  machines: Drawn['machines'],
  when: (index: number) => boolean,
  change: () => MachineLine,
): Readonly<Record<string, MachineLine>> {
  return Object.fromEntries(
    Object.entries(machines).map(([name, line], index) => [name, when(index) ? { ...line, ...change() } : line]),
  );
}

/** Every fourth team of so many machines that stand side by side. */
function teams(machines: Drawn['machines'], size: number): readonly (readonly string[])[] {
  const names = Object.entries(machines)
    .toSorted(([, a], [, b]) => (a.on < b.on ? -1 : Number(a.on > b.on)))
    .map(([name]) => name);
  const all = Array.from({ length: Math.floor(names.length / size) }, (_, team) =>
    names.slice(team * size, (team + 1) * size),
  );
  return all.filter((_, team) => team % 4 === 0);
}

/** Mulberry32: 32 bits of state are enough for drawing test data. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
