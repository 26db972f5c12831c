import { pointerPart, type LocatedDocument } from '../../documents/parse/located.js';
import { problem, type Problem } from '../../model/index.js';
import { DURATIONS_MS } from './expand.js';
import { firstState } from './first-state.js';
import { capacityRefusal, deviceRefusal } from './refusals.js';
import type { Scenario, ScenarioInput } from './scenario.js';
import { deviceOn } from './state.js';

/** Names that are there twice, and names that stand for nothing. */
export function nameProblems(input: ScenarioInput, located: LocatedDocument): readonly Problem[] {
  const problems: Problem[] = [];
  const hosts = new Map<string, number>();
  const machines = new Map<string, number>();
  const once = (seen: Map<string, number>, list: string, name: string, i: number): void => {
    const first = seen.get(name);
    seen.set(name, first ?? i);
    if (first === undefined) return;
    const related = [{ message: 'first written here', place: located.at(`/${list}/${first}/name`) }];
    const place = located.at(`/${list}/${i}/name`);
    problems.push(problem({ code: 'DuplicateName', message: `"${name}" is there twice`, place, related }));
  };
  const unresolved = (message: string, pointer: string, known: readonly string[]): void => {
    const place = located.at(pointer);
    problems.push(problem({ code: 'UnresolvedReference', message, place, hint: `known: ${known.join(', ')}` }));
  };
  input.hosts.forEach(({ name, template }, i) => {
    once(hosts, 'hosts', name, i);
    const known = Object.keys(input.templates ?? {});
    if (template !== undefined && !known.includes(template)) {
      unresolved(`there is no template "${template}"`, `/hosts/${i}/template`, known);
    }
  });
  (input.machines ?? []).forEach(({ name, host }, i) => {
    once(machines, 'machines', name, i);
    if (!hosts.has(host)) unresolved(`there is no host "${host}"`, `/machines/${i}/host`, [...hosts.keys()]);
  });
  for (const name of Object.keys(input.durationsMs ?? {})) {
    if (name in DURATIONS_MS) continue;
    unresolved(`there is no call "${name}"`, `/durationsMs/${pointerPart(name)}`, Object.keys(DURATIONS_MS));
  }
  return problems;
}

/** Machines that could not run where they are said to run: no room, no such device, or somebody else has it. */
export function roomProblems(input: ScenarioInput, scenario: Scenario, located: LocatedDocument): readonly Problem[] {
  const state = firstState(scenario);
  return scenario.machines.flatMap((machine, i) => {
    const at = `/machines/${i}`;
    const room = capacityRefusal(state, machine.host, machine);
    const problems = room === null ? [] : [problem({ code: room.code, message: room.message, place: located.at(at) })];
    const claims = Object.entries(input.machines?.[i]?.devices ?? {}).flatMap(([claim, { bdf, mac }]) => {
      const place = located.at(`${at}/devices/${pointerPart(claim)}`);
      const refusal = deviceRefusal(state, machine.host, bdf, machine.name);
      if (refusal !== null) return [problem({ code: refusal.code, message: refusal.message, place })];
      const isVf = deviceOn(state, machine.host, bdf)?.function.kind === 'vf';
      if (!isVf || mac != null) return [];
      return [problem({ code: 'MissingField', message: `VF ${bdf} has no "mac"`, place, hint: 'give it an address' })];
    });
    return [...problems, ...claims];
  });
}
