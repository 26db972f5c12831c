import type { Desired, Place, Plan, Problem } from '../model/index.js';
import { plain } from './escape.js';
import { planFindings } from './findings.js';

/** SARIF 2.1.0 of what a reviewer should see of a plan. */
export function planSarif(plan: Plan, desired: Desired | null): string {
  return problemsSarif(planFindings(plan, desired));
}

/** SARIF 2.1.0, one result a problem; it ends in a newline. */
export function problemsSarif(problems: readonly Problem[]): string {
  const rules = [...new Set(problems.map((problem) => problem.code))].sort().map((id) => ({ id }));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      { tool: { driver: { name: 'berth', rules } }, columnKind: 'utf16CodeUnits', results: problems.map(resultOf) },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function resultOf(problem: Problem): object {
  const hint = problem.hint === '' ? '' : ` (${plain(problem.hint)})`;
  return {
    ruleId: problem.code,
    level: problem.severity,
    message: { text: `${plain(problem.message)}${hint}` },
    locations: problem.place === null ? [] : [locationOf(problem.place)],
    relatedLocations: problem.related.map(({ message, place }) => ({
      ...locationOf(place),
      message: { text: plain(message) },
    })),
  };
}

function locationOf(place: Place): object {
  return {
    physicalLocation: {
      artifactLocation: { uri: place.file.split('/').map(encodeURIComponent).join('/') },
      region: { startLine: place.line, startColumn: place.column },
    },
  };
}
