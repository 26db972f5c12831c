import { done, type Host, type Outcome } from '../../model/index.js';
import type { SimulatedCluster } from './cluster.js';
import { dropDummy } from './dummies.js';
import type { MachineLoad } from './load.js';
import { halt } from './machines.js';
import { failMigration } from './migration.js';
import { deviceRefusal, refuse } from './refusals.js';
import { hostOf, machineOn, ownerOf, putMachine, type ClusterState, type SimulatedMachine } from './state.js';

/** What people and bad luck do to the hardware behind the controller's back. */
export class Operator {
  readonly #cluster: SimulatedCluster;

  constructor(cluster: SimulatedCluster) {
    this.#cluster = cluster;
  }

  /** `down`: everything on the host is gone · `unknown`: it lives on, and nobody can reach it · `up`: it is back. */
  setHost(name: string, to: Host['state']): void {
    this.#do(`host ${name} is ${to}`, (state) => {
      state.hosts = state.hosts.map((host) => (host.name === name ? { ...host, state: to } : host));
      if (to !== 'down') return;
      for (const migration of state.migrations) {
        if (migration.from !== name && migration.to !== name) continue;
        failMigration(state, migration);
        this.#cluster.end(migration, 'HostUnreachable', `host ${name} went down`);
      }
      for (const dummy of state.dummies) if (dummy.host === name) dropDummy(state, dummy);
      for (const machine of state.machines) if (machine.host === name) halt(state, machine);
    });
  }

  /** The dummy's process dies; its devices are free, and nobody is told. */
  killDummy(host: string, name: string): void {
    this.#do(`dummy ${name} on ${host} was killed`, (state) => {
      const dummy = state.dummies.find((other) => other.host === host && other.name === name);
      if (dummy !== undefined) dropDummy(state, dummy);
    });
  }

  /** The machine's process dies. */
  killMachine(host: string, name: string): void {
    this.#do(`machine ${name} on ${host} was killed`, (state) => {
      const migration = state.migrations.find((other) => other.machine === name && other.from === host);
      if (migration !== undefined) {
        failMigration(state, migration);
        this.#cluster.end(migration, 'MachineMissing', `${name} died`);
      }
      const machine = machineOn(state, host, name);
      if (machine !== undefined) halt(state, machine);
    });
  }

  /** A domain that nobody told us of opens a device, if it can. */
  steal(host: string, device: string, thief: string): Outcome {
    return this.#do(`${thief} wants ${device} of ${host}`, (state) => {
      const refusal = deviceRefusal(state, host, device, thief);
      if (refusal !== null) return refusal;
      putMachine(state, thiefOf(host, device, thief));
      return done(`${thief} has ${device}`);
    });
  }

  /** Runs a second copy of a machine on another host, without its devices, as a careless operator does. */
  duplicate(name: string, from: string, to: string): void {
    this.#do(`machine ${name} was started on ${to} as well`, (state) => {
      const machine = machineOn(state, from, name);
      if (machine !== undefined) putMachine(state, { ...machine, host: to, assignments: [], staged: [] });
    });
  }

  /** Writes a port's number of VFs; refused while one of them is held. VFs beyond the number are gone. More than there were cannot be made. */
  setVfCount(hostName: string, netdev: string, count: number): Outcome {
    return this.#do(`${netdev} of ${hostName} shall have ${count} VFs`, (state) => {
      const host = hostOf(state, hostName);
      const pf = host?.devices.find((device) => device.function.kind === 'pf' && device.function.netdev === netdev);
      if (host === undefined || pf === undefined) return refuse('DeviceMissing', `host ${hostName} has no ${netdev}`);
      const vfs = host.devices.filter((device) => device.function.kind === 'vf' && device.function.parent === pf.bdf);
      if (count > vfs.length)
        return refuse('NotSupported', `${netdev} has ${vfs.length} VFs, more cannot be simulated`);
      const held = vfs.find((device) => ownerOf(state, hostName, device.bdf) !== null);
      if (held !== undefined) return refuse('DeviceInUse', `VF ${held.bdf} is in use: device or resource busy`);
      const gone = new Set(vfs.slice(count));
      const kept = host.devices.filter((device) => !gone.has(device));
      state.hosts = state.hosts.map((other) => (other === host ? { ...host, devices: kept } : other));
      return done(`${netdev} has ${count} VFs`);
    });
  }

  /** The next so many announcements do not reach the switch. */
  loseAnnouncements(count: number): void {
    this.#do(`${count} announcements will be lost`, (state) => {
      state.announcementsToLose = count;
    });
  }

  /** Changes how a guest behaves, on every host that has a copy of it. */
  setGuest(name: string, change: Partial<Pick<SimulatedMachine, 'answersUnplug' | 'standby' | 'dirtyMibps'>>): void {
    this.#do(`guest ${name} changes`, (state) => {
      state.machines = state.machines.map((machine) => (machine.name === name ? { ...machine, ...change } : machine));
    });
  }

  /** From now on a machine has another load. */
  setLoad(machine: string, load: MachineLoad): void {
    this.#do(`load of ${machine} changes`, (state) => {
      state.loadChanges = [...state.loadChanges, { machine, since: state.at, load }];
    });
  }

  #do<T>(message: string, effect: (state: ClusterState) => T): T {
    const result = this.#cluster.change(effect);
    this.#cluster.tell(`operator: ${message}`);
    return result;
  }
}

function thiefOf(host: string, device: string, name: string): SimulatedMachine {
  return {
    name,
    host,
    state: 'running',
    vcpus: 1,
    memoryMiB: 256,
    hugepageSizeKiB: 0,
    numaNode: null,
    assignments: [{ claim: 'stolen', device, guestAddress: '0000:05:00.0', mac: null }],
    staged: [],
    dirtyMibps: 0,
    diskGiB: 0,
    sharedDisks: true,
    job: null,
    isolatedCpus: false,
    standby: false,
    answersUnplug: true,
  };
}
