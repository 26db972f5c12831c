import type { Law } from './laws.js';

/** The instance as the file has it. */
export interface Raw {
  readonly model: RawModel;
  readonly constraints: readonly Law[];
}

export interface RawModel {
  readonly mapping: {
    readonly onlineNodes: Readonly<Record<string, { readonly runningVMs?: number[]; readonly sleepingVMs?: number[] }>>;
    readonly offlineNodes?: readonly number[];
    readonly readyVMs?: readonly number[];
  };
  readonly attributes?: Readonly<
    Record<'nodes' | 'vms', Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined>
  >;
  readonly views?: readonly {
    readonly id: string;
    readonly rcId?: string;
    readonly defCapacity?: number;
    readonly defConsumption?: number;
    readonly nodes?: Readonly<Record<string, number>>;
    readonly vms?: Readonly<Record<string, number>>;
  }[];
}

export interface RawAction {
  readonly id: string;
  readonly start: number;
  readonly end: number;
  readonly vm?: number;
  readonly node?: number;
  readonly on?: number;
  readonly from?: number;
  readonly to?: number;
  readonly rc?: string;
  readonly amount?: number;
  readonly hooks?: Readonly<
    Record<string, readonly { readonly id: string; readonly rc: string; readonly amount: number }[]>
  >;
}

type Phase = 'running' | 'sleeping' | 'ready' | 'killed' | 'between';

const ATTRIBUTE: Readonly<Record<string, string>> = {
  migrateVM: 'migrate',
  bootVM: 'boot',
  shutdownVM: 'shutdown',
  suspendVM: 'suspend',
  resumeVM: 'resume',
  killVM: 'kill',
  bootNode: 'boot',
  shutdownNode: 'shutdown',
};

/** The cluster while a plan is carried out. */
export class Replay {
  readonly violations: string[] = [];
  /** `vm N` and `node N` that something happened to, in the order of events. */
  readonly changes: string[] = [];
  readonly phaseOf = new Map<number, Phase>();
  readonly firstPhaseOf = new Map<number, Phase>();
  /** Node of each machine that runs or sleeps; none while it migrates, so that nothing else can be done to it. */
  readonly nodeOf = new Map<number, number>();
  readonly firstNodeOf = new Map<number, number>();
  /** Machines that use a node: those that run there, come there or have not left yet. */
  readonly present = new Map<number, Set<number>>();
  readonly powerOf = new Map<number, 'online' | 'offline' | 'starting' | 'stopping'>();
  /** Machine → resource → what it has been given. */
  readonly given = new Map<number, Map<string, number>>();
  readonly #views: NonNullable<RawModel['views']>;
  readonly #ratios = new Map<string, number>();
  readonly #grown = new Set<number>();
  readonly #sleepers = new Map<number, number>();
  /** Actions under way, with what their machine did before. */
  readonly #open = new Map<RawAction, Phase | null>();
  /** Nodes that a machine uses: two while it migrates. */
  readonly #places = new Map<number, number[]>();
  readonly #firstOn = new Map<number, readonly number[]>();

  constructor(
    readonly model: RawModel,
    laws: readonly Law[],
  ) {
    this.#views = (model.views ?? []).filter(({ id }) => id === 'shareableResource');
    for (const law of laws) {
      if (law.id !== 'overbook' || law.ratio === undefined) continue;
      const key = `${law.node ?? -1} ${law.rc ?? ''}`;
      this.#ratios.set(key, Math.min(this.#ratios.get(key) ?? Infinity, law.ratio));
    }
    for (const [key, { runningVMs = [], sleepingVMs = [] }] of Object.entries(model.mapping.onlineNodes)) {
      const node = Number(key);
      this.powerOf.set(node, 'online');
      this.present.set(node, new Set(runningVMs));
      this.#firstOn.set(node, runningVMs);
      for (const vm of runningVMs) {
        this.#set(vm, 'running', node);
        this.#places.set(vm, [node]);
      }
      for (const vm of sleepingVMs) this.#set(vm, 'sleeping', node);
      this.#sleepers.set(node, sleepingVMs.length);
    }
    for (const node of model.mapping.offlineNodes ?? []) {
      this.powerOf.set(node, 'offline');
      this.present.set(node, new Set());
    }
    for (const vm of model.mapping.readyVMs ?? []) this.#set(vm, 'ready', null);
    for (const [vm, phase] of this.phaseOf) this.firstPhaseOf.set(vm, phase);
    for (const [vm, node] of this.nodeOf) this.firstNodeOf.set(vm, node);
  }

  /** What a machine has been given of a resource. */
  amount(vm: number, resource: string): number {
    const given = this.given.get(vm)?.get(resource);
    if (given !== undefined) return given;
    const view = this.#views.find(({ rcId }) => rcId === resource);
    return view?.vms?.[vm] ?? view?.defConsumption ?? 0;
  }

  /** What the machines on a node hold of a resource: both ends of a migration hold it. */
  useOf(node: number, resource: string): number {
    let sum = 0;
    for (const vm of this.present.get(node) ?? []) sum += this.amount(vm, resource);
    return sum;
  }

  /** Nodes that a machine uses now. */
  placesOf(vm: number): readonly number[] {
    return this.#places.get(vm) ?? [];
  }

  /** Machines that ran on a node before the first action. */
  firstOn(node: number): readonly number[] {
    return this.#firstOn.get(node) ?? [];
  }

  /** What the view says, without overbooking. */
  plainCapacityOf(node: number, resource: string): number {
    const view = this.#views.find(({ rcId }) => rcId === resource);
    return view?.nodes?.[node] ?? view?.defCapacity ?? 0;
  }

  capacityOf(node: number, resource: string): number {
    return this.plainCapacityOf(node, resource) * (this.#ratios.get(`${node} ${resource}`) ?? 1);
  }

  start(action: RawAction, instant: number): void {
    const { id, vm = -1, node = -1, end } = action;
    const fail = (why: string) => this.violations.push(`second ${instant}: ${id} of ${vm >= 0 ? vm : node}: ${why}`);
    if (id === 'allocate') {
      if (this.phaseOf.get(vm) !== 'running' || this.nodeOf.get(vm) !== action.on) fail('it does not run there');
      else this.#give(vm, action.rc ?? '', action.amount ?? 0);
      if (action.on !== undefined) this.#note(vm, action.on);
      return;
    }
    const attribute = ATTRIBUTE[id];
    if (attribute === undefined) {
      fail('there is no such action');
      return;
    }
    const set = this.model.attributes?.[vm >= 0 ? 'vms' : 'nodes']?.[vm >= 0 ? vm : node]?.[attribute];
    const least = typeof set === 'number' && Number.isInteger(set) && set > 0 ? set : 1;
    if (end - instant < least) fail(`it takes ${least} s, and was given ${end - instant}`);
    this.#open.set(action, this.phaseOf.get(vm) ?? null);
    if (id === 'bootNode' || id === 'shutdownNode') this.#startPower(action, fail);
    else this.#startMachine(action, fail);
  }

  end(action: RawAction, instant: number): void {
    const { id, vm = -1, node = -1, from, to, on } = action;
    const before = this.#open.get(action);
    if (!this.#open.delete(action)) {
      this.violations.push(`second ${instant}: ${id} of ${vm >= 0 ? vm : node} ends and has not begun`);
      return;
    }
    if (id === 'bootNode' || id === 'shutdownNode') {
      this.powerOf.set(node, id === 'bootNode' ? 'online' : 'offline');
      this.changes.push(`node ${node}`);
      return;
    }
    const source = from ?? on;
    if (id !== 'resumeVM' && source !== undefined) this.#leave(vm, source);
    if (id === 'migrateVM')
      for (const { rc, amount } of action.hooks?.['POST'] ?? action.hooks?.['post'] ?? []) this.#give(vm, rc, amount);
    if (id === 'resumeVM' && source !== undefined) this.#sleepers.set(source, (this.#sleepers.get(source) ?? 0) - 1);
    if (id === 'suspendVM' && to !== undefined) this.#sleepers.set(to, (this.#sleepers.get(to) ?? 0) + 1);
    if (id === 'killVM' && before === 'sleeping' && source !== undefined) {
      this.#sleepers.set(source, (this.#sleepers.get(source) ?? 0) - 1);
    }
    const phase = {
      migrateVM: 'running',
      bootVM: 'running',
      resumeVM: 'running',
      suspendVM: 'sleeping',
      shutdownVM: 'ready',
    } as const;
    this.#set(vm, id in phase ? phase[id as keyof typeof phase] : 'killed', to ?? null);
    for (const place of [source, to]) if (place !== undefined) this.#note(vm, place);
  }

  /** Capacities of the nodes that came to hold more at this instant. */
  measure(instant: number): void {
    for (const node of this.#grown) {
      if (this.powerOf.get(node) !== 'online')
        this.violations.push(`second ${instant}: node ${node} is not online and is used`);
      for (const { rcId = '' } of this.#views) {
        const [use, capacity] = [this.useOf(node, rcId), this.capacityOf(node, rcId)];
        if (use > capacity + 1e-9)
          this.violations.push(`second ${instant}: node ${node} holds ${use} of ${rcId}, of ${capacity}`);
      }
    }
    this.#grown.clear();
  }

  /** Nothing may be open after the last action, and every node must carry what is on it. */
  close(): void {
    for (const { id, vm, node } of this.#open.keys()) this.violations.push(`${id} of ${vm ?? node ?? -1} never ends`);
    for (const [node, power] of this.powerOf) if (power === 'online') this.#grown.add(node);
    this.measure(Infinity);
  }

  #startPower({ id, node = -1 }: RawAction, fail: (why: string) => void): void {
    const power = this.powerOf.get(node);
    if (id === 'bootNode' && power !== 'offline') fail('the node is not offline');
    if (id === 'shutdownNode') {
      if (power !== 'online') fail('the node is not online');
      if ((this.present.get(node)?.size ?? 0) > 0 || (this.#sleepers.get(node) ?? 0) > 0) fail('the node is not empty');
    }
    this.powerOf.set(node, id === 'bootNode' ? 'starting' : 'stopping');
    this.changes.push(`node ${node}`);
  }

  #startMachine(action: RawAction, fail: (why: string) => void): void {
    const { id, vm = -1, from, to, on } = action;
    const phase = this.phaseOf.get(vm) ?? 'none';
    const allowed: Readonly<Record<string, readonly string[]>> = {
      migrateVM: ['running'],
      shutdownVM: ['running'],
      suspendVM: ['running'],
      bootVM: ['ready'],
      resumeVM: ['sleeping'],
      killVM: ['running', 'sleeping', 'ready'],
    };
    if (allowed[id]?.includes(phase) !== true) fail(`the machine is ${phase}`);
    const source = from ?? on;
    if (this.nodeOf.get(vm) !== source)
      fail(`it is at ${this.nodeOf.get(vm) ?? 'no node'}, not at ${source ?? 'no node'}`);
    if (source !== undefined && this.powerOf.get(source) !== 'online') fail(`node ${source} is not online`);
    if (id === 'migrateVM' && source === to) fail('it goes where it is');
    if (id === 'suspendVM' && source !== to) fail('it is suspended to another node');
    if (to !== undefined && id !== 'suspendVM') {
      if (this.powerOf.get(to) !== 'online') fail(`node ${to} is not online`);
      if (id !== 'migrateVM')
        for (const { rc, amount } of action.hooks?.['PRE'] ?? action.hooks?.['pre'] ?? []) this.#give(vm, rc, amount);
      this.#arrive(vm, to);
      this.#grown.add(to);
    }
    this.phaseOf.set(vm, id === 'migrateVM' ? 'running' : 'between');
    if (id === 'migrateVM') this.nodeOf.delete(vm);
    for (const place of [source, to]) if (place !== undefined) this.#note(vm, place);
  }

  #give(vm: number, resource: string, amount: number): void {
    const own = this.given.get(vm) ?? new Map<string, number>();
    own.set(resource, amount);
    this.given.set(vm, own);
    for (const node of this.placesOf(vm)) this.#grown.add(node);
  }

  #arrive(vm: number, node: number): void {
    this.present.get(node)?.add(vm);
    this.#places.set(vm, [...this.placesOf(vm), node]);
  }

  #leave(vm: number, node: number): void {
    this.present.get(node)?.delete(vm);
    this.#places.set(
      vm,
      this.placesOf(vm).filter((place) => place !== node),
    );
  }

  #set(vm: number, phase: Phase, node: number | null): void {
    this.phaseOf.set(vm, phase);
    if (node === null) this.nodeOf.delete(vm);
    else this.nodeOf.set(vm, node);
  }

  #note(vm: number, node: number): void {
    this.changes.push(`vm ${vm}`, `node ${node}`);
  }
}
