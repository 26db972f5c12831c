import type { ClusterOf, HostOf, MachineOf } from '../reconcile/documents-of.js';
import type { Random } from './random.js';

const STRATEGIES = ['vfio-live', 'hotplug', 'cold', 'vfio-live, hotplug, cold', 'hotplug, cold'];

/** A random small cluster that is possible: what runs on a host fits there. */
export function randomCluster(random: Random): ClusterOf {
  const hosts = Array.from({ length: random.between(2, 5) }, (_, index): HostOf => ({
    name: `h${index + 1}`,
    group: `rack-${random.between(1, 2)}`,
    vfs: random.between(2, 6),
  }));
  const room = new Map(hosts.map((host) => [host.name, { vfs: host.vfs ?? 0, cpus: 12, machines: 6 }]));
  const machines: MachineOf[] = [];
  for (let index = 1; index <= random.between(1, 8); index++) {
    const machine = randomMachine(random, `m${index}`);
    const at = random.chance(0.85) ? random.pick(hosts).name : null;
    const left = room.get(at ?? '');
    const fits =
      left !== undefined && left.vfs >= (machine.vfs ?? 0) && left.cpus >= (machine.vcpus ?? 1) && left.machines > 0;
    if (left !== undefined && fits) {
      left.vfs -= machine.vfs ?? 0;
      left.cpus -= machine.vcpus ?? 1;
      left.machines -= 1;
    }
    machines.push({ ...machine, at: fits ? at : null });
  }
  return { hosts, machines, migration: migrationOf(random), more: moreOf(random) };
}

export function randomMachine(random: Random, name: string): MachineOf {
  return {
    name,
    at: null,
    vcpus: random.between(1, 4),
    memoryMiB: random.pick([512, 1024, 2048]),
    vfs: random.pick([0, 1, 1, 2]),
    cpuPercent: random.between(5, 95),
    dirtyMibps: random.pick([1, 20, 200, 2000]),
    ...(random.chance(0.6) ? { strategies: random.pick(STRATEGIES) } : {}),
    labels: `app: ${random.pick(['a', 'b', 'c'])}`,
  };
}

function migrationOf(random: Random): readonly string[] {
  return [
    `forwardSeconds: ${random.pick([0, 5, 20])}`,
    'blastRadius: { maxMoves: 100, maxSharePercent: 100 }',
    `parallel: { perHost: ${random.between(1, 3)}, perGroup: ${random.between(1, 4)}, perCluster: ${random.between(1, 6)} }`,
  ];
}

const policy = (kind: string, name: string, spec: readonly string[]): string =>
  ['apiVersion: berth/v1alpha1', `kind: ${kind}`, `metadata: { name: ${name} }`, 'spec:', ...spec, ''].join('\n');

function moreOf(random: Random): Record<string, string> {
  const more: Record<string, string> = {};
  if (random.chance(0.5))
    more['load.yaml'] = policy('LoadPolicy', 'balance', [
      '  thresholds:',
      `    - { metric: cpu, high: 0.${random.between(2, 6)}, low: 0.1 }`,
      '  windowSeconds: 60',
      '  holdWindows: 2',
      `  cooldownSeconds: ${random.pick([60, 900])}`,
    ]);
  if (random.chance(0.4)) more['apart.yaml'] = antiAffinity(random.pick(['a', 'b', 'c']));
  return more;
}

export function antiAffinity(app: string): string {
  return policy('PlacementPolicy', 'apart', [
    '  selector: { matchLabels: { app: ' + app + ' } }',
    '  antiAffinity: { topology: host }',
  ]);
}
