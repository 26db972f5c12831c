import { Clock } from './clock.js';
import { Lanes } from './lanes.js';
import type { Problem, Run } from './problem.js';
import { Room } from './room.js';

/** A machine has nothing under way, was promised room at its destination, or moves. */
export const IDLE = 0;
export const PROMISED = 1;
export const MOVING = 2;

/**
 * The state of a schedule in the making: where every machine is, what it has been promised, and what is left to do by host. All
 * changes of it go through `promise`, `withdraw`, `begin` and `finish`.
 */
export class Board {
  readonly problem: Problem;
  readonly room: Room;
  readonly lanes: Lanes;
  readonly clock = new Clock();
  readonly runs: Run[] = [];
  now = 0;
  /** Machines that were looked at to make room for others: what a pass costs beside its moves. */
  looks = 0;
  /** Machines that are not where they shall be. */
  left = 0;
  /** Place of each machine. */
  readonly at: Int32Array;
  /** Where it goes to when it is not idle. */
  readonly heading: Int32Array;
  readonly status: Uint8Array;
  /** Times that the machine has stepped aside. */
  readonly asides: Uint8Array;
  /** Size of each machine that has to move against a mean host, and the resource of which it needs that much. */
  readonly size: Float64Array;
  readonly scarce: Uint8Array;
  /** host: machines whose target it is, and machines on it that have to leave; those that move are in neither. */
  readonly inbound: readonly number[][];
  readonly outbound: readonly number[][];
  /** host: seconds of the moves to come. */
  readonly workIn: Float64Array;
  readonly workOut: Float64Array;
  /** host: machines that were promised room on it, in the order of the promises, and machines on it that were promised room elsewhere. */
  readonly promisedIn: readonly number[][];
  readonly promisedOut: readonly number[][];
  /** host: machines that are where they shall be and may yield; null as long as none is asked to. */
  settled: readonly number[][] | null = null;
  /** Machines whose promised departure others may count on. */
  readonly #certain: Uint8Array;

  constructor(problem: Problem) {
    this.problem = problem;
    const { instance, target, seconds } = problem;
    const { hosts, machines, origin } = instance;
    this.room = new Room(instance, target);
    this.lanes = new Lanes(problem);
    this.at = origin.slice();
    this.heading = new Int32Array(machines).fill(-1);
    this.status = new Uint8Array(machines);
    this.asides = new Uint8Array(machines);
    this.#certain = new Uint8Array(machines);
    this.size = new Float64Array(machines);
    this.scarce = new Uint8Array(machines);
    const lists = () => Array.from({ length: hosts }, (): number[] => []);
    this.inbound = lists();
    this.outbound = lists();
    this.promisedIn = lists();
    this.promisedOut = lists();
    this.workIn = new Float64Array(hosts);
    this.workOut = new Float64Array(hosts);
    for (let machine = 0; machine < machines; machine++) {
      if (origin[machine] === target[machine]) continue;
      this.left += 1;
      const { size, resource } = this.room.sizeOf(machine);
      this.size[machine] = size;
      this.scarce[machine] = resource;
      this.#list(machine, seconds[machine] ?? 0);
    }
  }

  hostOf(place: number): number {
    return place < 0 ? -1 : (this.problem.instance.hostOf[place] ?? -1);
  }

  /** Host of the machine now, and the one of its target; -1: none. */
  source(machine: number): number {
    return this.hostOf(this.at[machine] ?? -1);
  }
  destination(machine: number): number {
    return this.hostOf(this.problem.target[machine] ?? -1);
  }

  targetOf(machine: number): number {
    return this.problem.target[machine] ?? -1;
  }

  isIdle(machine: number): boolean {
    return this.status[machine] === IDLE && this.at[machine] !== this.problem.target[machine];
  }

  /** The machine may be sent away from where it is: it has to leave, or it yields. */
  mayLeave(machine: number): boolean {
    if (this.status[machine] !== IDLE) return false;
    return this.at[machine] !== this.problem.target[machine] || (this.settled !== null && this.#yields(machine));
  }

  /** From now on machines that are where they shall be may be moved aside and back. Promises that nobody could keep are taken back. */
  letYield(): void {
    const { hosts, machines } = this.problem.instance;
    for (const queue of this.promisedIn) for (const machine of queue.slice()) this.withdraw(machine);
    const settled = Array.from({ length: hosts }, (): number[] => []);
    for (let machine = 0; machine < machines; machine++) {
      const { size, resource } = this.room.sizeOf(machine);
      this.size[machine] = size;
      this.scarce[machine] = resource;
      const there = this.status[machine] === IDLE && this.at[machine] === this.problem.target[machine];
      if (there && this.#yields(machine)) settled[this.source(machine)]?.push(machine);
    }
    this.asides.fill(0);
    this.settled = settled;
  }

  /** No rule and no lack of room keeps the machine from the place, once departures that are certain have ended when `soon`. */
  mayCome(machine: number, place: number, soon: boolean): boolean {
    if (soon ? !this.room.fitsSoon(machine, place) : !this.room.fitsNow(machine, place)) return false;
    return this.room.company.objection(machine, this.at[machine] ?? -1, place) === null;
  }

  /** Keeps room on the place for an idle machine; `certain`: others may count on its departure. */
  promise(machine: number, place: number, certain: boolean): void {
    this.status[machine] = PROMISED;
    this.heading[machine] = place;
    this.room.promise(machine, place, 1);
    this.room.company.begin(machine, this.at[machine] ?? -1, place);
    this.promisedIn[this.hostOf(place)]?.push(machine);
    this.promisedOut[this.source(machine)]?.push(machine);
    if (certain) this.#expect(machine);
  }

  /** Takes a promise back. */
  withdraw(machine: number): void {
    const place = this.heading[machine] ?? -1;
    this.room.company.cancel(machine, this.at[machine] ?? -1, place);
    this.#unpromise(machine, place);
    if (this.#certain[machine] === 1) this.room.leave(machine, this.at[machine] ?? -1, -1);
    this.#certain[machine] = 0;
    this.status[machine] = IDLE;
    this.heading[machine] = -1;
  }

  /** Begins the move of an idle machine, or of one that was promised the place. */
  begin(machine: number, place: number): void {
    const { target, seconds } = this.problem;
    const from = this.at[machine] ?? -1;
    const bypass = place !== target[machine];
    if (this.status[machine] === PROMISED) this.#unpromise(machine, place);
    else this.room.company.begin(machine, from, place);
    this.#expect(machine);
    this.room.hold(machine, place, 1);
    this.lanes.take(machine, from, place);
    if (from === target[machine]) {
      this.left += 1;
      drop(this.settled?.[this.source(machine)], machine);
    } else this.#unlist(machine, seconds[machine] ?? 0);
    this.status[machine] = MOVING;
    this.heading[machine] = place;
    const end = this.now + (seconds[machine] ?? 0);
    this.runs.push({ machine, from, to: place, start: this.now, end, bypass });
    this.clock.put(end, machine);
    if (bypass) this.asides[machine] = (this.asides[machine] ?? 0) + 1;
  }

  /** Ends a move; answers with the counters that it has given back. */
  finish(machine: number): readonly number[] {
    const from = this.at[machine] ?? -1;
    const place = this.heading[machine] ?? -1;
    this.room.hold(machine, from, -1);
    this.room.leave(machine, from, -1);
    this.room.company.end(machine, from, place);
    this.#certain[machine] = 0;
    this.status[machine] = IDLE;
    this.heading[machine] = -1;
    this.at[machine] = place;
    if (place === this.problem.target[machine]) {
      this.left -= 1;
      if (this.#yields(machine)) this.settled?.[this.source(machine)]?.push(machine);
    } else this.#list(machine, this.problem.seconds[machine] ?? 0);
    return this.lanes.give(machine, from, place);
  }

  /** True when the promised machine has its room beside all who were promised room on the host before it. */
  isKept(machine: number): boolean {
    const place = this.heading[machine] ?? -1;
    const host = this.hostOf(place);
    if (host < 0) return true;
    const queue = this.promisedIn[host] ?? [];
    const own = queue.indexOf(machine);
    if (own === 0) return this.room.fitsBare(machine, place);
    for (let i = own; i < queue.length; i++) this.room.promise(queue[i] ?? -1, this.heading[queue[i] ?? -1] ?? -1, -1);
    const fits = this.room.fitsNow(machine, place);
    for (let i = own; i < queue.length; i++) this.room.promise(queue[i] ?? -1, this.heading[queue[i] ?? -1] ?? -1, 1);
    return fits;
  }

  #yields(machine: number): boolean {
    return this.problem.yielding?.[machine] === 1 && this.problem.instance.fixed[machine] !== 1;
  }

  #expect(machine: number): void {
    if (this.#certain[machine] === 1) return;
    this.#certain[machine] = 1;
    this.room.leave(machine, this.at[machine] ?? -1, 1);
  }

  #unpromise(machine: number, place: number): void {
    this.room.promise(machine, place, -1);
    drop(this.promisedIn[this.hostOf(place)], machine);
    drop(this.promisedOut[this.source(machine)], machine);
  }

  #list(machine: number, seconds: number): void {
    const from = this.source(machine);
    const to = this.destination(machine);
    if (from >= 0) {
      this.outbound[from]?.push(machine);
      this.workOut[from] = (this.workOut[from] ?? 0) + seconds;
    }
    if (to >= 0) {
      this.inbound[to]?.push(machine);
      this.workIn[to] = (this.workIn[to] ?? 0) + seconds;
    }
  }

  #unlist(machine: number, seconds: number): void {
    const from = this.source(machine);
    const to = this.destination(machine);
    if (from >= 0) {
      drop(this.outbound[from], machine);
      this.workOut[from] = (this.workOut[from] ?? 0) - seconds;
    }
    if (to >= 0) {
      drop(this.inbound[to], machine);
      this.workIn[to] = (this.workIn[to] ?? 0) - seconds;
    }
  }
}

/** Takes one entry out of a list, keeping the order of the others. */
function drop(list: number[] | undefined, entry: number): void {
  const at = list?.indexOf(entry) ?? -1;
  if (at >= 0) list?.splice(at, 1);
}
