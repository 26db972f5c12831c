import { deviceKey } from '../../model/index.js';
import { domainOf } from '../constraints/constraint.js';
import type { Occupancy } from '../occupancy.js';
import { demandOf } from '../placement.js';
import type { Amounts } from '../resources.js';
import { add, amountsOf, shortage } from '../resources.js';
import type { View } from '../view.js';
import { spreadRules } from './fits.js';
import type { Hop, OrderedHop } from './hop.js';

interface HostLedger {
  /** What is used when all that came is there and only the hops in `counted` have left. */
  readonly used: Map<string, number>;
  readonly left: { readonly hop: Hop; readonly freed: Amounts }[];
  counted: number;
  readonly came: { readonly hop: Hop; readonly counted: number }[];
}

/**
 * What each hop of a sequence has to wait for, so that nothing breaks in *any* execution that respects it. Hops are asked for in
 * the order of the sequence.
 *
 * Room on a host is handed out cumulatively: every arrival waits for all the departures that earlier arrivals waited for, and for as
 * many more as it takes to fit. Whichever arrivals are there at a moment, the last of them in sequence fitted beside all before it,
 * after departures that have all happened. Arrivals that wait for fewer departures begin before those that wait for more, so that
 * this can be seen arrival by arrival.
 */
export class Dependencies {
  readonly #view: View;
  readonly #start: Occupancy;
  readonly #hosts = new Map<string, HostLedger>();
  /** Hop that freed a device last. */
  readonly #freed = new Map<string, Hop>();
  readonly #made: Hop[] = [];

  constructor(view: View, start: Occupancy) {
    this.#view = view;
    this.#start = start;
  }

  /** What the hop waits for; afterwards it counts as made. */
  of(hop: Hop): Omit<OrderedHop, 'hop'> {
    const after = new Set([...this.#room(hop), ...this.#devices(hop), ...this.#apart(hop), ...this.#chained(hop)]);
    this.#leave(hop);
    this.#made.push(hop);
    return { after: [...after], afterBegin: this.#begun(hop) };
  }

  #room(hop: Hop): readonly Hop[] {
    const ledger = this.#ledgerOf(hop.target.host);
    const capacity = this.#view.hosts.get(hop.target.host)?.capacity ?? new Map<string, number>();
    const wanted = amountsOf(demandOf(hop.wish.machine), hop.target.cell);
    while (shortage(capacity, ledger.used, wanted) !== null && ledger.counted < ledger.left.length) {
      for (const [name, amount] of ledger.left[ledger.counted]?.freed ?? []) add(ledger.used, name, -amount);
      ledger.counted += 1;
    }
    for (const [name, amount] of wanted) add(ledger.used, name, amount);
    ledger.came.push({ hop, counted: ledger.counted });
    return ledger.left.slice(0, ledger.counted).map((departure) => departure.hop);
  }

  /** Arrivals on the same host that could do with fewer departures. */
  #begun(hop: Hop): readonly Hop[] {
    const { came, counted } = this.#ledgerOf(hop.target.host);
    return came.filter((earlier) => earlier.counted < counted).map((earlier) => earlier.hop);
  }

  #devices({ target }: Hop): readonly Hop[] {
    return target.devices
      .flatMap(({ group }) => group)
      .flatMap((device) => this.#freed.get(deviceKey({ host: target.host, device })) ?? []);
  }

  /** A conflicting machine that left the unit earlier must be gone. */
  #apart({ wish, target }: Hop): readonly Hop[] {
    const rules = wish.machine.rules.flatMap((rule) => (rule.kind === 'anti-affinity' ? [rule] : []));
    return this.#made.filter((earlier) =>
      rules.some((rule) => {
        const { machine } = earlier.wish;
        if (earlier.source === null || machine === wish.machine || !rule.machines.includes(machine.name)) return false;
        const left = domainOf(this.#view, earlier.source.host, rule.topology);
        return left === domainOf(this.#view, target.host, rule.topology);
      }),
    );
  }

  /** Moves of one spread rule go one after the other; so do the two hops of one machine. */
  #chained({ wish }: Hop): readonly Hop[] {
    const ofMachine = this.#made.findLast((earlier) => earlier.wish.machine === wish.machine);
    const ofRules = spreadRules(wish.machine).map((rule) =>
      this.#made.findLast((earlier) => rule.machines.includes(earlier.wish.machine.name)),
    );
    return [ofMachine, ...ofRules].filter((earlier) => earlier !== undefined);
  }

  #leave(hop: Hop): void {
    const { source, wish } = hop;
    if (source === null) return;
    const freed =
      this.#start.amountsAt(wish.machine.name, source.host) ?? amountsOf(demandOf(wish.machine), source.cell);
    this.#ledgerOf(source.host).left.push({ hop, freed });
    for (const device of source.devices.flatMap(({ group }) => group)) {
      this.#freed.set(deviceKey({ host: source.host, device }), hop);
    }
  }

  #ledgerOf(host: string): HostLedger {
    const found = this.#hosts.get(host) ?? { used: new Map(this.#start.used(host)), left: [], counted: 0, came: [] };
    this.#hosts.set(host, found);
    return found;
  }
}
