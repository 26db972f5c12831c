import type { Cause, Reasoning } from '../model/index.js';
import type { Occupancy } from './occupancy.js';
import { percent } from './percent.js';
import { choicesOf } from './goal-choices.js';
import { madeOf } from './select/draft.js';
import { deviationAfter } from './select/goals/imbalance.js';
import { sideGainsOf } from './side-gains.js';
import type { Wish } from './select/wish.js';
import type { View } from './view.js';

/** Why a step aside is in the plan. */
export function reasonAside({ machine, target }: Wish): Reasoning {
  const without = `${machine.name} and a machine on ${target.host} would wait for each other`;
  return { gains: [], runnerUp: null, without };
}

/** Why a wish is in the plan, for each of the wishes that are made. */
export function reasonerOf(view: View, wishes: readonly Wish[]): (wish: Wish) => Reasoning {
  const { final } = madeOf(view, wishes);
  const sideGains = sideGainsOf(view, final, wishes);
  const choiceOf = choicesOf(view, wishes);
  return (wish) => {
    const { gains, together, also = [] } = wish.judgement;
    // Moves that do something only together have no runner-up one by one.
    const choice = together === undefined ? choiceOf(wish) : null;
    const runnerUp = choice === null ? wish.judgement.runnerUp : choice.runnerUp();
    const alone =
      choice === null || runnerUp !== null ? null : `no other host of load policy ${choice.policy.name} could take it`;
    const rounded = [...gains, ...sideGains(wish)].map(({ objective, gain }) => ({ objective, gain: round(gain) }));
    const elsewhere = also.map(
      (cause) => `elsewhere than on ${wish.target.host}, ${lostElsewhere(view, final, wish, cause)}`,
    );
    return {
      gains: rounded.filter(({ gain }) => gain !== 0),
      runnerUp: runnerUp === null ? null : { ...runnerUp, difference: round(runnerUp.difference) },
      ...(alone === null ? {} : { alone }),
      without: [withoutIt(view, final, wish), ...elsewhere, ...(together === undefined ? [] : [together])].join('; '),
    };
  };
}

/** What a goal would miss that sent the machine on from where it was to go before. */
function lostElsewhere(view: View, final: Occupancy, wish: Wish, cause: Cause): string {
  if (cause.kind === 'balance') return `the hosts of load policy ${cause.policy} would be less even`;
  return withoutIt(view, final, { ...wish, cause });
}

/** What there would be if the machine stayed where it is, and all the others moved. */
function withoutIt(view: View, final: Occupancy, { machine, target, cause }: Wish): string {
  const { name } = machine;
  const here = machine.running?.host ?? '';
  switch (cause.kind) {
    case 'load': {
      if (target.host === cause.host)
        return `${name} would stay on ${here}, and take the place of one that leaves ${cause.host}`;
      const share = (view.loads.share(name, cause.metric) ?? 0) / view.loads.full(cause.host, cause.metric);
      const load = (final.load(cause.host, cause.metric) ?? cause.value) + share;
      const side = load > cause.threshold ? 'above' : 'below';
      return `${cause.metric} of ${cause.host} would be ${percent(load)}, ${side} ${percent(cause.threshold)}`;
    }
    case 'balance': {
      const policy = view.desired.loadPolicies.find((entry) => entry.name === cause.policy);
      const hosts = policy?.hosts.flatMap((host) => view.hosts.get(host) ?? []) ?? [];
      const share = (host: string) => (view.loads.share(name, cause.metric) ?? 0) / view.loads.full(host, cause.metric);
      const back = new Map([
        [target.host, -share(target.host)],
        [here, share(here)],
      ] as const);
      const [now, without] = [new Map<string, number>(), back].map((changes) =>
        deviationAfter(final, hosts, cause.metric, changes),
      );
      return `${cause.metric} would deviate by ${percent(without ?? 0)} between hosts (standard deviation), not ${percent(now ?? 0)}`;
    }
    case 'consolidate':
      return `${cause.host} would stay in use`;
    case 'defragment':
      return cause.machine === '' ? 'one slot less would be free' : `${cause.machine} would find no room`;
    case 'drain':
      return `${name} would stay on ${cause.host}, which is drained`;
    case 'deploy':
      return `${name} would run nowhere`;
    case 'placement':
      if (cause.constraint === 'room') return `${name} would stay on ${here}, and leave no room`;
      return `${name} would stay on ${here}, against ${cause.constraint}`;
    case 'requested':
      return `${name} would stay on ${here}, not as requested`;
  }
}

/** So many digits as a person reads, and as are the same on every machine. */
function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
