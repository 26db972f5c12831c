import type { Action, Estimate, Move, Precondition, Step, StepKind, StepPhase } from '../../model/index.js';
import type { MachineView } from '../view.js';

export interface StepParts {
  readonly claim?: string;
  readonly after: readonly string[];
  readonly actions: readonly Action[];
  readonly undo?: readonly Action[];
  readonly preconditions?: readonly Precondition[];
  readonly delaySeconds?: number;
}

/** What a step that only talks to the ledger takes, and one that talks to a host or a switch. */
const LEDGER_ONLY: Estimate = { seconds: 0, bytes: 0, downtimeMs: 0 };
const ONE_CALL: Estimate = { seconds: 1, bytes: 0, downtimeMs: 0 };

/** Collects the steps of one move. */
export class StepBuilder {
  readonly steps: Step[] = [];
  readonly #machine: MachineView;
  readonly #move: Move;

  constructor(machine: MachineView, move: Move) {
    this.#machine = machine;
    this.#move = move;
  }

  /** Adds a step and answers with its id. */
  add(kind: StepKind, phase: StepPhase, parts: StepParts): string {
    const id = [this.#move.id, kind, ...(parts.claim === undefined ? [] : [parts.claim])].join('/');
    const transfers = kind === 'migrate' || kind === 'start';
    const onlyLedger = parts.actions.every((action) => action.port === 'ledger');
    this.steps.push({
      id,
      move: this.#move.id,
      kind,
      phase,
      subject: `VirtualMachine/${this.#move.machine}`,
      dependsOn: [...new Set(parts.after)],
      delaySeconds: parts.delaySeconds ?? 0,
      preconditions: parts.preconditions ?? [],
      actions: parts.actions,
      undo: parts.undo ?? [],
      estimate: transfers ? this.#move.estimate : onlyLedger ? LEDGER_ONLY : ONE_CALL,
      deadlineSeconds: transfers ? this.#transferDeadline() : this.#machine.policy.stepDeadlineSeconds,
    });
    return id;
  }

  #transferDeadline(): number {
    const { deadline } = this.#machine.policy;
    return Math.ceil(deadline.baseSeconds + (deadline.secondsPerGiB * this.#machine.desired.memoryMiB) / 1024);
  }
}
