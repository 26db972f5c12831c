import { domainAt } from '../company.js';
import type { Rule } from '../instance.js';
import type { State } from '../state.js';

/** Rules with more members bind nobody closely. */
const CLOSE = 64;

/** Who is bound to whom by the rules. */
export class Ties {
  /** machine → the rules about it, in their order. */
  private readonly about: readonly (readonly Rule[])[];

  constructor(private readonly state: State) {
    const { machines, rules } = state.instance;
    const about = Array.from({ length: machines }, (): Rule[] => []);
    for (const rule of rules) for (const member of rule.members) about[member]?.push(rule);
    this.about = about;
  }

  /** Machines that are bound to this one by a rule of few: those it must be with, or apart from, or of its own label. */
  partnersOf(machine: number): readonly number[] {
    const found: number[] = [];
    for (const rule of this.about[machine] ?? []) {
      if (rule.kind === 'budget') continue;
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
    for (const rule of this.about[machine] ?? []) {
      if (rule.kind !== 'together') continue;
      const { of } = domainAt(instance, rule.domain);
      const members = [...rule.members].filter((member) => (place[member] ?? -1) >= 0);
      const unit = of[place[members[0] ?? -1] ?? -1] ?? -1;
      if (unit >= 0) return { members, isThere: (other) => of[other] === unit };
    }
    return null;
  }

  /** The group that the machine must be together with, when none of it is anywhere. */
  groupOf(machine: number): { readonly members: Int32Array; readonly domain: number } | null {
    for (const rule of this.about[machine] ?? []) {
      if (rule.kind !== 'together' || rule.members.length < 2) continue;
      if (rule.members.every((member) => this.state.place[member] === -1)) return rule;
    }
    return null;
  }

  /** Whether one rule is about both. */
  share(a: number, b: number): boolean {
    const other = this.about[b] ?? [];
    return (this.about[a] ?? []).some((rule) => other.includes(rule));
  }
}
