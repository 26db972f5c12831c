import type { Problem, Run } from '../../../../src/planner/engine/schedule/index.js';

/** What is broken at some instant of a schedule, found by looking at every instant at which something starts. */
export function brokenIn(problem: Problem, runs: readonly Run[]): string[] {
  const found: string[] = [];
  const { instance, target, seconds } = problem;
  const { hostOf, resources, demand, capacity, base } = instance;
  for (let machine = 0; machine < instance.machines; machine++) {
    let at = instance.origin[machine] ?? -1;
    let since = 0;
    for (const run of runs.filter((entry) => entry.machine === machine)) {
      if (run.from !== at) found.push(`machine ${machine} leaves ${run.from}, it is at ${at}`);
      if (run.start < since) found.push(`machine ${machine} starts before it has ended`);
      if (Math.abs(run.end - run.start - (seconds[machine] ?? 0)) > 1e-6) found.push(`machine ${machine} is too fast`);
      if (run.bypass !== (run.to !== target[machine])) found.push(`machine ${machine} says nothing of a bypass`);
      at = run.to;
      since = run.end;
    }
    if (at !== target[machine]) found.push(`machine ${machine} ends at ${at}`);
  }
  const placesAt = (machine: number, time: number): readonly number[] => {
    const own = runs.filter((run) => run.machine === machine && run.start <= time);
    const last = own.at(-1);
    if (last === undefined) return [instance.origin[machine] ?? -1];
    return last.end > time ? [last.from, last.to] : [last.to];
  };
  const machines = [...instance.origin.keys()];
  const finalPlaces = (machine: number) => [target[machine] ?? -1];
  const startPlaces = (machine: number) => [instance.origin[machine] ?? -1];
  for (const time of new Set(runs.map((run) => run.start))) {
    const where = machines.map((machine) => placesAt(machine, time));
    const used = base.slice();
    where.forEach((places, machine) => {
      const levels = places.filter((place) => place >= 0).flatMap((p) => [...new Set([p, hostOf[p] ?? p])]);
      // Inside of a host a machine is counted once a cell and once an end on the host.
      for (const level of levels) {
        for (let r = 0; r < resources; r++) {
          const at = level * resources + r;
          used[at] = (used[at] ?? 0) + (demand[machine * resources + r] ?? 0);
        }
      }
    });
    used.forEach((amount, index) => {
      if (amount > (capacity[index] ?? 0) + 1e-6) found.push(`at ${time} entry ${index} holds ${amount}`);
    });
    const moving = runs.filter((run) => run.start <= time && run.end > time);
    found.push(...busy(problem, moving).map((what) => `at ${time} ${what}`));
    instance.rules.forEach((rule, index) => {
      const domain = instance.domains[rule.domain];
      if (domain === undefined) return;
      const count = (of: (machine: number) => readonly number[]) => {
        const counts = Array.from({ length: domain.count }, () => 0);
        for (const machine of rule.members) {
          for (const unit of new Set(of(machine).map((place) => domain.of[place] ?? -1))) {
            if (unit >= 0) counts[unit] = (counts[unit] ?? 0) + 1;
          }
        }
        return counts;
      };
      const now = count((machine) => where[machine] ?? []);
      const start = count(startPlaces);
      const final = count(finalPlaces);
      const skew = (counts: readonly number[]) => Math.max(...counts) - Math.min(...counts);
      if (rule.kind === 'apart') {
        now.forEach((members, unit) => {
          if (members > Math.max(rule.most, start[unit] ?? 0, final[unit] ?? 0))
            found.push(`at ${time} rule ${index}: ${members} in unit ${unit}`);
        });
      }
      if (rule.kind === 'skew' && skew(now) > Math.max(rule.most, skew(start)))
        found.push(`at ${time} rule ${index} has a skew of ${skew(now)}`);
    });
  }
  return found;
}

function busy({ instance, limits, budgets }: Problem, moving: readonly Run[]): string[] {
  const found: string[] = [];
  const host = (place: number) => instance.hostOf[place] ?? -1;
  const count = (when: (run: Run) => boolean) => moving.filter(when).length;
  for (let h = 0; h < instance.hosts; h++) {
    if (count((run) => host(run.to) === h) > (limits.into[h] ?? 0)) found.push(`too many moves come to ${h}`);
    if (count((run) => host(run.from) === h) > (limits.outOf[h] ?? 0)) found.push(`too many moves leave ${h}`);
    if (count((run) => host(run.from) === h || host(run.to) === h) > (limits.touching[h] ?? 0))
      found.push(`too many moves at ${h}`);
  }
  if (moving.length > limits.cluster) found.push('too many moves');
  for (const link of limits.links) {
    link.moves.forEach((most, unit) => {
      const leaves = (run: Run) => link.of[host(run.from)] === unit;
      const enters = (run: Run) => link.of[host(run.to)] === unit;
      if (count((run) => leaves(run) || enters(run)) > most) found.push(`too many moves at unit ${unit}`);
      const rate = (when: (run: Run) => boolean) =>
        moving.filter(when).reduce((sum, run) => sum + Math.min(link.rate[run.machine] ?? 0, link.mibps[unit] ?? 0), 0);
      const full = (link.mibps[unit] ?? 0) * (1 + 1e-6);
      if (rate((run) => run.from >= 0 && leaves(run) && !enters(run)) > full) found.push(`uplink ${unit} is full out`);
      if (rate((run) => run.from >= 0 && enters(run) && !leaves(run)) > full) found.push(`uplink ${unit} is full in`);
    });
  }
  for (const { members, most } of budgets) {
    if (count((run) => members.includes(run.machine)) > most) found.push('a budget is overdrawn');
  }
  return found;
}
