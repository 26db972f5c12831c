import { type ClusterOf, documentsOf, type HostOf, type MachineOf } from '../reconcile/documents-of.js';
import type { Loop } from '../reconcile/loop.js';
import type { Random } from './random.js';
import { antiAffinity, randomMachine } from './scene.js';

/** Something that people commit; answers with what the repository says afterwards. */
export function randomCommit(random: Random, of: ClusterOf, loop: Loop): ClusterOf {
  const next = changed(random, of);
  const before = documentsOf(of);
  const after: Record<string, string | null> = documentsOf(next);
  for (const path of Object.keys(before)) if (!(path in after)) after[path] = null;
  loop.repository.commit(after);
  return next;
}

function changed(random: Random, of: ClusterOf): ClusterOf {
  const host = random.pick(of.hosts).name;
  const withHost = (change: Partial<HostOf>): ClusterOf => ({
    ...of,
    hosts: of.hosts.map((each) => (each.name === host ? { ...each, ...change } : each)),
  });
  const withMachine = (change: Partial<MachineOf>): ClusterOf => {
    const machine = random.pick(of.machines).name;
    return { ...of, machines: of.machines.map((each) => (each.name === machine ? { ...each, ...change } : each)) };
  };
  switch (random.between(1, 8)) {
    case 1:
    case 2:
      return withHost({ maintenance: 'drain' });
    case 3:
      return { ...of, hosts: of.hosts.map((each) => ({ ...each, maintenance: 'none' as const })) };
    case 4:
      return withMachine({ host });
    case 5:
      return { ...of, machines: of.machines.map((each) => ({ ...each, host: null })) };
    case 6:
      return { ...of, machines: [...of.machines, randomMachine(random, `n${of.machines.length}`)] };
    case 7:
      return { ...of, more: { ...of.more, 'apart.yaml': antiAffinity(random.pick(['a', 'b', 'c'])) } };
    default:
      return withMachine({ unwritten: true });
  }
}

/** Something that happens to the hardware. */
export function randomMisfortune(random: Random, of: ClusterOf, loop: Loop): void {
  const { operator } = loop.simulator;
  const host = random.pick(of.hosts).name;
  const machine = random.pick(of.machines).name;
  switch (random.between(1, 8)) {
    case 1:
      operator.setHost(host, 'unknown');
      break;
    case 2:
      operator.loseAnnouncements(random.between(1, 5));
      break;
    case 3:
      operator.setGuest(machine, { answersUnplug: false });
      break;
    case 4:
      operator.setGuest(machine, { dirtyMibps: 5000 });
      break;
    case 5:
      operator.setHost(host, 'down');
      break;
    case 6:
      for (const each of of.hosts) operator.killMachine(each.name, machine);
      break;
    case 7:
      operator.steal(host, `0000:3b:01.${random.between(0, 5)}`, `thief-${host}`);
      break;
    default: {
      const cpu = { kind: 'constant', percent: random.between(0, 100) } as const;
      operator.setLoad(machine, { cpu, memoryPercent: 50, networkMbps: 10 });
    }
  }
}

/** Everything that went wrong with the hardware is repaired. */
export function repair(of: ClusterOf, loop: Loop): void {
  const { operator } = loop.simulator;
  for (const host of of.hosts) operator.setHost(host.name, 'up');
  operator.loseAnnouncements(0);
  for (const machine of of.machines) operator.setGuest(machine.name, { answersUnplug: true, dirtyMibps: 10 });
}
