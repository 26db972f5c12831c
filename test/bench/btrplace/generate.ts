import { Random } from '../../../src/planner/engine/random.js';

/**
 * An instance in the form of the published ones: nodes alike (uCpu and memory), machines in groups of applications; a share of machines
 * asks for more, some nodes are to be switched off and some are off, some machines are to be started, and applications carry
 * constraints: spread, gather, fence, ban, split, lonely, capacities of groups of nodes, some of them continuous. The same for the same seed.
 */
export function generate({
  nodes,
  machines,
  seed,
  load = 0.6,
}: {
  readonly nodes: number;
  readonly machines: number;
  readonly seed: number;
  /** What the machines use of the cluster, 0 to 1. */
  readonly load?: number;
}): string {
  const random = new Random(seed);
  const chance = (share: number) => random.fraction() < share;
  const off = Math.floor(nodes * 0.01);
  const online = nodes - off;
  const ids = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index);
  const scale = (load * nodes) / machines;
  const cpu = ids(machines).map(() => Math.max(1, Math.round(200 * scale * (0.25 + 1.5 * random.fraction()))));
  const memory = ids(machines).map(() => Math.max(1, Math.round(16 * scale * (0.25 + 1.5 * random.fraction()))) * 100);
  const free = ids(nodes).map(() => ({ cpu: 200, memory: 1600 }));
  const ready = new Set(ids(machines).filter(() => chance(0.02)));
  const held: number[][] = ids(nodes).map(() => []);
  const nodeOf = new Map<number, number>();
  const put = (machine: number, node: number) => {
    const room = free[node];
    if (room === undefined || room.cpu < (cpu[machine] ?? 0) || room.memory < (memory[machine] ?? 0)) return false;
    room.cpu -= cpu[machine] ?? 0;
    room.memory -= memory[machine] ?? 0;
    held[node]?.push(machine);
    nodeOf.set(machine, node);
    return true;
  };
  for (const machine of ids(machines)) {
    let tries = ready.has(machine) ? 0 : 60;
    while (tries > 0 && !put(machine, random.below(online))) tries--;
    if (tries === 0) ready.add(machine);
  }
  const rackSize = Math.min(50, Math.ceil(nodes / 4));
  const racks = Array.from({ length: Math.ceil(nodes / rackSize) }, (_, rack) =>
    ids(Math.min(rackSize, nodes - rack * rackSize), rack * rackSize),
  );
  const constraints: object[] = ids(machines)
    .filter((machine) => ready.has(machine) && chance(0.9))
    .map((vm) => ({ id: 'running', vm, continuous: false }));
  const drained = new Set(ids(online).filter(() => chance(0.01)));
  for (const node of drained) constraints.push({ id: 'offline', node, continuous: false });
  for (const vm of ids(machines)) {
    if (chance(0.05)) constraints.push({ id: 'preserve', vm, rc: 'uCpu', amount: Math.ceil((cpu[vm] ?? 0) * 1.3) });
  }
  const rackOf = (machine: number) => racks[Math.floor((nodeOf.get(machine) ?? 0) / rackSize)] ?? [];
  const size = 10;
  for (let first = 0; first + size <= machines; first += size) {
    const vms = ids(size, first);
    const [vm = first, next = first] = vms;
    const pick = random.fraction();
    const continuous = chance(0.3);
    if (pick < 0.25) constraints.push({ id: 'spread', vms: vms.slice(0, 5), continuous: false });
    else if (pick < 0.3) constraints.push({ id: 'gather', vms: [vm, next], continuous: false });
    else if (pick < 0.36)
      constraints.push({ id: 'ban', vm, nodes: racks[random.below(racks.length)] ?? [], continuous: false });
    else if (pick < 0.42) {
      const both = [...rackOf(vm), ...(racks[random.below(racks.length)] ?? [])];
      constraints.push({ id: 'fence', vm, nodes: [...new Set(both)], continuous: continuous && nodeOf.has(vm) });
    } else if (pick < 0.46)
      constraints.push({ id: 'split', parts: [vms.slice(0, 5), vms.slice(5)], continuous: false });
    else if (pick < 0.465) constraints.push({ id: 'lonely', vms: [vm, next], continuous: false });
    else if (pick < 0.5) {
      const own = rackOf(vm);
      constraints.push({
        id: 'among',
        vms: [vm, next],
        parts: [own, ...racks.filter((rack) => rack !== own).slice(0, 5)],
        continuous: false,
      });
    } else if (pick < 0.52 && nodeOf.has(vm) && !drained.has(nodeOf.get(vm) ?? -1))
      constraints.push({ id: 'root', vm, continuous: true });
  }
  for (const node of ids(online)) {
    if (!drained.has(node) && chance(0.02))
      constraints.push({ id: 'resourceCapacity', nodes: [node], rc: 'uCpu', amount: 170, continuous: false });
  }
  const model = {
    mapping: {
      readyVMs: [...ready],
      onlineNodes: Object.fromEntries(
        ids(online).map((node) => [node, { sleepingVMs: [], runningVMs: held[node] ?? [] }]),
      ),
      offlineNodes: ids(off, online),
    },
    attributes: { nodes: {}, vms: {} },
    views: [view('uCpu', 200, cpu, nodes), view('memory', 1600, memory, nodes)],
  };
  return JSON.stringify({ model, constraints, objective: { id: 'minimizeMTTR' } });
}

function view(rcId: string, capacity: number, consumption: readonly number[], nodes: number): object {
  return {
    id: 'shareableResource',
    rcId,
    defConsumption: 0,
    defCapacity: 0,
    nodes: Object.fromEntries(Array.from({ length: nodes }, (_, node) => [node, capacity])),
    vms: Object.fromEntries(consumption.entries()),
  };
}
