import type { Replay } from './replay.js';

/** A constraint as the file has it. */
export interface Law {
  readonly id: string;
  readonly continuous?: boolean;
  readonly vm?: number;
  readonly vms?: readonly number[];
  readonly node?: number;
  readonly nodes?: readonly number[];
  readonly parts?: readonly (readonly number[])[];
  readonly vParts?: readonly (readonly number[])[];
  readonly pParts?: readonly (readonly number[])[];
  readonly rc?: string;
  readonly amount?: number;
  readonly ratio?: number;
}

/** True when a constraint holds of the cluster as it is now: a machine that migrates is at both of its nodes. */
export function isKept(law: Law, replay: Replay): boolean {
  const vms = law.vms ?? (law.vm === undefined ? [] : [law.vm]);
  const nodes = law.nodes ?? (law.node === undefined ? [] : [law.node]);
  const at = (vm: number) => replay.placesOf(vm);
  switch (law.id) {
    case 'online':
    case 'offline':
      return nodes.every((node) => replay.powerOf.get(node) === law.id);
    case 'running':
    case 'ready':
    case 'sleeping':
    case 'killed':
      return vms.every((vm) => replay.phaseOf.get(vm) === law.id);
    case 'root':
      return vms.every((vm) => {
        const first = replay.firstPhaseOf.get(vm) === 'running' ? replay.firstNodeOf.get(vm) : undefined;
        return first === undefined || at(vm).every((node) => node === first);
      });
    case 'quarantine':
      return nodes.every((node) => {
        const own = (vm: number) => replay.firstPhaseOf.get(vm) === 'running' && replay.firstNodeOf.get(vm) === node;
        if (![...(replay.present.get(node) ?? [])].every(own)) return false;
        return replay.firstOn(node).every((vm) => at(vm).every((place) => place === node));
      });
    case 'fence':
      return vms.every((vm) => at(vm).every((node) => nodes.includes(node)));
    case 'ban':
      return vms.every((vm) => at(vm).every((node) => !nodes.includes(node)));
    case 'gather':
      return new Set(vms.flatMap(at)).size <= 1;
    case 'spread': {
      const used = vms.flatMap(at);
      return new Set(used).size === used.length;
    }
    case 'lonely': {
      const own = new Set(vms);
      return vms.every((vm) =>
        at(vm).every((node) => [...(replay.present.get(node) ?? [])].every((other) => own.has(other))),
      );
    }
    case 'among':
      return (
        partsOf(vms.flatMap(at), law.parts ?? []).length <= 1 && vms.flatMap(at).every((node) => isIn(node, law.parts))
      );
    case 'split': {
      const groupAt = new Map<number, number>();
      return (law.parts ?? []).every((group, index) =>
        group.flatMap(at).every((node) => {
          const other = groupAt.get(node);
          groupAt.set(node, index);
          return other === undefined || other === index;
        }),
      );
    }
    case 'splitAmong': {
      const groups = (law.vParts ?? []).map((group) => group.flatMap(at));
      if (!groups.flat().every((node) => isIn(node, law.pParts))) return false;
      const parts = groups.map((places) => partsOf(places, law.pParts ?? []));
      const all = parts.flat();
      return parts.every((used) => used.length <= 1) && new Set(all).size === all.length;
    }
    case 'overbook':
      return nodes.every((node) => {
        const [rc, most] = [law.rc ?? '', (law.ratio ?? 1) * replay.plainCapacityOf(node, law.rc ?? '')];
        return replay.useOf(node, rc) <= most + 1e-9;
      });
    case 'resourceCapacity': {
      const there = new Set(nodes.flatMap((node) => [...(replay.present.get(node) ?? [])]));
      let sum = 0;
      for (const vm of there) sum += replay.amount(vm, law.rc ?? '');
      return sum <= (law.amount ?? 0);
    }
    case 'runningCapacity':
      return new Set(nodes.flatMap((node) => [...(replay.present.get(node) ?? [])])).size <= (law.amount ?? 0);
    case 'maxOnline':
      return nodes.filter((node) => replay.powerOf.get(node) !== 'offline').length <= (law.amount ?? 0);
    case 'preserve':
      return vms.every((vm) => at(vm).length === 0 || replay.amount(vm, law.rc ?? '') >= (law.amount ?? 0));
    default:
      throw new Error(`the judge does not know the constraint ${law.id}`);
  }
}

/** Indices of the parts that hold one of the nodes. */
function partsOf(nodes: readonly number[], parts: readonly (readonly number[])[]): readonly number[] {
  return parts.flatMap((part, index) => (nodes.some((node) => part.includes(node)) ? [index] : []));
}

function isIn(node: number, parts: readonly (readonly number[])[] | undefined): boolean {
  return parts?.some((part) => part.includes(node)) === true;
}
