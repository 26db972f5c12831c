import { Cron } from 'croner';
import type { Limits, MigrationPolicy, Place, Strategy } from '../../model/index.js';
import type { DocumentOf } from '../../model/kinds.generated.js';
import { placeOf, type Checked } from '../check/check.js';
import type { Catalog } from './catalog.js';
import { ALL_STRATEGIES } from './inventory.js';
import { selectedMachines } from './selection.js';

/** A machine's migration policy, the strategies that it allows, and where it says so (null: nowhere). */
export interface AllowedBy {
  readonly policy: MigrationPolicy;
  readonly strategies: readonly Strategy[];
  readonly place: Place | null;
}

/** Policy of the machines that no document selects. */
const BUILT_IN = 'built-in';

/** All migration policies, and which of them a machine has: the one that selects it, else the one without a selector. */
export function migrationPolicies(
  catalog: Catalog,
  limits: Limits,
  clusterPlace: Place,
): { readonly policies: readonly MigrationPolicy[]; readonly of: (machine: string) => AllowedBy } {
  const byMachine = new Map<string, Checked<DocumentOf<'MigrationPolicy'>>>();
  const written = new Map<string, AllowedBy>();
  let general: Checked<DocumentOf<'MigrationPolicy'>> | null = null;
  for (const checked of catalog.all('MigrationPolicy')) {
    const { metadata, spec } = checked.document;
    written.set(metadata.name, allowedBy(catalog, checked, limits));
    if (spec.selector === undefined) {
      if (general !== null) ambiguous(catalog, 'are for all other machines', checked, general, '/metadata/name');
      general ??= checked;
      continue;
    }
    for (const machine of selectedMachines(catalog, spec.selector, checked, '/spec/selector')) {
      const first = byMachine.get(machine);
      if (first === undefined) byMachine.set(machine, checked);
      else ambiguous(catalog, `select the machine "${machine}"`, checked, first, '/spec/selector');
    }
  }
  const fallback = general === null ? builtIn(limits, clusterPlace) : written.get(general.document.metadata.name);
  const rest = fallback ?? builtIn(limits, clusterPlace);
  const policies = [...written.values()].map(({ policy }) => policy);
  return {
    policies: general === null ? [...policies, rest.policy] : policies,
    of: (machine) => written.get(byMachine.get(machine)?.document.metadata.name ?? '') ?? rest,
  };
}

function allowedBy(catalog: Catalog, checked: Checked<DocumentOf<'MigrationPolicy'>>, limits: Limits): AllowedBy {
  const { metadata, spec } = checked.document;
  spec.windows.forEach(({ cron }, index) => {
    const wrong = cronError(cron);
    const place = placeOf(checked, `/spec/windows/${index}/cron`);
    if (wrong !== null) catalog.problem('BadFormat', `"${cron}" is no cron expression: ${wrong}`, CRON_HINT, place);
  });
  const { deadlines, blastRadius } = spec;
  return {
    place: placeOf(checked, spec.strategies === undefined ? '/metadata/name' : '/spec/strategies'),
    strategies: spec.strategies ?? ALL_STRATEGIES,
    policy: {
      name: metadata.name,
      place: placeOf(checked, '/metadata/name'),
      suspended: spec.suspend,
      limits: { ...limits, ...spec.parallel },
      bandwidthMibps: spec.bandwidthMibps,
      autoConverge: spec.autoConverge,
      connections: spec.connections,
      deadline: { baseSeconds: deadlines.baseSeconds, secondsPerGiB: deadlines.secondsPerGiB },
      stepDeadlineSeconds: deadlines.stepSeconds,
      reservationTtlSeconds: spec.reservationTtlSeconds,
      forwardSeconds: spec.forwardSeconds,
      windows: spec.windows,
      approval: spec.approval,
      blastRadius: { maxMoves: blastRadius.maxMoves, maxShare: blastRadius.maxSharePercent / 100 },
      planTtlSeconds: spec.planTtlSeconds,
    },
  };
}

const CRON_HINT = 'minute, hour, day of month, month, day of week in UTC, such as 0 2 * * 6';

function cronError(expression: string): string | null {
  try {
    const next = new Cron(expression, { paused: true, timezone: 'UTC' }).nextRun(new Date(0));
    return next === null ? 'it never comes' : null;
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^CronPattern: /, '') : 'it cannot be read';
  }
}

/** The defaults of the schema, for a cluster that has no policy of its own for a machine. */
function builtIn(limits: Limits, place: Place): AllowedBy {
  return {
    place: null,
    strategies: ALL_STRATEGIES,
    policy: {
      name: BUILT_IN,
      place,
      suspended: false,
      limits,
      bandwidthMibps: 0,
      autoConverge: false,
      connections: 1,
      deadline: { baseSeconds: 120, secondsPerGiB: 10 },
      stepDeadlineSeconds: 60,
      reservationTtlSeconds: 1800,
      forwardSeconds: 60,
      windows: [],
      approval: 'none',
      blastRadius: { maxMoves: 50, maxShare: 0.5 },
      planTtlSeconds: 900,
    },
  };
}

function ambiguous(catalog: Catalog, what: string, second: Checked, first: Checked, pointer: string): void {
  const names = `"${first.document.metadata.name}" and "${second.document.metadata.name}"`;
  const related = [{ message: 'the other policy', place: placeOf(first, pointer) }];
  const message = `two migration policies, ${names}, ${what}`;
  catalog.problem(
    'AmbiguousMigrationPolicy',
    message,
    'narrow one of the selectors',
    placeOf(second, pointer),
    related,
  );
}
