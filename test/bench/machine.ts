import { cpus, totalmem } from 'node:os';
import type { Bench } from './command.js';

/** The head of a report: on what it was measured, when, and with which budgets. */
export function machineText({ data, tools, quick, peers }: Bench): string {
  const all = cpus();
  return [
    `date      ${new Date().toISOString().slice(0, 16)}Z`,
    `machine   ${all[0]?.model.trim() ?? 'unknown CPU'}, ${all.length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, node ${process.version}`,
    `data      ${data ?? 'none: there is no ../shared/data (see --data)'}`,
    `scorers   ${tools ?? 'none (they need ../shared/tools, python3 and numpy): not judged'}`,
    `budgets   ${quick ? 'short (--quick)' : 'those of the targets'}; peers: ${peers}`,
    '',
  ].join('\n');
}
