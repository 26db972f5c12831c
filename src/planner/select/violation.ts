import type { Machine } from '../../model/index.js';
import type { Objection } from '../constraints/index.js';
import type { MachineView } from '../view.js';

/** A running machine that has to move, and why. */
export interface Violation {
  readonly machine: MachineView;
  readonly running: Machine;
  readonly against: Objection;
}
