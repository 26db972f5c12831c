import { byMachine, domainAt } from '../company.js';
import type { State } from '../state.js';

/** Rules with more members bind nobody closely. */
const CLOSE = 64;

/** Who is bound to whom by the rules. */
export class Ties {
  private readonly rulesFirst: Int32Array;
  private readonly rulesOf: Int32Array;

  constructor(private readonly state: State) {
    const { machines, rules } = state.instance;
    const sets = byMachine(
      machines,
      rules.map(({ members }) => members),
    );
    this.rulesFirst = sets.first;
    this.rulesOf = sets.items;
  }

  /** Machines that are bound to this one by a rule of few: those it must be with, or apart from, or of its own label. */
  partnersOf(machine: number): readonly number[] {
    const found: number[] = [];
    for (let i = this.rulesFirst[machine] ?? 0; i < (this.rulesFirst[machine + 1] ?? 0); i++) {
      const rule = this.state.instance.rules[this.rulesOf[i] ?? 0];
      if (rule === undefined || rule.kind === 'budget') continue;
      const label = rule.kind === 'separate' ? rule.labels[rule.members.indexOf(machine)] : undefined;
      const close =
        rule.kind === 'separate' ? rule.members.filter((_, index) => rule.labels[index] === label) : rule.members;
      if (close.length <= CLOSE) found.push(...close);
    }
    return found;
  }

  /** Those that run already and that the machine must be together with, and the places that this leaves; null: nobody. */
  matesOf(
    machine: number,
  ): { readonly members: readonly number[]; readonly isThere: (place: number) => boolean } | null {
    const { instance, place } = this.state;
    for (let i = this.rulesFirst[machine] ?? 0; i < (this.rulesFirst[machine + 1] ?? 0); i++) {
      const rule = instance.rules[this.rulesOf[i] ?? 0];
      if (rule?.kind !== 'together') continue;
      const { of } = domainAt(instance, rule.domain);
      const members = [...rule.members].filter((member) => (place[member] ?? -1) >= 0);
      const unit = of[place[members[0] ?? -1] ?? -1] ?? -1;
      if (unit >= 0) return { members, isThere: (other) => of[other] === unit };
    }
    return null;
  }

  /** The group that the machine must be together with, when none of it is anywhere. */
  groupOf(machine: number): { readonly members: Int32Array; readonly domain: number } | null {
    for (let i = this.rulesFirst[machine] ?? 0; i < (this.rulesFirst[machine + 1] ?? 0); i++) {
      const rule = this.state.instance.rules[this.rulesOf[i] ?? 0];
      if (rule?.kind !== 'together' || rule.members.length < 2) continue;
      if (rule.members.every((member) => this.state.place[member] === -1)) return rule;
    }
    return null;
  }

  /** Whether one rule is about both. */
  share(a: number, b: number): boolean {
    for (let i = this.rulesFirst[a] ?? 0; i < (this.rulesFirst[a + 1] ?? 0); i++) {
      for (let j = this.rulesFirst[b] ?? 0; j < (this.rulesFirst[b + 1] ?? 0); j++) {
        if (this.rulesOf[i] === this.rulesOf[j]) return true;
      }
    }
    return false;
  }
}
