import { readConstraints } from './btrplace-constraints.js';
import type { Constraint } from './btrplace-constraints.js';
import { FormatError, amountAt, entriesOf, given, idAt, idsOf, textAt } from './json-reader.js';

/**
 * An instance of the BtrPlace scheduler (its JSON form: model, constraints, objective). Numbers of nodes and virtual machines are those of
 * the file; they need not be dense. What is not used for placement (naming services, networks) is counted in `ignoredViews`.
 */
export interface BtrInstance {
  /** All nodes, ascending. */
  readonly nodes: readonly number[];
  readonly online: ReadonlySet<number>;
  readonly machines: ReadonlyMap<number, MachineState>;
  readonly resources: readonly Shareable[];
  readonly constraints: readonly Constraint[];
  readonly durations: Durations;
  readonly ignoredViews: readonly string[];
  /** As it was read: a plan repeats it under `origin`. */
  readonly model: unknown;
}

/** What a virtual machine does before anything is decided. */
export type MachineState =
  { readonly kind: 'running' | 'sleeping'; readonly node: number } | { readonly kind: 'ready' };

/** One resource that machines share: capacity of nodes, consumption of machines, with defaults. */
export interface Shareable {
  readonly name: string;
  readonly capacityOf: (node: number) => number;
  readonly consumptionOf: (machine: number) => number;
}

/** Seconds that an action takes: the attribute of its subject, or 1 (the default of the scheduler). */
export interface Durations {
  readonly ofMachine: (machine: number, action: string) => number;
  readonly ofNode: (node: number, action: 'boot' | 'shutdown') => number;
}

/** Reads the text of an instance; throws `FormatError` with the path of the value that is wrong, and `SyntaxError` for what is no JSON. */
export function parseBtrPlace(text: string): BtrInstance {
  const root = entriesOf(JSON.parse(text) as unknown, '$');
  const model = entriesOf(root.get('model'), 'model');
  const mapping = entriesOf(model.get('mapping'), 'model.mapping');
  const machines = new Map<number, MachineState>();
  const online = new Set<number>();
  const put = (list: unknown, path: string, state: MachineState) => {
    idsOf(given(list, []), path).forEach((machine, index) => {
      const before = machines.get(machine);
      const where =
        before === undefined ? '' : before.kind === 'ready' ? 'ready' : `${before.kind} on node ${before.node}`;
      if (before !== undefined) throw new FormatError(`${path}[${index}]`, `machine ${machine} is ${where} already`);
      machines.set(machine, state);
    });
  };
  for (const [key, value] of entriesOf(given(mapping.get('onlineNodes'), {}), 'model.mapping.onlineNodes')) {
    const node = idAt(key, `model.mapping.onlineNodes.${key}`);
    const path = `model.mapping.onlineNodes.${key}`;
    const held = entriesOf(value, path);
    online.add(node);
    put(held.get('runningVMs'), `${path}.runningVMs`, { kind: 'running', node });
    put(held.get('sleepingVMs'), `${path}.sleepingVMs`, { kind: 'sleeping', node });
  }
  put(mapping.get('readyVMs'), 'model.mapping.readyVMs', { kind: 'ready' });
  const offline = idsOf(given(mapping.get('offlineNodes'), []), 'model.mapping.offlineNodes');
  offline.forEach((node, index) => {
    if (!online.has(node)) return;
    throw new FormatError(
      `model.mapping.offlineNodes[${index}]`,
      `node ${node} is among the nodes that are online, too`,
    );
  });
  const nodes = [...new Set([...online, ...offline])].sort((a, b) => a - b);
  const resources: Shareable[] = [];
  const ignoredViews: string[] = [];
  listOf(given(model.get('views'), []), 'model.views').forEach((value, index) => {
    const view = entriesOf(value, `model.views[${index}]`);
    const id = textAt(view.get('id'), `model.views[${index}].id`);
    if (id === 'shareableResource') resources.push(shareable(view, `model.views[${index}]`));
    else ignoredViews.push(id);
  });
  return {
    nodes,
    online,
    machines,
    resources,
    constraints: readConstraints(listOf(root.get('constraints') ?? missing('constraints'), 'constraints'), {
      nodes: new Set(nodes),
      machines,
      resources: new Set(resources.map(({ name }) => name)),
    }),
    durations: durations(given(model.get('attributes'), {})),
    ignoredViews,
    model: root.get('model'),
  };
}

function missing(key: string): never {
  throw new FormatError(
    '$',
    `there is no \`${key}\`: an instance has a model and a list of constraints, which may be empty`,
  );
}

function listOf(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new FormatError(path, 'a list is expected');
  return value;
}

function shareable(view: ReadonlyMap<string, unknown>, path: string): Shareable {
  const table = (key: string) =>
    new Map(
      [...entriesOf(given(view.get(key), {}), `${path}.${key}`)].map(([id, value]) => [
        idAt(id, `${path}.${key}`),
        amountAt(value, `${path}.${key}.${id}`),
      ]),
    );
  const [nodes, machines] = [table('nodes'), table('vms')];
  const capacity = amountAt(given(view.get('defCapacity'), 0), `${path}.defCapacity`);
  const consumption = amountAt(given(view.get('defConsumption'), 0), `${path}.defConsumption`);
  return {
    name: textAt(view.get('rcId'), `${path}.rcId`),
    capacityOf: (node) => nodes.get(node) ?? capacity,
    consumptionOf: (machine) => machines.get(machine) ?? consumption,
  };
}

/** Attributes that say how long an action takes; others are not looked at. */
const MACHINE_ACTIONS: readonly string[] = ['boot', 'resume', 'migrate', 'shutdown', 'suspend', 'kill'];
const NODE_ACTIONS: readonly string[] = ['boot', 'shutdown'];

function secondsAt(value: unknown, path: string): void {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return;
  throw new FormatError(path, 'a whole number of seconds of at least 1 is expected');
}

function durations(attributes: unknown): Durations {
  const root = entriesOf(attributes, 'model.attributes');
  const tables = (['vms', 'nodes'] as const).map((key) =>
    entriesOf(given(root.get(key), {}), `model.attributes.${key}`),
  );
  const actions = { vms: MACHINE_ACTIONS, nodes: NODE_ACTIONS };
  for (const [kind, names] of Object.entries(actions)) {
    const path = `model.attributes.${kind}`;
    for (const [id, own] of entriesOf(given(root.get(kind), {}), path)) {
      for (const [name, value] of entriesOf(own, `${path}.${id}`)) {
        if (names.includes(name)) secondsAt(value, `${path}.${id}.${name}`);
      }
    }
  }
  const seconds = (table: ReadonlyMap<string, unknown> | undefined, id: number, action: string) => {
    const own = table?.get(String(id));
    const value: unknown = typeof own === 'object' && own !== null ? Reflect.get(own, action) : undefined;
    return typeof value === 'number' ? value : 1;
  };
  return {
    ofMachine: (machine, action) => seconds(tables[0], machine, action),
    ofNode: (node, action) => seconds(tables[1], node, action),
  };
}
