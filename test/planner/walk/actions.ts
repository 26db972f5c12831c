import type { Action, AttachedDevice, Move, Step } from '../../../src/model/index.js';
import { deviceKey, IDLE_VF } from '../../../src/model/index.js';
import type { Copy, Ground } from './ground.js';
import { performOnFabric } from './fabric.js';
import { performOnLedger } from './ledger.js';
import { checkArrival } from './rules.js';

export type Direction = 'do' | 'undo';

/** One action of a step, forth or back, with whatever is wrong in doing it now. A migration has begun before: this is its arrival. */
export function perform(ground: Ground, step: Step, action: Action, direction: Direction): void {
  const move = ground.moves.get(step.move);
  if (move === undefined) {
    ground.fault(`${step.id} belongs to no move`);
    return;
  }
  switch (action.port) {
    case 'ledger': {
      performOnLedger(ground, action, direction);
      return;
    }
    case 'fabric': {
      performOnFabric(ground, action, direction);
      return;
    }
    case 'hypervisor': {
      performOnHost(ground, move, action, direction);
      return;
    }
  }
}

type HostAction = Extract<Action, { readonly port: 'hypervisor' }>;

function performOnHost(ground: Ground, move: Move, action: HostAction, direction: Direction): void {
  switch (action.kind) {
    case 'commission': {
      commission(ground, action);
      return;
    }
    case 'decommission': {
      decommission(ground, action, direction);
      return;
    }
    case 'reconfigure': {
      reconfigure(ground, action);
      return;
    }
    case 'detach': {
      detach(ground, action);
      return;
    }
    case 'attach': {
      attach(ground, action, direction);
      return;
    }
    case 'migrate': {
      arrive(ground, action);
      return;
    }
    case 'abort': {
      abort(ground, action);
      return;
    }
    case 'start': {
      start(ground, move, action, direction);
      return;
    }
    case 'stop': {
      stop(ground, action, direction);
      return;
    }
    case 'undefine': {
      undefine(ground, action, direction);
      return;
    }
  }
}

type Of<K extends HostAction['kind']> = Extract<HostAction, { readonly kind: K }>;

function commission(ground: Ground, action: Of<'commission'>): void {
  const { host, dummy, devices, mac, machine } = action;
  const standing = ground.dummies.get(`${host}/${dummy}`);
  if (standing !== undefined) {
    if (standing.devices.join() !== devices.join()) ground.fault(`${dummy} stands already and holds other devices`);
    return;
  }
  for (const device of devices) {
    const user = ground.user(host, device, dummy);
    if (user !== null) ground.fault(`${dummy} takes ${device}, which ${user} has`);
    const entry = ground.ledger.get(deviceKey({ host, device }));
    if (entry?.machine !== machine || entry.phase === 'Bound') ground.fault(`${dummy} takes ${device} unreserved`);
  }
  const whole = new Set(devices.flatMap((device) => ground.group(host, device).map(({ bdf }) => bdf)));
  if (whole.size !== devices.length) ground.fault(`${dummy} holds ${devices.length} of a group of ${whole.size}`);
  if (ground.speaker(mac, dummy) !== null) ground.fault(`${dummy} speaks as ${ground.speaker(mac, dummy) ?? ''}`);
  ground.dummies.set(`${host}/${dummy}`, { devices, mac });
}

function decommission(ground: Ground, { host, dummy }: Of<'decommission'>, direction: Direction): void {
  const standing = ground.dummies.get(`${host}/${dummy}`);
  if (standing === undefined) {
    if (direction === 'do') ground.fault(`${dummy} is taken away and does not stand`);
    return;
  }
  for (const device of direction === 'do' ? standing.devices : [])
    if (ground.ledger.get(deviceKey({ host, device }))?.phase === 'Held')
      ground.fault(`${dummy} goes while the ledger has it as the holder of ${device}`);
  ground.dummies.delete(`${host}/${dummy}`);
  ground.letGo(host, standing.devices);
}

function reconfigure(ground: Ground, { machine, host, replacements }: Of<'reconfigure'>): void {
  const copy = ground.copy(machine, host);
  if (copy?.state !== 'running') {
    ground.fault(`${machine} is told of replacements and does not run on ${host}`);
    return;
  }
  if (isLeaving(ground, copy)) ground.fault(`${machine} is told of replacements while it migrates`);
  copy.staged = replacements.map((one) => `${one.claim} ${one.host}/${one.device}`);
}

function detach(ground: Ground, { machine, host, claim, device }: Of<'detach'>): void {
  const copy = ground.copy(machine, host);
  if (copy?.state !== 'running') {
    ground.fault(`${machine} loses ${device} and does not run on ${host}`);
    return;
  }
  if (isLeaving(ground, copy)) ground.fault(`${machine} loses ${device} while it migrates`);
  if (copy.devices.get(claim)?.device !== device) ground.fault(`${machine} does not have ${device}`);
  copy.devices.delete(claim);
  ground.letGo(host, [device]);
}

function attach(ground: Ground, action: Of<'attach'>, direction: Direction): void {
  const { machine, host, claim, device, guestAddress, mac, vlan } = action;
  const copy = ground.copy(machine, host);
  if (copy?.state !== 'running') {
    ground.fault(`${machine} gets ${device} and does not run on ${host}`);
    return;
  }
  const has = copy.devices.get(claim);
  if (has !== undefined) {
    if (has.device !== device || direction === 'do') ground.fault(`${machine} has ${has.device} for ${claim} already`);
    return;
  }
  const gets = [{ claim, device, guestAddress, mac, vlan }];
  takeDevices(ground, copy, gets, direction === 'do' ? 'HandingOver' : 'Bound');
  ground.carry(host, gets);
}

/** The copy gets devices, each of which must be free and entered for it in this phase. */
function takeDevices(
  ground: Ground,
  copy: Copy,
  devices: readonly AttachedDevice[],
  phase: 'HandingOver' | 'Bound',
): void {
  const { machine, host } = copy;
  for (const { claim, device, guestAddress, mac, vlan } of devices) {
    const user = ground.user(host, device, machine);
    if (user !== null) ground.fault(`${machine} takes ${device} on ${host}, which ${user} has`);
    const entry = ground.ledger.get(deviceKey({ host, device }));
    if (entry?.machine !== machine || entry.claim !== claim || entry.phase !== phase)
      ground.fault(`${machine} takes ${device} on ${host}, which is ${entry?.phase ?? 'nobody’s'} in the ledger`);
    const speaker = mac === null ? null : ground.speaker(mac, machine);
    if (speaker !== null) ground.fault(`${machine} speaks as ${speaker}`);
    const other = [...copy.devices.values()].find(
      (had) => had.device === device || (guestAddress !== '' && had.guestAddress === guestAddress),
    );
    if (other !== undefined) ground.fault(`${machine} has ${other.claim} at ${device} or ${guestAddress} already`);
    copy.devices.set(claim, { claim, device, guestAddress, mac, vlan });
  }
}

/** A migration begins: the receiving end stands, with what the strategy brings along. */
export function depart(ground: Ground, step: Step, action: Of<'migrate'>): void {
  const move = ground.moves.get(step.move);
  const source = ground.copy(action.machine, action.from);
  if (move === undefined || source?.state !== 'running') {
    ground.fault(`${action.machine} leaves ${action.from} and does not run there`);
    return;
  }
  if (ground.active(action.machine).length !== 1 || isLeaving(ground, source)) {
    ground.fault(`${action.machine} leaves ${action.from} and is more than once`);
    return;
  }
  const { machine, size } = source;
  const incoming: Copy = {
    ...{ machine, size, host: action.to, state: 'incoming', cell: action.numaNode },
    ...{ devices: new Map(), staged: [] },
  };
  checkCrossing(ground, source, action);
  for (const { claim, device } of action.devices)
    if (!source.staged.includes(`${claim} ${action.to}/${device}`))
      ground.fault(`${machine} was not told of ${action.to}/${device} for ${claim}`);
  takeDevices(ground, incoming, action.devices, 'HandingOver');
  ground.copies.push(incoming);
  checkArrival(ground, incoming, move, false);
}

/** Which devices may cross by which strategy, and whether the target can run what ran on the source. */
function checkCrossing(ground: Ground, source: Copy, action: Of<'migrate'>): void {
  const written = ground.desired.machines.find(({ name }) => name === action.machine);
  const features = ground.hosts.get(action.to)?.cpuFeatures ?? [];
  const lacking = ground.hosts.get(action.from)?.cpuFeatures.find((name) => !features.includes(name));
  if (lacking !== undefined) ground.fault(`${action.to} lacks ${lacking}, which ${action.machine} may use`);
  if (written?.strategies.includes(action.strategy) !== true)
    ground.fault(`${action.machine} may not move by ${action.strategy}`);
  for (const claim of written?.claims ?? []) {
    const allowed = ground.desired.deviceClasses.find(({ name }) => name === claim.class)?.strategies;
    if (allowed?.includes(action.strategy) !== true) ground.fault(`${claim.class} may not move by ${action.strategy}`);
  }
  if (action.strategy === 'hotplug') {
    if (source.devices.size > 0) ground.fault(`${action.machine} leaves by hotplug and still has devices`);
    return;
  }
  for (const { claim, device } of action.devices) {
    const had = source.devices.get(claim)?.device;
    const from = ground.devices.get(deviceKey({ host: action.from, device: had ?? '' }));
    const to = ground.devices.get(deviceKey({ host: action.to, device }));
    const isAlike = from?.vendor === to?.vendor && from?.device === to?.device;
    if (from === undefined || to === undefined) ground.fault(`${claim} crosses from or to nothing`);
    else if (action.strategy === 'failover' && (from.category !== 'network' || to.category !== 'network'))
      ground.fault(`nothing stands in for ${claim}`);
    else if (action.strategy === 'vfio-live' && !(from.liveMigratable && to.liveMigratable && isAlike))
      ground.fault(`the state of ${claim} cannot cross`);
  }
  if (source.devices.size !== action.devices.length) ground.fault(`${action.machine} leaves devices behind`);
}

function arrive(ground: Ground, { machine, from, to }: Of<'migrate'>): void {
  const [source, target] = [ground.copy(machine, from), ground.copy(machine, to)];
  if (source === undefined || target?.state !== 'incoming') {
    ground.fault(`${machine} does not arrive on ${to}`);
    return;
  }
  ground.letGo(
    from,
    [...source.devices.values()].map(({ device }) => device),
  );
  ground.drop(source);
  target.state = 'running';
  ground.place.set(machine, to);
  ground.carry(to, [...target.devices.values()]);
}

/** The migration comes to nothing; the machine stays where it is. */
function abort(ground: Ground, { machine }: Of<'abort'>): void {
  for (const copy of ground.copies.filter((one) => one.machine === machine && one.state === 'incoming'))
    ground.drop(copy);
}

function start(ground: Ground, move: Move, action: Of<'start'>, direction: Direction): void {
  const { machine, host, definition } = action;
  const there = ground.copy(machine, host);
  if (ground.active(machine).length > 0) {
    if (direction === 'do' || there?.state !== 'running') ground.fault(`${machine} starts on ${host} and runs already`);
    return;
  }
  if (there !== undefined) ground.drop(there);
  const { vcpus, memoryMiB, hugepageSizeKiB, isolatedCpus, numaNode: cell } = definition;
  const size = { vcpus, memoryMiB, hugepageSizeKiB, isolatedCpus };
  const copy: Copy = { machine, host, state: 'running', size, cell, devices: new Map(), staged: [] };
  const isBack = direction === 'undo';
  takeDevices(ground, copy, definition.devices, isBack ? 'Bound' : 'HandingOver');
  ground.copies.push(copy);
  checkArrival(ground, copy, move, isBack);
  ground.place.set(machine, host);
  ground.carry(host, definition.devices);
}

function stop(ground: Ground, { machine, host }: Of<'stop'>, direction: Direction): void {
  const copy = ground.copy(machine, host);
  if (copy?.state !== 'running') {
    if (direction === 'do') ground.fault(`${machine} is stopped on ${host} and does not run there`);
    return;
  }
  ground.letGo(
    host,
    [...copy.devices.values()].map(({ device }) => device),
  );
  copy.state = 'stopped';
  copy.devices.clear();
  copy.staged = [];
}

function undefine(ground: Ground, { machine, host }: Of<'undefine'>, direction: Direction): void {
  const copy = ground.copy(machine, host);
  if (copy === undefined) {
    if (direction === 'do') ground.fault(`${machine} is forgotten on ${host} and is not there`);
    return;
  }
  if (copy.state !== 'stopped') {
    ground.fault(`${machine} is forgotten on ${host} and is ${copy.state}`);
    return;
  }
  if (direction === 'do' && ground.active(machine).length === 0)
    ground.fault(`${machine} is forgotten and runs nowhere else`);
  ground.drop(copy);
}

function isLeaving(ground: Ground, { machine }: Copy): boolean {
  return ground.copies.some((copy) => copy.machine === machine && copy.state === 'incoming');
}

/** True for a VF that keeps nothing of whoever used it. */
export function isIdle(ground: Ground, key: string): boolean {
  const attributes = ground.vfs.get(key);
  return attributes === undefined || JSON.stringify(attributes) === JSON.stringify(IDLE_VF);
}
