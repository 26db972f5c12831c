import { posix } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import * as formats from 'ajv-formats';
import { complaint } from '../../documents/check/complaint.js';
import { pointerPart, type LocatedDocument } from '../../documents/parse/located.js';
import { parse } from '../../documents/parse/parse.js';
import { problem, type Problem, type Result } from '../../model/index.js';
import { expandScenario } from './expand.js';
import { traceRow } from './load.js';
import { nameProblems, roomProblems } from './scenario-problems.js';
import type { LoadInput, Scenario, ScenarioInput } from './scenario.js';
import { SCENARIO_SCHEMA } from './scenario-schema.js';

const MAX_PROBLEMS = 20;

/**
 * Reads a scenario file. `path` is that of the file in its repository, and is what problems name; `readTrace` gets paths of
 * trace files, which are written relative to the scenario's folder, and answers null for one that is not there.
 */
export async function parseScenario(
  text: string,
  path: string,
  readTrace: (path: string) => Promise<string | null>,
): Promise<Result<Scenario>> {
  const { documents, problems } = parse(path, text);
  const [located, second] = documents;
  if (problems.length > 0) return { ok: false, problems };
  if (located === undefined || second !== undefined) {
    return refused([problem({ code: 'InvalidScenario', message: `${path} must hold one YAML document` })]);
  }
  const validate = scenarioValidator();
  if (!validate(located.value)) {
    const errors = (validate.errors ?? []).filter((error) => error.keyword !== 'if');
    const found = errors.flatMap((error) => complaint(error, errors, located, SCENARIO_SCHEMA) ?? []);
    return refused(found);
  }
  const input = located.value as ScenarioInput;
  const loads = loadsOf(input);
  const traces = await readTraces(path, loads, readTrace);
  const unresolved = [...nameProblems(input, located), ...traceProblems(loads, traces, located)];
  if (unresolved.length > 0) return refused(unresolved);
  const scenario = expandScenario(input, (trace, row) => traceRow(traces.get(trace) ?? '', row));
  const clashes = roomProblems(input, scenario, located);
  return clashes.length > 0 ? refused(clashes) : { ok: true, value: scenario, warnings: [] };
}

function refused(problems: readonly Problem[]): Result<Scenario> {
  return { ok: false, problems: problems.slice(0, MAX_PROBLEMS) };
}

let validator: ValidateFunction | null = null;

function scenarioValidator(): ValidateFunction {
  if (validator !== null) return validator;
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true, verbose: true });
  formats.default.default(ajv, ['date-time']);
  return (validator = ajv.compile(SCENARIO_SCHEMA));
}

interface Written {
  readonly pointer: string;
  readonly owner: string;
  readonly load: LoadInput;
}

function loadsOf(input: ScenarioInput): readonly Written[] {
  const machines = (input.machines ?? []).flatMap(({ name, load }, i) =>
    load === undefined ? [] : [{ pointer: `/machines/${i}/load`, owner: name, load }],
  );
  const others = Object.entries(input.loads ?? {}).map(([owner, load]) => ({
    pointer: `/loads/${pointerPart(owner)}`,
    owner,
    load,
  }));
  return [...machines, ...others];
}

async function readTraces(
  path: string,
  loads: readonly Written[],
  readTrace: (path: string) => Promise<string | null>,
): Promise<ReadonlyMap<string, string>> {
  const traces = new Map<string, string>();
  for (const { load } of loads) {
    const trace = typeof load === 'number' ? undefined : load.trace;
    if (trace === undefined || traces.has(trace)) continue;
    const inside = posix.join(posix.dirname(path), trace);
    const outside = posix.isAbsolute(trace) || inside.startsWith('..');
    const text = outside ? null : await readTrace(inside);
    if (text !== null) traces.set(trace, text);
  }
  return traces;
}

function traceProblems(
  loads: readonly Written[],
  traces: ReadonlyMap<string, string>,
  located: LocatedDocument,
): readonly Problem[] {
  return loads.flatMap(({ load, owner, pointer }) => {
    if (typeof load === 'number' || load.trace === undefined) return [];
    const place = located.at(`${pointer}/trace`);
    const text = traces.get(load.trace);
    const hint = 'a trace is a CSV file in the repository, its path relative to the scenario';
    if (text === undefined) {
      return [problem({ code: 'TraceMissing', message: `there is no trace file ${load.trace}`, place, hint })];
    }
    const row = load.row ?? owner;
    if (traceRow(text, row) !== null) return [];
    const message = `trace ${load.trace} has no good row ${row}`;
    return [problem({ code: 'TraceMissing', message, place, hint: 'a row is a name, then percentages from 0 to 100' })];
  });
}
