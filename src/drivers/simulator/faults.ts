import { chance } from './chance.js';

/**
 * What can go wrong with one call.
 * `fail-before` refused without an effect · `fail-after` the effect is there, the answer says failed · `hang` no effect and no
 * answer · `lose-answer` the effect is there, no answer comes · `crash-*` the controller dies before the call, while it is
 * under way (a migration then runs on without its monitor), or after its effect.
 */
export type Fault =
  'fail-before' | 'fail-after' | 'hang' | 'lose-answer' | 'crash-before' | 'crash-during' | 'crash-after';

export const FAULTS: readonly Fault[] = [
  'fail-before',
  'fail-after',
  'hang',
  'lose-answer',
  'crash-before',
  'crash-during',
  'crash-after',
];

/** Which calls meet which fault. Calls count from 1 over hypervisor, fabric and telemetry of one connection. */
export type FaultPlan =
  | { readonly kind: 'none' }
  | { readonly kind: 'at'; readonly faults: readonly { readonly call: number; readonly fault: Fault }[] }
  | {
      readonly kind: 'random';
      readonly seed: number;
      /** Share of calls that meet a fault, 0 to 1. */
      readonly rate: number;
      /** All when left out. */
      readonly faults?: readonly Fault[];
    };

/** Thrown out of a call when the plan says that the controller dies there; no code may handle it as a failure of the call. */
export class SimulatedCrash extends Error {
  override readonly name = 'SimulatedCrash';
}

/** The fault of one call by the plan, null for none. */
export function faultOf(plan: FaultPlan, call: number): Fault | null {
  switch (plan.kind) {
    case 'none':
      return null;
    case 'at':
      return plan.faults.find((entry) => entry.call === call)?.fault ?? null;
    case 'random': {
      const faults = plan.faults ?? FAULTS;
      if (chance(plan.seed, `fault ${call}`) >= plan.rate) return null;
      return faults[Math.floor(chance(plan.seed, `kind ${call}`) * faults.length)] ?? null;
    }
  }
}
