import { byMachine, Company, domainAt } from './company.js';
import type { Instance, Rule } from './instance.js';
import { Presence } from './presence.js';
import { Returns } from './returns.js';
import { isShareRule, Shares } from './shares.js';
import type { ShareRule } from './shares.js';

const MEMBER = 1;
const LEADER = 2;

const ALONE = 0;
const APART = 1;
const AT_LEAST = 2;
const SKEW = 3;
const TOGETHER = 4;
const FOLLOW = 5;

/** From so many units on, "one in a unit" is kept in bits instead of counts: counts of all services on all hosts fit into no cache. */
const MANY_UNITS = 256;

/** The hard rules about company: whether a machine may go, whether two may change places. A broken rule may not be broken further. */
export class Rules {
  private readonly company: Company;
  private readonly presence: Presence;
  private readonly shares: Shares | null;
  private readonly returns: Returns | null;
  private readonly kind: Uint8Array;
  private readonly limit: Int32Array;
  private readonly units: readonly Int32Array[];
  private readonly domain: Int32Array;
  private readonly unitCount: Int32Array;
  /** rule: its count, and where its table of members and of leaders begins; for rules in bits the number of the bits. */
  private readonly count: Int32Array;
  private readonly members: Int32Array;
  private readonly leaders: Int32Array;
  private readonly first: Int32Array;
  private readonly ruleOf: Int32Array;
  private readonly roleOf: Uint8Array;

  constructor(instance: Instance) {
    const rules = instance.rules.filter((rule) => !isShareRule(rule));
    const shares = instance.rules.filter(isShareRule);
    this.shares = shares.length === 0 ? null : new Shares(instance, shares);
    this.returns = Returns.of(instance, rules);
    const inBits = (rule: AlikeRule) =>
      rule.kind === 'apart' && rule.most === 1 && domainAt(instance, rule.domain).count >= MANY_UNITS;
    const sets = rules.filter((rule) => !inBits(rule)).flatMap(setsOf);
    this.company = new Company(instance, sets);
    this.presence = new Presence(instance, rules.filter(inBits));
    this.kind = Uint8Array.from(rules, (rule) => (inBits(rule) ? ALONE : codeOf(rule)));
    this.limit = Int32Array.from(rules, limitOf);
    this.units = instance.domains.map(({ of }) => of);
    this.domain = Int32Array.from(rules, (rule) => rule.domain);
    this.unitCount = Int32Array.from(rules, (rule) => domainAt(instance, rule.domain).count);
    let bits = 0;
    this.count = Int32Array.from(rules, (rule) =>
      inBits(rule) ? bits++ : this.company.countFor(rule.members, rule.domain),
    );
    const startOf = (members: Int32Array, rule: AlikeRule) =>
      this.company.counts[this.company.countFor(members, rule.domain)]?.start ?? 0;
    this.members = Int32Array.from(rules, (rule) => (inBits(rule) ? 0 : startOf(rule.members, rule)));
    this.leaders = Int32Array.from(rules, (rule) => (rule.kind === 'follow' ? startOf(rule.leaders, rule) : 0));
    const { first, items } = byMachine(
      instance.machines,
      rules.flatMap((rule) => [rule.members, rule.kind === 'follow' ? rule.leaders : new Int32Array(0)]),
    );
    ({ first: this.first, rules: this.ruleOf, roles: this.roleOf } = joinRoles(first, items));
  }

  reset(assignment: Int32Array): void {
    this.company.reset(assignment);
    this.presence.reset(assignment);
    this.shares?.reset(assignment);
    this.returns?.reset(assignment);
  }

  put(machine: number, from: number, to: number): void {
    this.company.put(machine, from, to);
    this.presence.put(machine, from, to);
    this.shares?.put(machine, from, to);
    this.returns?.put(machine, to);
  }

  /** Whether the machine may go from its place to another (-1: nowhere). */
  allowShift(machine: number, from: number, to: number): boolean {
    const end = this.first[machine + 1] ?? 0;
    for (let i = this.first[machine] ?? 0; i < end; i++) {
      const rule = this.ruleOf[i] ?? 0;
      if (!this.allows(rule, this.roleOf[i] ?? 0, from, to) && !this.returns?.allow(rule, machine, to)) return false;
    }
    return this.shares === null || this.shares.allowShift(machine, from, to);
  }

  /** Whether machine `a` in `from` and machine `b` in `to` may change places. A rule about both sees both go at once. */
  allowSwap(a: number, b: number, from: number, to: number): boolean {
    const { first, ruleOf, roleOf } = this;
    let i = first[a] ?? 0;
    let j = first[b] ?? 0;
    const endA = first[a + 1] ?? 0;
    const endB = first[b + 1] ?? 0;
    while (i < endA || j < endB) {
      const ruleA = i < endA ? (ruleOf[i] ?? 0) : Infinity;
      const ruleB = j < endB ? (ruleOf[j] ?? 0) : Infinity;
      if (ruleA < ruleB) {
        if (!this.allows(ruleA, roleOf[i++] ?? 0, from, to) && !this.returns?.allow(ruleA, a, to)) return false;
      } else if (ruleB < ruleA) {
        if (!this.allows(ruleB, roleOf[j++] ?? 0, to, from) && !this.returns?.allow(ruleB, b, from)) return false;
      } else if (!this.allowsBoth(ruleA, roleOf[i++] ?? 0, roleOf[j++] ?? 0, from, to)) return false;
    }
    return this.shares === null || this.shares.allowSwap(a, b, from, to);
  }

  /**
   * Whether the rules about a machine hold in the units of `from`, where it was, and of its place now: for changes in several steps, of which
   * each alone could look harmless. `allowShift` watches every coming; only what a leaving breaks is looked at here.
   */
  sound(machine: number, from: number, to: number): boolean {
    const { table, used } = this.company;
    const end = this.first[machine + 1] ?? 0;
    for (let i = this.first[machine] ?? 0; i < end; i++) {
      const rule = this.ruleOf[i] ?? 0;
      const out = this.unit(rule, from);
      if (out === this.unit(rule, to)) continue;
      const limit = this.limit[rule] ?? 0;
      switch (this.kind[rule] ?? ALONE) {
        case AT_LEAST:
          if ((used[this.count[rule] ?? 0] ?? 0) < limit) return false;
          break;
        case SKEW:
          if (this.unevenness(rule) > limit) return false;
          break;
        case FOLLOW:
          if (
            out >= 0 &&
            table[(this.leaders[rule] ?? 0) + out] === 0 &&
            (table[(this.members[rule] ?? 0) + out] ?? 0) > 0
          )
            return false;
          break;
        default:
          break;
      }
    }
    return true;
  }

  private unevenness(rule: number): number {
    const start = this.members[rule] ?? 0;
    const counts = this.company.table.subarray(start, start + (this.unitCount[rule] ?? 0));
    return counts.reduce((a, b) => Math.max(a, b), -Infinity) - counts.reduce((a, b) => Math.min(a, b), Infinity);
  }

  private unit(rule: number, place: number): number {
    return place < 0 ? -1 : (this.units[this.domain[rule] ?? 0]?.[place] ?? -1);
  }

  private allows(rule: number, role: number, from: number, to: number): boolean {
    const out = this.unit(rule, from);
    const into = this.unit(rule, to);
    if (out === into) return true;
    const { table, used } = this.company;
    const members = this.members[rule] ?? 0;
    const limit = this.limit[rule] ?? 0;
    switch (this.kind[rule] ?? ALONE) {
      case ALONE:
        return into < 0 || !this.presence.has(this.count[rule] ?? 0, into);
      case APART:
        return into < 0 || (table[members + into] ?? 0) < limit;
      case AT_LEAST:
      case TOGETHER: {
        const now = used[this.count[rule] ?? 0] ?? 0;
        const change =
          (into >= 0 && table[members + into] === 0 ? 1 : 0) - (out >= 0 && table[members + out] === 1 ? 1 : 0);
        return this.kind[rule] === TOGETHER ? change <= 0 || now + change <= 1 : change >= 0 || now + change >= limit;
      }
      case SKEW:
        return this.allowsSkew(rule, out, into);
      case FOLLOW: {
        const leaders = this.leaders[rule] ?? 0;
        const leads = (role & LEADER) !== 0 ? 1 : 0;
        const follows = (role & MEMBER) !== 0 ? 1 : 0;
        if (into >= 0 && follows === 1 && (table[leaders + into] ?? 0) + leads === 0) return false;
        return out < 0 || leads === 0 || (table[leaders + out] ?? 0) > 1 || (table[members + out] ?? 0) - follows === 0;
      }
      default:
        return true;
    }
  }

  /** One unit loses a member (-1: none), another gets one: not more uneven than allowed, or than before. */
  private allowsSkew(rule: number, out: number, into: number): boolean {
    const start = this.members[rule] ?? 0;
    const units = this.unitCount[rule] ?? 0;
    let [most, least, mostThen, leastThen] = [-Infinity, Infinity, -Infinity, Infinity];
    for (let unit = 0; unit < units; unit++) {
      const now = this.company.table[start + unit] ?? 0;
      const then = now + (unit === into ? 1 : 0) - (unit === out ? 1 : 0);
      if (now > most) most = now;
      if (now < least) least = now;
      if (then > mostThen) mostThen = then;
      if (then < leastThen) leastThen = then;
    }
    return mostThen - leastThen <= Math.max(this.limit[rule] ?? 0, most - least);
  }

  /** Members that change places with members change no count; only leaders and members can come apart. */
  private allowsBoth(rule: number, roleA: number, roleB: number, from: number, to: number): boolean {
    if (this.kind[rule] !== FOLLOW || roleA === roleB) return true;
    const out = this.unit(rule, from);
    const into = this.unit(rule, to);
    if (out === into) return true;
    const follows = (roleA & MEMBER) - (roleB & MEMBER);
    const leads = ((roleA & LEADER) - (roleB & LEADER)) / LEADER;
    return this.keeps(rule, into, follows, leads) && this.keeps(rule, out, -follows, -leads);
  }

  private keeps(rule: number, unit: number, moreMembers: number, moreLeaders: number): boolean {
    if (unit < 0) return true;
    const members = this.company.table[(this.members[rule] ?? 0) + unit] ?? 0;
    const leaders = this.company.table[(this.leaders[rule] ?? 0) + unit] ?? 0;
    if (members + moreMembers === 0 || leaders + moreLeaders > 0) return true;
    return members > 0 && leaders === 0 && moreMembers <= 0;
  }
}

/** Rules whose members are alike; `Shares` keeps the others. */
type AlikeRule = Exclude<Rule, ShareRule>;

function setsOf(rule: AlikeRule): { members: Int32Array; domain: number }[] {
  const { domain, members } = rule;
  return rule.kind === 'follow'
    ? [
        { members, domain },
        { members: rule.leaders, domain },
      ]
    : [{ members, domain }];
}

function codeOf(rule: AlikeRule): number {
  switch (rule.kind) {
    case 'apart':
      return APART;
    case 'atLeast':
      return AT_LEAST;
    case 'skew':
      return SKEW;
    case 'together':
      return TOGETHER;
    case 'follow':
      return FOLLOW;
  }
}

function limitOf(rule: AlikeRule): number {
  switch (rule.kind) {
    case 'apart':
    case 'skew':
      return rule.most;
    case 'atLeast':
      return rule.least;
    case 'together':
    case 'follow':
      return 1;
  }
}

/** Sets come in pairs, members and leaders of a rule; a machine in both has one entry with both roles. */
function joinRoles(first: Int32Array, sets: Int32Array): { first: Int32Array; rules: Int32Array; roles: Uint8Array } {
  const joined = new Int32Array(first.length);
  const rules: number[] = [];
  const roles: number[] = [];
  for (let machine = 0; machine + 1 < first.length; machine++) {
    joined[machine] = rules.length;
    for (let i = first[machine] ?? 0; i < (first[machine + 1] ?? 0); i++) {
      const set = sets[i] ?? 0;
      const role = set % 2 === 0 ? MEMBER : LEADER;
      if (role === LEADER && rules.length > (joined[machine] ?? 0) && rules[rules.length - 1] === set >> 1) {
        roles[roles.length - 1] = MEMBER | LEADER;
      } else {
        rules.push(set >> 1);
        roles.push(role);
      }
    }
  }
  joined[first.length - 1] = rules.length;
  return { first: joined, rules: Int32Array.from(rules), roles: Uint8Array.from(roles) };
}
