import type { DesiredMachine, Problem } from '../../model/index.js';
import { violation } from './story.js';
import type { Act, Story } from './story.js';

/** The host may be used, and nothing that is written for the machine forbids it. */
export function checkPlacement(story: Story, act: Act): readonly Problem[] {
  const { move } = act;
  const observed = story.hosts.get(move.to);
  const host = story.desiredHosts.get(move.to);
  const machine = story.desiredMachines.get(move.machine);
  if (observed === undefined || host === undefined) {
    return [violation('UnknownHost', move, `${move.to} is not both written and observed`)];
  }
  if (machine === undefined) return [];
  const problems: Problem[] = [];
  const add = (code: string, message: string): void => void problems.push(violation(code, move, message));
  for (const name of [move.to, move.from]) {
    const state = name === null ? 'up' : story.hosts.get(name)?.state;
    if (state !== 'up') add('HostNotUp', `${name ?? ''} is ${state ?? 'not observed'}`);
  }
  if (host.maintenance !== 'none') add('Maintenance', `${move.to} is in maintenance (${host.maintenance})`);
  if (machine.ptp && !observed.ptp) add('Role', `${move.to} has no PTP clock`);
  if (machine.numaPinned && move.numaNode === null) add('NotNumaLocal', `${machine.name} is not pinned to a cell`);
  const silent = move.from === null ? hidingPlace(story, machine.name) : null;
  if (silent !== null) add('HostUnreachable', `${machine.name} may run on ${silent}, which nobody has seen`);
  for (const rule of story.desired.rules) {
    if (rule.kind === 'ban' && rule.machines.includes(machine.name) && rule.hosts.includes(move.to)) {
      add('Ban', `${rule.policy} bans ${machine.name} from ${move.to}`);
    }
  }
  for (const { site, maxMs } of budgets(story, machine)) {
    const ms = latency(story, move.to, site);
    if (ms === null || ms > maxMs)
      add('Latency', `${move.to} is ${ms ?? 'an unknown number of'} ms from ${site}, more than ${maxMs}`);
  }
  return problems;
}

/**
 * A host that was not seen and on which a machine that runs nowhere else may run, so that a start could be its second; null when
 * there is none. Where it is defined, or where the ledger has its devices, it is known to be.
 */
function hidingPlace(story: Story, machine: string): string | null {
  const isUnseen = (name: string): boolean => (story.hosts.get(name)?.state ?? 'unknown') === 'unknown';
  const homes = [...story.world.machines, ...story.world.reservations.filter((entry) => entry.phase !== 'Released')]
    .filter((entry) => ('machine' in entry ? entry.machine : entry.name) === machine)
    .map((entry) => entry.host);
  return (homes.length > 0 ? homes : [...story.hosts.keys(), ...story.desiredHosts.keys()]).find(isUnseen) ?? null;
}

/** At the end every machine that moved is where it is pinned; on its way there it may pass by another host. */
export function checkPins(story: Story): readonly Problem[] {
  const last = new Map(story.acts.map((act) => [act.move.machine, act]));
  const problems: Problem[] = [];
  for (const { move } of story.acts) {
    const machine = story.desiredMachines.get(move.machine);
    if (machine === undefined) continue;
    const isLast = last.get(move.machine)?.move === move;
    for (const hosts of pins(story, machine)) {
      const strays = !hosts.includes(move.to) && (isLast || hosts.includes(move.from ?? ''));
      if (strays) problems.push(violation('Pin', move, `${machine.name} is pinned to ${hosts.join(', ')}`));
    }
  }
  return problems;
}

function pins(story: Story, machine: DesiredMachine): readonly (readonly string[])[] {
  const rules = story.desired.rules.flatMap((rule) =>
    rule.kind === 'pin' && rule.machines.includes(machine.name) ? [rule.hosts] : [],
  );
  return machine.host === null ? rules : [[machine.host], ...rules];
}

function budgets(story: Story, machine: DesiredMachine): readonly { readonly site: string; readonly maxMs: number }[] {
  const rules = story.desired.rules.flatMap((rule) =>
    rule.kind === 'latency' && rule.machines.includes(machine.name) ? [rule] : [],
  );
  return [...machine.latencyBudgets, ...rules];
}

function latency(story: Story, host: string, site: string): number | null {
  const measured = story.world.latencies.find((entry) => entry.host === host && entry.site === site);
  if (measured !== undefined) return measured.ms;
  return story.desired.accessGroups.find((group) => group.hosts.includes(host))?.latencyMs[site] ?? null;
}
