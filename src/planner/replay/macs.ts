import { deviceKey, isClaimed, problem } from '../../model/index.js';
import type { Mac, Problem } from '../../model/index.js';
import { violation } from './story.js';
import type { Story } from './story.js';

/** A MAC belongs to one claim of one machine, everywhere and to the end, and no dummy borrows it. */
export function checkMacs(story: Story): readonly Problem[] {
  const owners = initialOwners(story);
  const problems: Problem[] = [];
  for (const { move } of story.acts) {
    for (const { claim, mac } of move.assignments) {
      if (mac === null) continue;
      const owner = `${move.machine}/${claim}`;
      const holder = owners.get(mac) ?? owner;
      owners.set(mac, holder);
      if (holder !== owner) problems.push(violation('DuplicateMac', move, `${mac} of ${owner} belongs to ${holder}`));
    }
  }
  return [...problems, ...borrowed(story, owners)];
}

function initialOwners(story: Story): Map<Mac, string> {
  const owners = new Map<Mac, string>();
  const holders = new Map<string, string>();
  for (const entry of story.world.reservations.filter(isClaimed)) {
    holders.set(deviceKey(entry), `${entry.machine}/${entry.claim}`);
  }
  for (const machine of story.world.machines) {
    for (const { claim, device, mac } of machine.assignments) {
      holders.set(deviceKey({ host: machine.host, device }), `${machine.name}/${claim}`);
      if (mac !== null) owners.set(mac, `${machine.name}/${claim}`);
    }
  }
  for (const [key, { function: what }] of story.devices) {
    if (what.kind !== 'vf' || what.attributes.adminMac === null || owners.has(what.attributes.adminMac)) continue;
    owners.set(what.attributes.adminMac, holders.get(key) ?? `the VF ${key}`);
  }
  return owners;
}

/** Dummies whose temporary address is a machine's, or another dummy's. */
function borrowed(story: Story, owners: ReadonlyMap<Mac, string>): readonly Problem[] {
  const carriers = new Map<Mac, string>(story.world.dummies.map((dummy) => [dummy.mac, `${dummy.host}/${dummy.name}`]));
  const problems: Problem[] = [];
  for (const step of story.graph.steps) {
    for (const action of [...step.actions, ...step.undo]) {
      if (action.kind !== 'commission') continue;
      const dummy = `${action.host}/${action.dummy}`;
      const owner = owners.get(action.mac) ?? carriers.get(action.mac) ?? dummy;
      carriers.set(action.mac, dummy);
      if (owner === dummy) continue;
      problems.push(
        problem({ code: 'DummyMac', message: `step ${step.id}: the dummy carries ${action.mac} of ${owner}` }),
      );
    }
  }
  return problems;
}
