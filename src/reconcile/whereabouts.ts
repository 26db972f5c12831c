import type { Move, World } from '../model/index.js';
import { activeCopies, isBlind } from './observe.js';

/** Why nobody may act on a machine. `UnclearMachine` ends by itself once its hosts show that it runs once; the other is for a person to end. */
export type FreezeReason = 'UnclearMachine' | 'MachineRunsTwice';

/** What keeps everybody from acting, with what to look at and what to do. */
export interface Danger {
  readonly reason: FreezeReason;
  readonly message: string;
}

/** The hosts between which a move goes. */
export function hostsOf({ from, to }: Move): readonly string[] {
  return from === null ? [to] : [from, to];
}

/** The danger of a machine that runs more than once, null for any other. */
export function twofold(machine: string, world: World): Danger | null {
  const hosts = activeCopies(world, machine).map(({ host }) => host);
  if (hosts.length < 2) return null;
  const message = `${machine} runs on ${hosts.join(' and ')}: end the copy that is not to run, then run: berth unlock`;
  return { reason: 'MachineRunsTwice', message };
}

/** Where the machine of a move seems to be, in one clause. */
export function whereabouts(move: Move, world: World): string {
  const { machine } = move;
  const silent = hostsOf(move).filter((host) => isBlind(world, host));
  if (silent.length > 0) return `nobody knows where ${machine} runs, because ${listed(silent)} does not answer`;
  const copies = world.machines.filter(({ name, state }) => name === machine && state !== 'stopped');
  if (copies.length === 0) return `${machine} runs nowhere: it runs neither on ${hostsOf(move).join(' nor on ')}`;
  const job = copies.some((copy) => copy.job !== null) ? ', and its migration has not ended' : '';
  return `${machine} is ${copies.map(({ state, host }) => `${state} on ${host}`).join(' and ')}${job}`;
}

/** Why the machine of a move may not be acted on, and what is to be done. `answer` is what was last answered to an order about it. */
export function dangerOf(move: Move, world: World, answer = ''): Danger {
  const twice = twofold(move.machine, world);
  if (twice !== null) return twice;
  const heard = answer === '' ? '' : ` (last answer: ${answer})`;
  return { reason: 'UnclearMachine', message: `${whereabouts(move, world)}${heard}; ${adviceOn(move, world)}` };
}

function adviceOn(move: Move, world: World): string {
  const { machine } = move;
  const silent = hostsOf(move).filter((host) => isBlind(world, host));
  if (silent.length > 0)
    return `look after ${listed(silent)}: the pass after it answers goes on by itself when ${machine} runs once`;
  const isGone = world.machines.every(({ name, state }) => name !== machine || state === 'stopped');
  const where = listed(hostsOf(move));
  if (isGone)
    return `look on ${where} why it ended, then run: berth unlock; what its move holds is then given back, and the plan starts ${machine} again or says why it cannot`;
  return `look at ${machine} on ${where}: when it runs once and nothing of a migration is left, the next pass goes on by itself; else put it right and run: berth unlock`;
}

function listed(names: readonly string[]): string {
  return names.join(' and ');
}
