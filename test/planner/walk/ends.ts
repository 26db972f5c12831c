import type { Plan, World } from '../../../src/model/index.js';
import { deviceKey } from '../../../src/model/index.js';
import { isIdle } from './actions.js';
import { footprint } from './footprint.js';
import { Ground } from './ground.js';
import { pinsOf, unitsOf } from './rules.js';

/** What must be when all steps of a plan are done. */
export function checkEnd(ground: Ground, plan: Plan, world: World): void {
  const last = new Map(plan.moves.map((move) => [move.machine, move]));
  for (const [machine, move] of last) {
    const must = (isMet: boolean, what: string): void => {
      if (!isMet) ground.fault(`at the end ${machine}: ${what}`);
    };
    const copies = ground.copies.filter((copy) => copy.machine === machine);
    const [copy] = copies;
    must(copies.length === 1 && copy?.state === 'running' && copy.host === move.to, `is not once on ${move.to}`);
    if (copy === undefined) continue;
    must(copy.cell === move.numaNode, `is on cell ${copy.cell ?? 'none'}`);
    const written = ground.desired.machines.find(({ name }) => name === machine);
    const before = world.machines.find(({ name, state }) => name === machine && state !== 'stopped');
    for (const claim of written?.claims ?? []) {
      const device = copy.devices.get(claim.name);
      const had = before?.assignments.find((assignment) => assignment.claim === claim.name);
      must(device !== undefined, `has nothing for ${claim.name}`);
      if (device === undefined) continue;
      const key = deviceKey({ host: copy.host, device: device.device });
      must(ground.ledger.get(key)?.phase === 'Bound', `${key} is not bound`);
      must(
        had === undefined || (had.mac === device.mac && had.guestAddress === device.guestAddress),
        `${claim.name} changed in the guest`,
      );
      const attributes = ground.vfs.get(key);
      const wanted = JSON.stringify({ ...claim.attributes, adminMac: device.mac });
      must(attributes === undefined || JSON.stringify(attributes) === wanted, `${key} is set otherwise than written`);
      const profile = `${copy.host} ${ground.netdev(copy.host, device.device) ?? ''} ${claim.portProfile ?? ''} ${machine}/${claim.name}`;
      must(
        claim.portProfile === null || attributes === undefined || ground.profiles.has(profile),
        `${claim.name} has no port profile`,
      );
      must(
        attributes === undefined || device.mac === null || ground.announced.has(`${device.mac} ${copy.host}`),
        `${claim.name} is not announced`,
      );
    }
    for (const [key, entry] of ground.ledger) {
      const isHere = key.startsWith(`${copy.host}/`) && entry.phase === 'Bound';
      const wasThere = world.reservations.some((known) => deviceKey(known) === key && known.machine === machine);
      const left = before?.host !== undefined && key.startsWith(`${before.host}/`) && wasThere;
      must(entry.machine !== machine || isHere || (wasThere && !left), `still has ${key} (${entry.phase})`);
    }
    for (const profile of ground.profiles)
      must(
        !profile.includes(` ${machine}/`) || profile.startsWith(`${copy.host} `),
        `still has the profile ${profile}`,
      );
    for (const hosts of pinsOf(ground, machine)) must(hosts.includes(copy.host), `is pinned to ${hosts.join()}`);
    for (const { claim, device } of before?.assignments ?? []) {
      const key = deviceKey({ host: before?.host ?? '', device });
      must(ground.ledger.has(key) || isIdle(ground, key), `${claim} leaves ${key} with its settings`);
    }
  }
  for (const forward of ground.forwards)
    if (!world.forwards.some(({ mac, from, to }) => forward === `${mac} ${from} ${to}`))
      ground.fault(`${forward} is still forwarded`);
  for (const dummy of ground.dummies.keys())
    if (!world.dummies.some(({ host, name }) => dummy === `${host}/${name}`)) ground.fault(`${dummy} still stands`);
  const together = unitsOf(new Ground(plan, ground.desired, world));
  for (const [policy, units] of unitsOf(ground))
    if (plan.moves.length > 0 && units > Math.max(1, together.get(policy) ?? 1))
      ground.fault(`${policy} ends in ${units} units`);
}

/** An undone move leaves everything of its machine as it was before the plan, or before that move. */
export function checkUndone(ground: Ground, move: string, before: ReadonlyMap<string, string>): void {
  const { machine, from, to, assignments } = ground.moves.get(move) ?? {
    machine: '',
    from: null,
    to: '',
    assignments: [],
  };
  const active = ground.active(machine);
  if ((active.map(({ host }) => host).join() || null) !== from)
    ground.fault(`${machine} runs on ${active.map(({ host }) => host).join()} after its move was undone`);
  for (const copy of active)
    if (copy.staged.length > 0) ground.fault(`${machine} still knows of ${copy.staged.join()}`);
  const isSecond = !move.endsWith('.1');
  const after = new Map(footprint(ground));
  const mine = (key: string): boolean =>
    key.startsWith(`copy ${machine} `) ||
    key.includes(` ${machine}/`) ||
    key.startsWith(`dummy ${to}/berth-dummy-${machine}-`) ||
    assignments.some(({ group }) =>
      group.some((device) => key === `ledger ${to}/${device}` || key === `vf ${to}/${device}`),
    );
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    if (!mine(key) || isSecond || before.get(key) === after.get(key)) continue;
    // What stood for a machine that ran nowhere may go.
    if (key.startsWith('profile ') && from === null && !after.has(key)) continue;
    if (key.startsWith('ledger ') && after.get(key) === undefined) continue;
    if (key.startsWith('vf ') && after.get(key)?.includes('"adminMac":null') === true && isIdle(ground, key.slice(3)))
      continue;
    ground.fault(
      `${move} was undone and left ${key}: ${after.get(key) ?? 'nothing'}, it was ${before.get(key) ?? 'nothing'}`,
    );
  }
}
