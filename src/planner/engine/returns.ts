import { domainAt } from './company.js';
import type { Instance, Rule } from './instance.js';

type Apart = Extract<Rule, { readonly kind: 'apart' }>;

/**
 * The way back to where the start breaks a rule that is no duty to mend (`returns`): a machine that left may come home to those that never left,
 * since that is no worse than not to have gone. Otherwise a search could take back no step out of such a crowd. Where a stranger has come
 * since, none returns.
 */
export class Returns {
  private readonly place: Int32Array;

  private constructor(
    private readonly instance: Instance,
    /** The rules by their number; null: not one of these. */
    private readonly crowded: readonly (Apart | null)[],
  ) {
    this.place = new Int32Array(instance.machines).fill(-1);
  }

  /** null where no rule says so, or the start keeps them all: then there is nothing to ask. */
  static of(instance: Instance, rules: readonly Rule[]): Returns | null {
    const crowded = rules.map((rule) =>
      rule.kind === 'apart' && rule.returns === true && isCrowded(instance, rule) ? rule : null,
    );
    return crowded.some((rule) => rule !== null) ? new Returns(instance, crowded) : null;
  }

  reset(assignment: Int32Array): void {
    this.place.set(assignment);
  }

  put(machine: number, to: number): void {
    this.place[machine] = to;
  }

  /** Whether the machine may come home to `to`, although the rule would not let another one in. */
  allow(rule: number, machine: number, to: number): boolean {
    const crowd = this.crowded[rule] ?? null;
    const { origin } = this.instance;
    if (crowd === null || to < 0 || origin[machine] !== to) return false;
    const { of } = domainAt(this.instance, crowd.domain);
    const unit = (place: number) => of[place] ?? -1;
    const here = unit(to);
    return crowd.members.every((other) => {
      return other === machine || unit(this.place[other] ?? -1) !== here || unit(origin[other] ?? -1) === here;
    });
  }
}

/** Whether more members are together at the start than the rule allows. */
function isCrowded(instance: Instance, { members, domain, most }: Apart): boolean {
  const { of } = domainAt(instance, domain);
  const counts = new Map<number, number>();
  return members.some((machine) => {
    const unit = of[instance.origin[machine] ?? -1] ?? -1;
    const count = (counts.get(unit) ?? 0) + 1;
    counts.set(unit, count);
    return unit >= 0 && count > most;
  });
}
