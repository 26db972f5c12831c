import { isActive, IDLE_VF } from '../../src/model/index.js';
import type { Reservation } from '../../src/model/index.js';
import type { ClusterState } from '../../src/drivers/simulator/state.js';

/** Promises that must hold at every moment, whatever fails: what is broken, in words. */
export function brokenNow(state: Readonly<ClusterState>): readonly string[] {
  return [...twice(state), ...devicesTwice(state), ...macsTwice(state)];
}

/**
 * Promises of a cluster at rest: all machines run once, and nothing is left over. `machines` are those that Berth manages
 * or did once, `written` those that it still does: only they are adopted.
 */
export function brokenAtRest(
  state: Readonly<ClusterState>,
  ledger: readonly Reservation[],
  machines: readonly string[],
  written: readonly string[] = machines,
): readonly string[] {
  return [...brokenNow(state), ...lost(state, machines), ...leftOver(state), ...ledgerLies(state, ledger, written)];
}

function twice(state: Readonly<ClusterState>): readonly string[] {
  const names = state.machines.filter(isActive).map((machine) => machine.name);
  return repeated(names).map((name) => `${name} runs twice`);
}

function lost(state: Readonly<ClusterState>, machines: readonly string[]): readonly string[] {
  const running = new Set(state.machines.filter(isActive).map((machine) => machine.name));
  return machines.filter((name) => !running.has(name)).map((name) => `${name} is lost`);
}

function devicesTwice(state: Readonly<ClusterState>): readonly string[] {
  const users = state.machines
    .filter((machine) => machine.state !== 'stopped')
    .flatMap((machine) => machine.assignments.map((held) => `${machine.host}/${held.device}`));
  const held = state.dummies.flatMap((dummy) => dummy.devices.map((device) => `${dummy.host}/${device}`));
  return repeated([...users, ...held]).map((device) => `${device} is owned twice`);
}

function macsTwice(state: Readonly<ClusterState>): readonly string[] {
  const macs = state.hosts
    .flatMap((host) => host.devices)
    .flatMap((device) => (device.function.kind === 'vf' ? [device.function.attributes.adminMac] : []))
    .filter((mac) => mac !== null);
  return repeated(macs).map((mac) => `${mac} is on two VFs`);
}

function leftOver(state: Readonly<ClusterState>): readonly string[] {
  const owned = new Set(
    state.machines.flatMap((machine) => machine.assignments.map((held) => `${machine.host}/${held.device}`)),
  );
  const dirty = state.hosts.flatMap((host) =>
    host.devices
      .filter((device) => device.function.kind === 'vf' && !owned.has(`${host.name}/${device.bdf}`))
      .filter(
        (device) =>
          device.function.kind === 'vf' && JSON.stringify(device.function.attributes) !== JSON.stringify(IDLE_VF),
      )
      .map((device) => `${host.name}/${device.bdf} is idle and not reset`),
  );
  const profiles = state.ports.flatMap((port) =>
    port.profiles
      .filter((set) => !state.machines.some((machine) => machine.name === set.machine && machine.host === port.host))
      .map((set) => `profile ${set.profile} of ${set.machine} stays on ${port.host}`),
  );
  return [
    ...state.dummies.map((dummy) => `dummy ${dummy.name} stands on ${dummy.host}`),
    ...state.migrations.map((migration) => `${migration.machine} is still migrating`),
    ...state.machines.filter((machine) => machine.state === 'incoming').map((machine) => `${machine.name} is incoming`),
    ...state.machines
      .filter((machine) => isActive(machine) && machine.staged.length > 0)
      .map((machine) => `${machine.name} has a replacement in mind`),
    ...state.forwards.map((forward) => `${forward.mac} is still forwarded to ${forward.to}`),
    ...dirty,
    ...profiles,
  ];
}

function ledgerLies(
  state: Readonly<ClusterState>,
  ledger: readonly Reservation[],
  written: readonly string[],
): readonly string[] {
  const ownedBy = (names: readonly string[]): readonly string[] =>
    state.machines
      .filter((machine) => names.includes(machine.name))
      .flatMap((machine) => machine.assignments.map((held) => `${machine.host}/${held.device} ${machine.name}`));
  const owned = ownedBy(state.machines.map((machine) => machine.name));
  const claimed = ledger.filter((entry) => entry.phase !== 'Released');
  const bound = claimed.map((entry) => `${entry.host}/${entry.device} ${entry.machine}`);
  return [
    ...claimed.filter((entry) => entry.phase !== 'Bound').map((entry) => `${entry.device} is left ${entry.phase}`),
    ...bound.filter((entry) => !owned.includes(entry)).map((entry) => `the ledger leaks ${entry}`),
    ...ownedBy(written)
      .filter((entry) => !bound.includes(entry))
      .map((entry) => `the ledger does not know ${entry}`),
  ];
}

function repeated(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
