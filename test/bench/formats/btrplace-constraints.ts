import { FormatError, amountAt, entriesOf, given, idsOf, textAt } from './json-reader.js';

/**
 * The constraints of a BtrPlace instance that this bench understands, by their JSON names. A *discrete* constraint holds of the state after
 * the last action; a *continuous* one from the first moment on. Only machines that run after the last action count.
 */
export type Constraint =
  | { readonly kind: 'online' | 'offline' | 'quarantine'; readonly node: number; readonly continuous: boolean }
  | {
      readonly kind: 'running' | 'ready' | 'sleeping' | 'killed' | 'root';
      readonly machine: number;
      readonly continuous: boolean;
    }
  | {
      readonly kind: 'fence' | 'ban';
      readonly machine: number;
      readonly nodes: readonly number[];
      readonly continuous: boolean;
    }
  /** All machines within one of the parts. */
  | {
      readonly kind: 'among';
      readonly machines: readonly number[];
      readonly parts: readonly (readonly number[])[];
      readonly continuous: boolean;
    }
  | {
      readonly kind: 'gather' | 'lonely' | 'spread';
      readonly machines: readonly number[];
      readonly continuous: boolean;
    }
  /** No node holds machines of two groups. */
  | { readonly kind: 'split'; readonly groups: readonly (readonly number[])[]; readonly continuous: boolean }
  /** Each group within one part, no two groups in the same. */
  | {
      readonly kind: 'splitAmong';
      readonly groups: readonly (readonly number[])[];
      readonly parts: readonly (readonly number[])[];
      readonly continuous: boolean;
    }
  | {
      readonly kind: 'overbook';
      readonly node: number;
      readonly resource: string;
      readonly ratio: number;
      readonly continuous: boolean;
    }
  /** What the machines on the nodes use together. */
  | {
      readonly kind: 'resourceCapacity';
      readonly nodes: readonly number[];
      readonly resource: string;
      readonly amount: number;
      readonly continuous: boolean;
    }
  /** How many machines run on the nodes, or how many of the nodes are online. */
  | {
      readonly kind: 'runningCapacity' | 'maxOnline';
      readonly nodes: readonly number[];
      readonly amount: number;
      readonly continuous: boolean;
    }
  /** The machine is given at least so much of the resource. */
  | { readonly kind: 'preserve'; readonly machine: number; readonly resource: string; readonly amount: number };

/** What constraints may speak of. */
interface Known {
  readonly nodes: ReadonlySet<number>;
  readonly machines: ReadonlyMap<number, unknown>;
  readonly resources: ReadonlySet<string>;
}

/** Constraints in the order of the file; a constraint that names several machines or nodes, each for itself, becomes several. */
export function readConstraints(list: readonly unknown[], known: Known): readonly Constraint[] {
  return list.flatMap((value, index) => readConstraint(value, `constraints[${index}]`, known));
}

function readConstraint(value: unknown, path: string, known: Known): readonly Constraint[] {
  const entries = entriesOf(value, path);
  const kind = textAt(entries.get('id'), `${path}.id`);
  const continuous = given(entries.get('continuous'), false);
  if (typeof continuous !== 'boolean') throw new FormatError(`${path}.continuous`, 'true or false is expected');
  const number = (key: string) => amountAt(entries.get(key), `${path}.${key}`);
  const ids = (key: string, of: string, list: unknown, has: (id: number) => boolean) => {
    const read = idsOf(list, `${path}.${key}`);
    const strange = read.find((id) => !has(id));
    if (strange !== undefined) throw new FormatError(`${path}.${key}`, `there is no ${of} ${strange} in the model`);
    return [...new Set(read)];
  };
  const hasNode = (id: number) => known.nodes.has(id);
  const hasMachine = (id: number) => known.machines.has(id);
  /** Either `vm` or `vms`, `node` or `nodes`: both forms are in use. */
  const oneOrMore = (key: string, of: string, has: (id: number) => boolean) =>
    entries.has(key) ? ids(key, of, [entries.get(key)], has) : ids(`${key}s`, of, entries.get(`${key}s`), has);
  const machines = () => oneOrMore('vm', 'virtual machine', hasMachine);
  const nodes = () => oneOrMore('node', 'node', hasNode);
  const groups = (key: string, of: string, has: (id: number) => boolean) => {
    const lists = entries.get(key);
    if (!Array.isArray(lists)) throw new FormatError(`${path}.${key}`, 'a list of lists is expected');
    return disjoint(
      lists.map((list) => ids(key, of, list, has)),
      `${path}.${key}`,
    );
  };
  const resource = () => {
    const name = textAt(entries.get('rc'), `${path}.rc`);
    if (!known.resources.has(name)) throw new FormatError(`${path}.rc`, `there is no resource ${name} in the model`);
    return name;
  };
  switch (kind) {
    case 'online':
    case 'offline':
    case 'quarantine':
      return nodes().map((node) => ({ kind, node, continuous }));
    case 'running':
    case 'ready':
    case 'sleeping':
    case 'killed':
    case 'root':
      return machines().map((machine) => ({ kind, machine, continuous }));
    case 'fence':
    case 'ban': {
      const list = ids('nodes', 'node', entries.get('nodes'), hasNode);
      return machines().map((machine) => ({ kind, machine, nodes: list, continuous }));
    }
    case 'among':
      return [{ kind, machines: machines(), parts: groups('parts', 'node', hasNode), continuous }];
    case 'gather':
    case 'lonely':
    case 'spread':
      return [{ kind, machines: machines(), continuous }];
    case 'split':
      return [{ kind, groups: groups('parts', 'virtual machine', hasMachine), continuous }];
    case 'splitAmong': {
      const parts = groups('pParts', 'node', hasNode);
      return [{ kind, groups: groups('vParts', 'virtual machine', hasMachine), parts, continuous }];
    }
    case 'overbook':
      return nodes().map((node) => ({ kind, node, resource: resource(), ratio: number('ratio'), continuous }));
    case 'resourceCapacity':
      return [{ kind, nodes: nodes(), resource: resource(), amount: number('amount'), continuous }];
    case 'runningCapacity':
    case 'maxOnline':
      return [{ kind, nodes: nodes(), amount: number('amount'), continuous }];
    case 'preserve':
      return machines().map((machine) => ({ kind, machine, resource: resource(), amount: number('amount') }));
    default:
      throw new FormatError(path, `the constraint '${kind}' is not known here`);
  }
}

function disjoint(groups: readonly (readonly number[])[], path: string): readonly (readonly number[])[] {
  const seen = new Set<number>();
  for (const id of groups.flat()) {
    if (seen.has(id)) throw new FormatError(path, `${id} is in two groups, which may have nothing in common`);
    seen.add(id);
  }
  return groups;
}
