import { deviceKey, isActive, isClaimed, type Desired, type Dummy, type World } from '../../model/index.js';

/** One thing that must be true at the end, looked up in the cluster itself and not in what the reconciler says of it. */
export interface Expectation {
  readonly sentence: string;
  /** What is wrong; empty when it is true. */
  readonly faults: readonly string[];
}

/** What must hold after every act, whatever was moved. */
export function safetyOf(desired: Desired, world: World, seenDummies: readonly Dummy[]): readonly Expectation[] {
  const macs = new Set(world.machines.flatMap(({ assignments }) => assignments.flatMap(({ mac }) => mac ?? [])));
  return [
    { sentence: 'every machine runs exactly once', faults: notOnce(desired, world) },
    { sentence: 'no dummy is left', faults: world.dummies.map(({ name, host }) => `${name} on ${host}`) },
    { sentence: 'the ledger agrees with the devices', faults: ledgerFaults(world) },
    { sentence: 'no device has two owners, no address two VFs', faults: sharedFaults(world) },
    {
      sentence: 'no dummy ever carried a machine’s address',
      faults: seenDummies.filter(({ mac }) => macs.has(mac)).map(({ name, mac }) => `${name} had ${mac}`),
    },
    {
      sentence: 'forwarding has ended, and the switches know every address where it is',
      faults: [...world.forwards.map(({ mac, from }) => `${mac} is still forwarded by ${from}`), ...unlearned(world)],
    },
    { sentence: 'no host is above its threshold', faults: overloaded(desired, world) },
    { sentence: 'user planes run on different hosts', faults: together(desired, world, 'UPF') },
  ];
}

/** Machines that still run on a host that shall be empty. */
export function emptiness(world: World, host: string): Expectation {
  const faults = world.machines.filter((machine) => machine.host === host && isActive(machine)).map(({ name }) => name);
  return { sentence: `${host} is empty`, faults };
}

function notOnce(desired: Desired, world: World): readonly string[] {
  return desired.machines.flatMap(({ name }) => {
    const copies = world.machines.filter((copy) => copy.name === name);
    return copies.length === 1 && copies[0]?.state === 'running' ? [] : [`${name} has ${copies.length} copies`];
  });
}

function ledgerFaults(world: World): readonly string[] {
  const claimed = new Map(world.reservations.filter(isClaimed).map((entry) => [deviceKey(entry), entry]));
  const owned = world.machines.flatMap(({ name, host, assignments }) =>
    assignments.map(({ device, claim }) => ({ key: deviceKey({ host, device }), machine: name, claim })),
  );
  const wrong = owned.filter(({ key, machine, claim }) => {
    const entry = claimed.get(key);
    return entry?.phase !== 'Bound' || entry.machine !== machine || entry.claim !== claim;
  });
  const keys = new Set(owned.map(({ key }) => key));
  return [
    ...wrong.map(({ key, machine }) => `${key} of ${machine} is not bound to it`),
    ...[...claimed.keys()].filter((key) => !keys.has(key)).map((key) => `${key} is reserved for nobody`),
  ];
}

function sharedFaults(world: World): readonly string[] {
  const devices = world.machines.flatMap(({ host, assignments }) =>
    assignments.map(({ device }) => deviceKey({ host, device })),
  );
  const addresses = world.hosts.flatMap((host) =>
    host.devices.flatMap(({ function: kind }) => (kind.kind === 'vf' ? (kind.attributes.adminMac ?? []) : [])),
  );
  return [...repeated(devices), ...repeated(addresses)];
}

function repeated(values: readonly string[]): readonly string[] {
  return values.filter((value, index) => values.indexOf(value) !== index);
}

function unlearned(world: World): readonly string[] {
  return world.machines.flatMap(({ name, host, assignments }) => {
    const learned = world.switchPorts.filter((port) => port.host === host).flatMap((port) => port.learned);
    return assignments.flatMap(({ mac }) => (mac === null || learned.includes(mac) ? [] : [`${mac} of ${name}`]));
  });
}

/** Load by what the machines use where they are now: host samples look back to before the moves. */
function overloaded(desired: Desired, world: World): readonly string[] {
  const cpuOf = (machine: string): number =>
    world.samples.findLast(
      ({ subject, metric }) => subject.kind === 'machine' && subject.name === machine && metric === 'cpu',
    )?.value ?? 0;
  const [policy] = desired.loadPolicies;
  const high = policy?.thresholds.find(({ metric }) => metric === 'cpu')?.high ?? 1;
  return world.hosts.flatMap(({ name, numaNodes }) => {
    const used = world.machines.filter(({ host }) => host === name).reduce((sum, one) => sum + cpuOf(one.name), 0);
    const ratio = used / numaNodes.reduce((sum, node) => sum + node.cpus, 0);
    return ratio < high ? [] : [`${name} is at ${Math.round(ratio * 100)} %`];
  });
}

function together(desired: Desired, world: World, role: string): readonly string[] {
  const names = desired.machines.filter((machine) => machine.role === role).map(({ name }) => name);
  return repeated(world.machines.filter(({ name }) => names.includes(name)).map(({ host }) => host));
}
