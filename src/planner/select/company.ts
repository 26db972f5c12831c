import type { Refusal } from '../../model/index.js';
import type { MachineView } from '../view.js';
import type { Draft } from './draft.js';
import { standstill } from './movable.js';
import type { Violation } from './violation.js';

/** Machines that stand well, and move because one that has to cannot leave them behind. */
export interface Company {
  /** Why the machine finds no place alone. */
  readonly alone: Refusal;
  readonly companions: readonly Violation[];
}

/** The partners by rules of affinity, theirs included, who could come along with a machine that finds no place because of them. */
export function companyOf(draft: Draft, machine: MachineView, alone: Refusal, moving: ReadonlySet<string>): Company {
  const { view, staying, wishes } = draft;
  const companions = new Map<string, Violation>();
  const bound = alone.candidates.some((candidate) => candidate.constraint === 'affinity') ? [machine] : [];
  for (const member of bound) {
    for (const { policy, name } of partnersOf(member)) {
      const partner = view.machines.get(name);
      if (partner === undefined || partner.running === null || moving.has(name) || companions.has(name)) continue;
      if (staying.has(name) || wishes.has(name) || standstill(view, partner) !== null) continue;
      const message = `policy ${policy} keeps ${name} with ${member.name}, which has to move`;
      companions.set(name, {
        machine: partner,
        running: partner.running,
        against: { constraint: 'affinity', message },
      });
      bound.push(partner);
    }
  }
  return { alone, companions: [...companions.values()] };
}

function partnersOf({ rules }: MachineView): readonly { readonly policy: string; readonly name: string }[] {
  return rules.flatMap((rule) =>
    rule.kind === 'affinity' ? rule.machines.map((name) => ({ policy: rule.policy, name })) : [],
  );
}
