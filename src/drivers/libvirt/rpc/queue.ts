import type { PendingCall } from './pending-call.js';
import type { Lane } from './procedure.js';

const LANES: readonly Lane[] = ['quick', 'slow', 'long'];

/** Lets calls through, in their order, while their lane has room. A call whose caller has gone keeps its room until it is answered. */
export class Queue {
  readonly #limits: Readonly<Record<Lane, number>>;
  readonly #send: (call: PendingCall) => void;
  readonly #inFlight: Record<Lane, number> = { quick: 0, slow: 0, long: 0 };
  readonly #waiting: Record<Lane, PendingCall[]> = { quick: [], slow: [], long: [] };

  constructor(limits: Readonly<Record<Lane, number>>, send: (call: PendingCall) => void) {
    this.#limits = limits;
    this.#send = send;
  }

  add(call: PendingCall): void {
    if (call.settled) return;
    const waiting = this.#waiting[call.lane];
    // Those that waited longest give up first: so the queue stays short when a daemon answers nothing any more.
    while (waiting[0]?.settled === true) waiting.shift();
    waiting.push(call);
    this.#pumpLane(call.lane);
  }

  /** One call of the lane was answered; `pump` lets the next through. */
  answered(lane: Lane): void {
    this.#inFlight[lane] -= 1;
  }

  pump(): void {
    for (const lane of LANES) this.#pumpLane(lane);
  }

  /** Takes out all that wait. */
  drain(): readonly PendingCall[] {
    return LANES.flatMap((lane) => this.#waiting[lane].splice(0));
  }

  #pumpLane(lane: Lane): void {
    const waiting = this.#waiting[lane];
    while (waiting.length > 0 && this.#inFlight[lane] < this.#limits[lane]) {
      const call = waiting.shift();
      if (call === undefined || call.settled) continue;
      this.#inFlight[lane] += 1;
      this.#send(call);
    }
  }
}
